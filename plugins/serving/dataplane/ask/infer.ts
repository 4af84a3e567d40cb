/** Answers one inference request: body, version, tensors, run, answer. */
import type { JobPlace } from '../../../../core/capabilities/prediction-jobs.ts';
import { codeOf } from '../../../../core/plugin.ts';
import type { LaneObserver } from '../counters/lane-observer.ts';
import type { Metrics } from '../counters/metrics.ts';
import { type BodyLimits, ClientGone, type HeldBody } from '../http/body.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import { AskerGone } from '../lane/pending.ts';
import type { PredictionLog } from '../logging/prediction-log.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { DeploymentRoute } from '../route/deployment-route.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Router } from '../route/router.ts';
import { giveBack } from '../tensor/row-memory.ts';
import { bytesOf, type Tensor } from '../tensor/tensor.ts';
import type { Answered } from '../tracing/request-spans.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Asked } from './asked.ts';
import { demandTaken } from './demand-taken.ts';
import { longWork, type Paces, shortWork } from './pace.ts';
import { newPredictionId } from './prediction-id.ts';
import { refusedEarly } from './refused-early.ts';
import type { RequestLog } from './request-log.ts';
import { mirror, reserve, type Shadow } from './shadows.ts';
import { headersTurn, parametersTurn } from './take-turn.ts';

export interface InferenceContext extends BodyLimits {
  readonly router: Router;
  readonly metrics: Metrics;
  readonly predictionLog: PredictionLog;
  /** Where jobs are handed in; undefined where nobody works any. */
  readonly jobs: () => JobPlace | undefined;
  readonly requestLog: RequestLog;
  readonly paces: Paces;
  /** Undefined where no traces are sent. */
  readonly tracing: Tracing | undefined;
  /** Whether this process is taking its leave: connections are then closed by their next answer. */
  readonly isDraining: () => boolean;
}

