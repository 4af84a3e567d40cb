/** What an inference over REST is, however its body is read and its answer written. */
import type { InferenceError } from '../errors/inference-error.ts';
import type { Exchange } from '../http/exchange.ts';
import { Turn } from '../lane/turn.ts';
import { sendError } from './answer.ts';

export interface InferenceTarget {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
}

export abstract class RestAsked {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
  readonly isNamed = true;
  readonly headers: Exchange['headers'];
  readonly url: string;
  readonly turn = new Turn();
  protected readonly exchange: Exchange;

  constructor({ environment, model, version }: InferenceTarget, exchange: Exchange) {
    this.environment = environment;
    this.model = model;
    this.version = version;
    this.headers = exchange.headers;
    this.url = exchange.url;
    this.exchange = exchange;
    this.turn.watch = exchange.watch;
    exchange.turn = this.turn;
  }

  get isAnswered(): boolean {
    return this.exchange.isAnswered;
  }

  refuse(thrown: unknown, facts: readonly string[]): InferenceError {
    return sendError(this.exchange, thrown, facts);
  }
}
