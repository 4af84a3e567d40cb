/** Answers one inference request: body, version, tensors, run, answer. */
import { codeOf } from '../../../../core/plugin.ts';
import type { Metrics } from '../control/metrics.ts';
import { type BodyLimits, ClientGone, type HeldBody } from '../http/body.ts';
import type { PredictionLog } from '../logging/prediction-log.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { DeploymentRoute } from '../route/deployment-route.ts';
import type { RequestFacts } from '../route/request-facts.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Router } from '../route/router.ts';
import type { LaneObserver } from '../run/lane.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Answered } from '../tracing/request-spans.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Asked } from './asked.ts';
import { newPredictionId } from './prediction-id.ts';
import type { RequestLog } from './request-log.ts';
import { mirror, reserve, type Shadow } from './shadows.ts';

export interface InferenceContext extends BodyLimits {
  readonly router: Router;
  readonly metrics: Metrics;
  readonly predictionLog: PredictionLog;
  readonly requestLog: RequestLog;
  /** Undefined where no traces are sent. */
  readonly tracing: Tracing | undefined;
  /** Whether this process is taking its leave: connections are then closed by their next answer. */
  readonly isDraining: () => boolean;
}

/** Never rejects: whatever goes wrong becomes the answer. */
export async function infer(context: InferenceContext, asked: Asked): Promise<void> {
  const id = newPredictionId();
  const headers = ['switchyard-prediction-id', id];
  const trace = context.tracing?.begin(asked);
  if (trace !== undefined) headers.push('traceresponse', trace.header);
  let observer: LaneObserver | undefined;
  let started = 0;
  let held: HeldBody | undefined;
  let isWritten = true;
  let shadows: readonly Shadow[] = [];
  let variant = '';
  let led: RoutedVersion | undefined;
  let answering: RoutedVersion | undefined;
  let route: DeploymentRoute | undefined;
  let inputs: readonly Tensor[] | undefined;
  let given: readonly Tensor[] | undefined;
  let model: ModelInterface | undefined;
  try {
    held = await asked.readBody(context);
    const body = held.bytes;
    started = performance.now();
    route = context.router.find(asked.environment, asked.model);
    const chosen = context.router.choose(route, asked.version, asked);
    observer = chosen.lane.observer;
    answering = chosen;
    if (asked.version === undefined) led = chosen;
    headers.push(...chosen.headers);
    model = chosen.lane.held.model!;
    variant = chosen.variant;
    const decoded = asked.read(body, model);
    inputs = decoded.inputs;
    if (asked.version === undefined) shadows = reserve(route.applied?.shadows());
    if (trace !== undefined) trace.queued = performance.now();
    given = await chosen.lane.run(inputs, trace?.lane);
    asked.answer(chosen, decoded, given, headers);
    const milliseconds = performance.now() - started;
    observer.answered(200, milliseconds / 1000);
    if (led !== undefined) route.applied?.answered(led, asked);
    const { logged } = chosen;
    if (logged !== undefined)
      context.predictionLog.take(
        logged,
        model,
        id,
        decoded.inputs,
        given,
        milliseconds,
        tracedFacts(asked, trace),
      );
    if (trace !== undefined || context.requestLog.wants(200, milliseconds)) {
      tell(
        context,
        trace,
        { request: asked, target: asked, chosen, predictionId: id, status: 200 },
        milliseconds,
      );
    }
  } catch (error) {
    const about = { request: asked, target: asked, chosen: answering, predictionId: id, code: codeOf(error) };
    if (error instanceof ClientGone || asked.isAnswered) {
      const code = error instanceof ClientGone ? 'ClientGone' : about.code;
      if (trace !== undefined) context.tracing?.end(trace, { ...about, code, status: undefined });
      return;
    }
    const { status, code } = asked.refuse(error, headers);
    isWritten = codeOf(error) !== 'NonFiniteOutput';
    const milliseconds = started === 0 ? 0 : performance.now() - started;
    if (observer === undefined) context.metrics.countOther(status);
    else observer.answered(status, milliseconds / 1000);
    if (led !== undefined) route?.applied?.answered(led, asked);
    tell(context, trace, { ...about, status, code }, milliseconds);
  } finally {
    // Also what could not be written down: NaN is an answer that counts.
    if (given !== undefined && model !== undefined) observer?.gave(model, given, isWritten);
    if (shadows.length === 0 || held === undefined || model === undefined || inputs === undefined) {
      held?.release();
    } else {
      // Once the client has its answer, and those have theirs who were answered by the same run.
      const { bytes, release } = held;
      const original = {
        id,
        asked,
        facts: tracedFacts(asked, trace),
        body: bytes,
        variant,
        model,
        inputs,
        outputs: given,
      };
      setImmediate(() => void mirror(context.predictionLog, shadows, original).then(release));
    }
  }
}

/** What the log of predictions reads of a request. Its headers may be those of the next one, too, and stay as they are. */
function tracedFacts(asked: Asked, trace: RequestTrace | undefined): RequestFacts {
  if (trace === undefined) return asked;
  return { headers: asked.headers, url: asked.url, traceparent: trace.header };
}

/** Tells who watches what came of a request. */
function tell(
  { tracing, requestLog }: InferenceContext,
  trace: RequestTrace | undefined,
  answered: Answered & { readonly status: number },
  milliseconds: number,
): void {
  if (trace !== undefined) tracing?.end(trace, answered);
  if (requestLog.wants(answered.status, milliseconds)) requestLog.write(answered, trace, milliseconds);
}
