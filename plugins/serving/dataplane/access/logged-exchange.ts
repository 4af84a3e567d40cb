/** A request of which the access log is told how it was answered. */
import { type Answer, allHeaders, type Exchange, lengthOf } from '../http/exchange.ts';
import { ForwardedExchange } from '../http/forwarded-exchange.ts';
import { RunWatch } from '../lane/run-watch.ts';
import type { Access } from './access.ts';

export class LoggedExchange extends ForwardedExchange {
  readonly #watch = new RunWatch();
  readonly #access: Access;
  readonly #began = performance.now();

  constructor(exchange: Exchange, access: Access) {
    super(exchange);
    this.#access = access;
  }

  override get watch(): RunWatch {
    return this.#watch;
  }

  answer(answer: Answer): void {
    const isAnswered = this.exchange.isAnswered;
    this.exchange.answer(answer);
    const { status, text } = answer;
    if (isAnswered || !this.#access.wants(status)) return;
    const { method, url, headers } = this.exchange;
    this.#access.write({
      protocol: 'http',
      method,
      url,
      request: { headers, url },
      status,
      said: allHeaders(answer),
      bytes: lengthOf(answer),
      milliseconds: performance.now() - this.#began,
      watch: this.#watch,
      code: status >= 400 ? codeIn(text) : undefined,
    });
  }
}

/** Of an error, as its body has it. */
function codeIn(text: string): string | undefined {
  try {
    const { code } = JSON.parse(text) as { readonly code?: unknown };
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
}
