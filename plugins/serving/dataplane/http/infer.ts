/** Answers one inference request: body, version, tensors, run, answer. */
import { codeOf } from '../../../../core/plugin.ts';
import type { Metrics } from '../control/metrics.ts';
import type { PredictionLog } from '../logging/prediction-log.ts';
import { answerDistance } from '../observe/answer-distance.ts';
import { encodeInferenceResponse } from '../protocol/inference-response.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import { readInferenceRequest } from '../protocol/request-reader.ts';
import type { DeploymentRoute } from '../route/deployment-route.ts';
import type { RequestFacts } from '../route/request-facts.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Router } from '../route/router.ts';
import type { LaneObserver } from '../run/lane.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Answered } from '../tracing/request-spans.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { sendError, sendInference } from './answer.ts';
import { type BodyLimits, ClientGone, type HeldBody } from './body.ts';
import { jsonLengthOf } from './content-type.ts';
import type { Exchange } from './exchange.ts';
import { newPredictionId } from './prediction-id.ts';
import type { RequestLog } from './request-log.ts';

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

export interface InferenceTarget {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
}

/** Never rejects: whatever goes wrong becomes the answer. */
export async function infer(
  context: InferenceContext,
  target: InferenceTarget,
  exchange: Exchange,
): Promise<void> {
  const id = newPredictionId();
  const headers = ['switchyard-prediction-id', id];
  const trace = context.tracing?.begin(exchange);
  if (trace !== undefined) headers.push('traceresponse', trace.header);
  let observer: LaneObserver | undefined;
  let started = 0;
  let jsonLength: number | undefined;
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
    jsonLength = jsonLengthOf(exchange.headers);
    held = await exchange.readBody(context);
    const body = held.bytes;
    started = performance.now();
    route = context.router.find(target.environment, target.model);
    const chosen = context.router.choose(route, target.version, exchange);
    observer = chosen.lane.observer;
    answering = chosen;
    if (target.version === undefined) led = chosen;
    headers.push(...chosen.headers);
    model = chosen.lane.held.model!;
    variant = chosen.variant;
    const decoded = readInferenceRequest(body, jsonLength, model);
    inputs = decoded.inputs;
    if (target.version === undefined) shadows = reserve(route.applied?.shadows());
    if (trace !== undefined) trace.queued = performance.now();
    given = await chosen.lane.run(inputs, trace?.lane);
    const encoded = encodeInferenceResponse(chosen.template, model, decoded, given);
    sendInference(exchange, encoded, headers);
    const milliseconds = performance.now() - started;
    observer.answered(200, milliseconds / 1000);
    if (led !== undefined) route.applied?.answered(led, exchange);
    const { logged } = chosen;
    if (logged !== undefined)
      context.predictionLog.take(
        logged,
        model,
        id,
        decoded.inputs,
        given,
        milliseconds,
        tracedFacts(exchange, trace),
      );
    if (trace !== undefined || context.requestLog.wants(200, milliseconds)) {
      tell(
        context,
        trace,
        { request: exchange, target, chosen, predictionId: id, status: 200 },
        milliseconds,
      );
    }
  } catch (error) {
    const about = { request: exchange, target, chosen: answering, predictionId: id, code: codeOf(error) };
    if (error instanceof ClientGone || exchange.isAnswered) {
      const code = error instanceof ClientGone ? 'ClientGone' : about.code;
      if (trace !== undefined) context.tracing?.end(trace, { ...about, code, status: undefined });
      return;
    }
    const { status, code } = sendError(exchange, error, headers);
    isWritten = codeOf(error) !== 'NonFiniteOutput';
    const milliseconds = started === 0 ? 0 : performance.now() - started;
    if (observer === undefined) context.metrics.countOther(status);
    else observer.answered(status, milliseconds / 1000);
    if (led !== undefined) route?.applied?.answered(led, exchange);
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
        request: tracedFacts(exchange, trace),
        body: bytes,
        jsonLength,
        variant,
        model,
        inputs,
        outputs: given,
      };
      setImmediate(() => void mirror(context, shadows, original).then(release));
    }
  }
}

/** What the log of predictions reads of a request. Its headers may be those of the next one, too, and stay as they are. */
function tracedFacts(exchange: Exchange, trace: RequestTrace | undefined): RequestFacts {
  if (trace === undefined) return exchange;
  return { headers: exchange.headers, url: exchange.url, traceparent: trace.header };
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

/**
 * Lets shadows see the request. No client waits for what they answer, and a shadow that fails harms nobody. Resolves when none
 * of them needs the body any longer. Never rejects.
 */
function mirror(context: InferenceContext, shadows: readonly Shadow[], original: Original): Promise<unknown> {
  return Promise.all(shadows.map((shadow) => mirrorTo(context, shadow, original)));
}

/** The lane of a version that is to see a request, kept open until the request is in its queue. */
interface Shadow {
  readonly version: RoutedVersion;
  readonly letGo: () => void;
}

const none: readonly RoutedVersion[] = [];

function reserve(versions: readonly RoutedVersion[] = none): readonly Shadow[] {
  return versions.map((version) => ({ version, letGo: version.lane.reserve() }));
}

async function mirrorTo(
  { predictionLog }: InferenceContext,
  { version: { lane, logged }, letGo }: Shadow,
  original: Original,
): Promise<void> {
  const { observer } = lane;
  const { model } = lane.held;
  const started = performance.now();
  const count = (status: number): void => observer.answered(status, (performance.now() - started) / 1000);
  try {
    if (model === undefined) return;
    const inputs = inputsFor(model, original);
    const running = lane.run(inputs);
    letGo();
    const outputs = await running;
    count(200);
    observer.gave(model, outputs, true);
    const { id, request } = original;
    if (logged !== undefined)
      predictionLog.take(logged, model, id, inputs, outputs, performance.now() - started, request);
    // Only stable is what others are compared with, and a failure of its own says nothing of them.
    if (original.variant !== 'stable' || original.outputs === undefined) return;
    observer.differed(answerDistance(original.model, original.outputs, model, outputs));
  } catch (error) {
    count(statusOf(error));
  } finally {
    letGo();
  }
}

/** A request, and what a client was answered. */
interface Original {
  /** Of the prediction: what a shadow made of the same request bears the same. */
  readonly id: string;
  readonly request: RequestFacts;
  readonly body: Buffer;
  readonly jsonLength: number | undefined;
  readonly variant: string;
  readonly model: ModelInterface;
  /** As its model takes them. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[] | undefined;
}

/** What was read for one model is what another reads where both take and give the same. Throws what decoding throws. */
function inputsFor(model: ModelInterface, { body, jsonLength, inputs, ...original }: Original) {
  if (isAlike(model, original.model)) return inputs;
  return readInferenceRequest(body, jsonLength, model).inputs;
}

const alike = new WeakMap<ModelInterface, WeakMap<ModelInterface, boolean>>();

function isAlike(one: ModelInterface, other: ModelInterface): boolean {
  let known = alike.get(one);
  if (known === undefined) {
    known = new WeakMap();
    alike.set(one, known);
  }
  let answer = known.get(other);
  if (answer === undefined) {
    answer = JSON.stringify([one.inputs, one.outputs]) === JSON.stringify([other.inputs, other.outputs]);
    known.set(other, answer);
  }
  return answer;
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
}
