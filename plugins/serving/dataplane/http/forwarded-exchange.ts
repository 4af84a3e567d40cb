/** An exchange that hands all on to another: what stands around one says only what it does otherwise. */
import type { BodyLimits, HeldBody } from './body.ts';
import type { Answer, Exchange } from './exchange.ts';

export abstract class ForwardedExchange implements Exchange {
  protected readonly exchange: Exchange;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  get method(): string {
    return this.exchange.method;
  }

  get url(): string {
    return this.exchange.url;
  }

  get headers(): Exchange['headers'] {
    return this.exchange.headers;
  }

  get watch(): Exchange['watch'] {
    return this.exchange.watch;
  }

  get isAnswered(): boolean {
    return this.exchange.isAnswered;
  }

  get turn(): Exchange['turn'] {
    return this.exchange.turn;
  }

  set turn(turn: Exchange['turn']) {
    this.exchange.turn = turn;
  }

  lentBody(limits: BodyLimits): HeldBody | undefined {
    return this.exchange.lentBody(limits);
  }

  readBody(limits: BodyLimits): Promise<HeldBody> {
    return this.exchange.readBody(limits);
  }

  abstract answer(answer: Answer): void;
}
