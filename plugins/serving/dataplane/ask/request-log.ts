import { parseTraceparent } from '../../../../libraries/otlp/trace-context.ts';
import type { Log } from '../log.ts';
import type { Answered } from '../tracing/request-spans.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';

/** Which answers get a line of the log. */
export interface RequestLogRules {
  readonly requests: 'errors' | 'all' | 'none';
  /** Slower than so many milliseconds; undefined: none for that. */
  readonly slowMs: number | undefined;
}

/** Lines of a second, beyond which they are counted: a storm of errors is not to become a storm of lines. */
const mostInASecond = 20;

/** Lines about answers. Each is written while others wait, so there are few. */
export class RequestLog {
  readonly #rules: RequestLogRules;
  readonly #log: Log;
  readonly #slowMs: number;
  #second = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(rules: RequestLogRules, log: Log) {
    this.#rules = rules;
    this.#log = log;
    this.#slowMs = rules.slowMs ?? Number.POSITIVE_INFINITY;
  }

  /** Whether an answer gets a line; asked for each. */
  wants(status: number, milliseconds: number): boolean {
    const { requests } = this.#rules;
    return requests === 'all' || milliseconds > this.#slowMs || (status >= 500 && requests === 'errors');
  }

  write(
    answered: Answered & { readonly status: number },
    trace: RequestTrace | undefined,
    milliseconds: number,
  ): void {
    if (!this.#hasRoom()) return;
    const { request, chosen, predictionId, status, code } = answered;
    const context = trace?.context ?? parseTraceparent(request.headers.traceparent);
    const isSlow = milliseconds > this.#slowMs;
    this.#log(
      status >= 500 ? 'request failed' : isSlow ? 'request was slow' : 'request answered',
      {
        status,
        ...(code === undefined ? {} : { code }),
        milliseconds: Math.round(milliseconds * 10) / 10,
        environment: chosen?.entry.environment,
        deployment: chosen?.entry.name,
        version: chosen?.version,
        variant: chosen?.variant,
        prediction: predictionId,
        trace_id: context?.traceId,
        span_id: context?.spanId,
      },
      status >= 500 || isSlow ? 'warn' : 'info',
    );
  }

  #hasRoom(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      if (this.#leftOut > 0) {
        this.#log('more lines about requests were left out', { leftOut: this.#leftOut }, 'warn');
      }
      this.#second = second;
      this.#lines = 0;
      this.#leftOut = 0;
    }
    if (this.#lines < mostInASecond) {
      this.#lines++;
      return true;
    }
    this.#leftOut++;
    return false;
  }
}
