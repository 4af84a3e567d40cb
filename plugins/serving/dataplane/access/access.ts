/** What the access log is told of requests, in whatever protocol they came. */
import { type Refused, refusal } from '../http/refusal.ts';
import { type RequestFacts, unasked } from '../http/request-facts.ts';
import { RunWatch } from '../lane/run-watch.ts';
import type { PredictionLog } from '../logging/prediction-log.ts';
import type { Router } from '../route/router.ts';
import { type Accessed, accessLine } from './access-line.ts';
import type { AccessLog } from './access-log.ts';
import { RequestKeys } from './request-keys.ts';

const longestMethod = 256;

/** A call by gRPC that is under way. */
export interface LoggedCall {
  readonly watch: RunWatch;
  /** `said` are names and values in turn. */
  answered(status: number, bytes: number, said: readonly string[], code?: string): void;
}

export class Access {
  readonly #log: AccessLog;
  readonly #keys: RequestKeys;

  constructor(log: AccessLog, router: Router, predictionLog: Pick<PredictionLog, 'pseudonymOf'>) {
    this.#log = log;
    this.#keys = new RequestKeys(router, predictionLog);
  }

  /** Whether a request that was answered so gets a line; asked once for each. */
  wants(status: number): boolean {
    return this.#log.wants(status);
  }

  write(facts: Accessed): void {
    this.#log.write(accessLine(facts, this.#keys.of(facts.said, facts.request)));
  }

  /** A line with what is known, for what no handler could answer. */
  refused({ error, request }: Refused): void {
    const { status, code } = error;
    if (!this.wants(status)) return;
    const exchange = request?.exchange;
    this.write({
      protocol: 'http',
      method: exchange?.method,
      url: exchange?.url,
      request: exchange ?? unasked,
      status,
      said: [],
      bytes: refusal(error).textLength,
      milliseconds: request && performance.now() - request.since,
      watch: new RunWatch(),
      code,
    });
  }

  /** `path`: `/inference.GRPCInferenceService/ModelInfer`. */
  call(path: string, headers: RequestFacts['headers']): LoggedCall {
    const watch = new RunWatch();
    const began = performance.now();
    const url = path.startsWith('/') ? path : `/${path}`;
    const method = url.slice(url.lastIndexOf('/') + 1, longestMethod);
    return {
      watch,
      answered: (status, bytes, said, code) => {
        if (!this.wants(status)) return;
        const milliseconds = performance.now() - began;
        const request = { headers };
        this.write({
          protocol: 'grpc',
          method,
          url,
          request,
          status,
          said,
          bytes,
          milliseconds,
          watch,
          code,
        });
      },
    };
  }
}
