/** What a line of the access log says: facts of a request and its answer, and nothing that either of them holds. */
import { parseTraceparent } from '../../../../libraries/otlp/trace-context.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { RunWatch } from '../lane/run-watch.ts';

export interface Accessed {
  readonly protocol: 'http' | 'grpc';
  /** Undefined, as the path and the time, where nobody could read the head of the request. */
  readonly method: string | undefined;
  /** As it came. */
  readonly url: string | undefined;
  readonly request: RequestFacts;
  readonly status: number;
  /** The headers of the answer, names and values in turn. */
  readonly said: readonly string[];
  readonly bytes: number;
  readonly milliseconds: number | undefined;
  readonly watch: RunWatch;
  /** Of an error. */
  readonly code: string | undefined;
}

const longestPath = 512;
/** Who knows the path of a job may read and cancel it. */
const jobKey = /^(\/v2\/jobs\/[^./]*)\.[^/]*/;

/** What of the answer's headers is told. */
interface Said {
  deployment: string | undefined;
  version: string | undefined;
  variant: string | undefined;
  prediction: string | undefined;
  trace: string | undefined;
}

/** `key`: a pseudonym of whose request it was. */
export function accessLine(accessed: Accessed, key: string | undefined): object {
  const { watch, request } = accessed;
  const { deployment = '', version, variant, prediction, trace } = saidIn(accessed.said);
  const slash = deployment.indexOf('/');
  const sent = request.headers.traceparent;
  const context = parseTraceparent(trace ?? (typeof sent === 'string' ? sent : undefined));
  const wasRun = watch.rows > 0;
  return {
    protocol: accessed.protocol,
    method: accessed.method,
    path: accessed.url === undefined ? undefined : pathOf(accessed.url),
    status: accessed.status,
    code: accessed.code,
    bytes: accessed.bytes,
    milliseconds: accessed.milliseconds === undefined ? undefined : rounded(accessed.milliseconds),
    environment: slash < 0 ? undefined : deployment.slice(0, slash),
    deployment: slash < 0 ? undefined : deployment.slice(slash + 1),
    version,
    variant,
    queueMilliseconds: wasRun ? rounded(watch.waitedMs) : undefined,
    batchRows: wasRun ? watch.rows : undefined,
    prediction,
    trace_id: context?.traceId,
    span_id: trace === undefined ? undefined : context?.spanId,
    key,
  };
}

function saidIn(headers: readonly string[]): Said {
  const said: Said = {
    deployment: undefined,
    version: undefined,
    variant: undefined,
    prediction: undefined,
    trace: undefined,
  };
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = told[headers[index]!];
    if (name !== undefined) said[name] = headers[index + 1];
  }
  return said;
}

const told: Readonly<Record<string, keyof Said | undefined>> = {
  'switchyard-deployment': 'deployment',
  'switchyard-model-version': 'version',
  'switchyard-variant': 'variant',
  'switchyard-prediction-id': 'prediction',
  traceresponse: 'trace',
};

/** Without its query, without whatever stands before a path and without the key of a job: all may hold secrets. */
function pathOf(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)).replace(jobKey, '$1.*').slice(0, longestPath);
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
