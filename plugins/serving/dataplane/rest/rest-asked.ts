/** What an inference over REST is, however its body is read and its answer written. */
import type { InferenceTarget } from '../ask/asked.ts';
import type { InferenceError } from '../errors/inference-error.ts';
import type { Exchange } from '../http/exchange.ts';
import { sendError } from '../http/json-answer.ts';
import { Turn } from '../lane/turn.ts';

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