/** Bytes of a body that is worth asking first whether it would be refused; answers that are kept need no turn. */
const longToRead = 1024;

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
  /** Whether the log reads the inputs later. */
  let isHeld = false;
  let shadows: readonly Shadow[] = [];
  let variant = '';
  let led: RoutedVersion | undefined;
  let answering: RoutedVersion | undefined;
  let route: DeploymentRoute | undefined;
  let inputs: readonly Tensor[] | undefined;
  let given: readonly Tensor[] | undefined;
  let model: ModelInterface | undefined;
  let letGo: (() => void) | undefined;
  try {
    held = asked.lentBody(context);
    const isToCome = held === undefined;
    if (isToCome && !asked.isNamed) context.router.demandEnvironment(asked.environment);
    else if (isToCome) {
      demandTaken(context.router, asked);
      const early = refusedEarly(context.router, asked, context.paces);
      if (early !== undefined) {
        answering = early.chosen;
        observer = answering.lane.observer;
        if (asked.version === undefined) led = answering;
        route = context.router.find(asked.environment, asked.model);
        throw early.error;
      }
    }
    held ??= await asked.readBody(context);
    const whole = performance.now();
    started = whole - held.putOff;
    route = context.router.find(asked.environment, asked.model);
    if (!isToCome || !asked.isNamed) route.applied?.rates?.take(asked, whole);
    const chosen = context.router.choose(route, asked.version, asked);
    observer = chosen.lane.observer;
    answering = chosen;
    if (asked.version === undefined) led = chosen;
    model = chosen.lane.held.model!;
    variant = chosen.variant;
    headersTurn(asked.turn, asked, started);
    const body = held;
    const size = body.bytes.length;
    if (size >= longToRead && chosen.cached === undefined) {
      const refused = chosen.lane.refusal(asked.turn, started, context.paces.waitFor(size));
      if (refused !== undefined) throw refused;
    }
    let decoded: InferenceRequest;
    if (size < shortWork) decoded = asked.read(body.bytes, model);
    else {
      const read = context.paces.of(size).do(
        () => readInTime(asked, body.bytes, chosen, started),
        () => {
          // Bytes that are lent are somebody else's when it is read, and the version may be on its way out.
          body.keep();
          letGo = chosen.lane.reserve();
        },
      );
      decoded = read instanceof Promise ? await read : read;
    }
    inputs = decoded.inputs;
    if (decoded.schedule !== undefined) parametersTurn(asked.turn, decoded.schedule, started);
    if (asked.version === undefined) shadows = reserve(route.applied?.shadows());
    if (shadows.length > 0) held.keep();
    if (trace !== undefined) trace.queued = performance.now();
    let isHit = false;
    if (chosen.cached === undefined) given = await chosen.lane.run(inputs, trace?.lane, asked.turn);
    else {
      // It may wait for a run that others asked for, while the version is on its way out.
      letGo ??= chosen.lane.reserve();
      const run = () => chosen.lane.run(decoded.inputs, trace?.lane, asked.turn);
      const { outputs, found } = await chosen.cached.outputs(asked, inputs, run, observer);
      given = outputs;
      isHit = found === 'hit';
      headers.push('switchyard-cache', found);
    }
    if (bytesOf(given) < longWork) asked.answer(chosen, decoded, given, headers);
    else {
      const outputs = given;
      await context.paces.long.do(() => asked.answer(chosen, decoded, outputs, headers));
    }
    const milliseconds = performance.now() - started;
    observer.answered(200, milliseconds / 1000);
    if (isHit) observer.hit(milliseconds / 1000);
    if (led !== undefined) route.applied?.answered(led, asked);
    const { logged } = chosen;
    if (logged !== undefined)
      isHeld = context.predictionLog.take(
        logged,
        model,
        id,
        decoded.inputs,
        given,
        milliseconds,
        tracedFacts(asked, trace),
        shadows.length === 0 && chosen.cached === undefined,
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
    if (isGone(error) || asked.isAnswered) {
      const code = isGone(error) ? 'ClientGone' : about.code;
      if (trace !== undefined) context.tracing?.end(trace, { ...about, code, status: undefined });
      return;
    }
    const { status, code } = asked.refuse(error, [...headers, ...(answering?.headers ?? [])]);
    isWritten = codeOf(error) !== 'NonFiniteOutput';
    const milliseconds = started === 0 ? 0 : performance.now() - started;
    if (observer === undefined) context.metrics.countOther(status);
    else observer.answered(status, milliseconds / 1000);
    if (led !== undefined) route?.applied?.answered(led, asked);
    tell(context, trace, { ...about, status, code }, milliseconds);
  } finally {
    letGo?.();
    // Also what could not be written down: NaN is an answer that counts.
    if (given !== undefined && model !== undefined) observer?.gave(model, given, isWritten);
    if (shadows.length === 0 || held === undefined || model === undefined || inputs === undefined) {
      held?.release();
      // What was run is read no more, unless the log reads it yet, or somebody else's request may share the run.
      if (given !== undefined && inputs !== undefined && !isHeld && answering?.cached === undefined)
        giveBack(inputs, given);
    } else {
      // Once the client has its answer, and those have theirs who were answered by the same run.
      const body = held;
      const original = {
        id,
        asked,
        facts: tracedFacts(asked, trace),
        body: body.bytes,
        variant,
        model,
        inputs,
        outputs: given,
      };
      setImmediate(() => void mirror(context.predictionLog, shadows, original).then(() => body.release()));
    }
  }
}

/** What nobody waits for any more is not read. */
function readInTime(asked: Asked, bytes: Buffer, { lane }: RoutedVersion, started: number): InferenceRequest {
  if (asked.isAnswered) throw new ClientGone();
  const late = lane.lateness(asked.turn, started);
  if (late !== undefined) throw late;
  return asked.read(bytes, lane.held.model!);
}

function isGone(error: unknown): boolean {
  return error instanceof ClientGone || error instanceof AskerGone;
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
  if (trace !== undefined) {
    tracing?.end(trace, answered);
    const { isSampled, traceId } = trace.context;
    if (isSampled) answered.chosen?.lane.observer.traced(milliseconds / 1000, traceId);
  }
  if (requestLog.wants(answered.status, milliseconds)) requestLog.write(answered, trace, milliseconds);
}
