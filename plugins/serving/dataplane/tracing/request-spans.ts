/** The spans of a request that was answered: itself, its wait, and the runs that it was part of. */
import { type Attributes, newSpanId, type Span } from '../../../../libraries/otlp/index.ts';
import { headerOf, type RequestFacts } from '../http/request-facts.ts';
import type { TracedRun } from '../lane/traced-run.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { RequestTrace } from './request-trace.ts';

export interface Answered {
  readonly request: RequestFacts;
  readonly target: { readonly environment: string | undefined; readonly version: string | undefined };
  readonly chosen: RoutedVersion | undefined;
  readonly predictionId: string;
  /** Undefined where the client went before. */
  readonly status: number | undefined;
  /** Of an error. */
  readonly code?: string;
}

export function requestSpans(trace: RequestTrace, answered: Answered, ended: number): readonly Span[] {
  const { context, parent, began, queued, runs } = trace;
  const { wall, clock } = began;
  // Whatever the system's clock did meanwhile: what belongs together is placed by one look at it.
  const at = (time: number): number => wall + (time - clock);
  const { traceId } = context;
  const child = (name: string, from: number, to: number, more: Partial<Span> = {}): Span => ({
    ...{ traceId, spanId: newSpanId(), parentSpanId: context.spanId, name, kind: 'internal' },
    ...{ start: at(from), end: at(to), attributes: {} },
    ...more,
  });
  const spans = [requestSpan(trace, answered, at(clock), at(ended))];
  if (parent !== undefined) {
    const state = parent.state === undefined ? {} : { traceState: parent.state };
    spans[0] = { ...spans[0]!, ...state, parentSpanId: parent.spanId, isParentRemote: true };
  }
  let since = queued;
  for (const run of runs) {
    spans.push(child('queue', since, run.taken));
    spans.push(...runSpans(trace, run, child));
    since = run.settled === 0 ? ended : run.settled;
  }
  // It waited, and nobody came: its time was over, or the version is gone.
  if (runs.length === 0 && queued > 0) spans.push(child('queue', queued, ended));
  return spans;
}

/** Links of one span. */
const mostLinks = 128;

/** A run that several requests share is one span, of whoever came first; the batches of the others point to it, and its own to them. */
function runSpans(
  trace: RequestTrace,
  run: TracedRun,
  child: (name: string, from: number, to: number, more?: Partial<Span>) => Span,
): readonly Span[] {
  const { taken, began, ended, settled, rows, requests, leader, spanId } = run;
  const attributes = { 'switchyard.batch.rows': rows, 'switchyard.batch.requests': requests };
  const last = Math.max(taken, began, ended, settled);
  const failed = run.error === undefined ? {} : { error: run.error };
  if (requests === 1) return [child('run', began, last, { spanId, attributes, ...failed })];
  if (leader !== trace) {
    const { traceId } = (leader as RequestTrace).context;
    return [child('batch', taken, last, { attributes, links: [{ traceId, spanId }] })];
  }
  const links = run.followers.slice(0, mostLinks).map((follower) => {
    const { traceId, spanId: request } = (follower as RequestTrace).context;
    return { traceId, spanId: request };
  });
  const batch = child('batch', taken, last, { attributes, ...(links.length === 0 ? {} : { links }) });
  const end = ended === 0 ? last : ended;
  return [batch, child('run', began, end, { spanId, parentSpanId: batch.spanId, attributes, ...failed })];
}

function requestSpan(
  { context }: RequestTrace,
  { request, target, chosen, predictionId, status, code }: Answered,
  start: number,
  end: number,
): Span {
  const { name, attributes } = request.url === undefined ? ofGrpc : ofHttp(request.url, target, status);
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    name,
    kind: 'server',
    start,
    end,
    attributes: {
      ...attributes,
      'user_agent.original': headerOf(request, 'user-agent')?.slice(0, 256),
      'error.type': code,
      'switchyard.environment': chosen?.entry.environment,
      'switchyard.deployment': chosen?.entry.name,
      'switchyard.model': chosen?.entry.model,
      'switchyard.version': chosen?.version,
      'switchyard.variant': chosen?.variant,
      'switchyard.commit': chosen?.entry.commit,
      'switchyard.prediction.id': predictionId,
    },
    // What a client did wrong is no error of a server.
    ...(code !== undefined && (status === undefined || status >= 500) ? { error: code } : {}),
  };
}

/** A request that came by gRPC has no path. */
const ofGrpc = {
  name: 'inference.GRPCInferenceService/ModelInfer',
  attributes: {
    'rpc.system': 'grpc',
    'rpc.service': 'inference.GRPCInferenceService',
    'rpc.method': 'ModelInfer',
  },
} as const;

function ofHttp(
  url: string,
  target: Answered['target'],
  status: number | undefined,
): { readonly name: string; readonly attributes: Attributes } {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const route = routeOf(target, /\/predict\/?$/.test(path) ? 'predict' : 'infer');
  return {
    name: `POST ${route}`,
    attributes: {
      'http.request.method': 'POST',
      'http.route': route,
      'http.response.status_code': status,
      'url.scheme': 'http',
      'url.path': path,
    },
  };
}

function routeOf({ environment, version }: Answered['target'], action: 'infer' | 'predict'): string {
  const place = environment === undefined ? '' : '/environments/{environment}';
  return `${place}/v2/models/{model}${version === undefined ? '' : '/versions/{version}'}/${action}`;
}
