/** Answers one inference request: body, version, tensors, run, answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Metrics } from '../control/metrics.ts';
import type { PredictionLog } from '../logging/prediction-log.ts';
import { answerDistance } from '../observe/answer-distance.ts';
import { encodeInferenceResponse } from '../protocol/inference-response.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import { readInferenceRequest } from '../protocol/request-reader.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Router } from '../route/router.ts';
import type { LaneObserver } from '../run/lane.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sendError, sendInference } from './answer.ts';
import { type BodyLimits, ClientGone, type HeldBody, readBody } from './body.ts';
import { jsonLengthOf } from './content-type.ts';
import { newPredictionId } from './prediction-id.ts';

export interface InferenceContext extends BodyLimits {
  readonly router: Router;
  readonly metrics: Metrics;
  readonly predictionLog: PredictionLog;
  /** Whether this process is taking its leave: connections are then closed by their next answer. */
  readonly isDraining: () => boolean;
}

const closing: readonly string[] = ['connection', 'close'];
const keeping: readonly string[] = [];

/** Headers about the connection, for an answer that is sent now. */
export function connectionHeaders(context: InferenceContext): readonly string[] {
  return context.isDraining() ? closing : keeping;
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
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = newPredictionId();
  const headers = ['switchyard-prediction-id', id];
  let observer: LaneObserver | undefined;
  let started = 0;
  let held: HeldBody | undefined;
  let mirrored: Promise<unknown> | undefined;
  let given: readonly Tensor[] | undefined;
  let model: ModelInterface | undefined;
  try {
    const jsonLength = jsonLengthOf(request.headers);
    held = await readBody(request, context);
    const body = held.bytes;
    started = performance.now();
    const route = context.router.find(target.environment, target.model);
    const chosen = context.router.choose(route, target.version, request);
    observer = chosen.lane.observer;
    headers.push(...chosen.headers);
    model = chosen.lane.held.model!;
    const decoded = readInferenceRequest(body, jsonLength, model);
    const running = chosen.lane.run(decoded.inputs);
    if (target.version === undefined) {
      const shadows = route.applied?.shadows() ?? [];
      const original = { id, request, variant: chosen.variant, model, answer: running };
      mirrored = mirror(context, shadows, body, jsonLength, original);
    }
    given = await running;
    const encoded = encodeInferenceResponse(chosen.template, model, decoded, given);
    headers.push(...connectionHeaders(context));
    sendInference(response, encoded, headers);
    const milliseconds = performance.now() - started;
    observer.answered(200, milliseconds / 1000);
    const { logged } = chosen;
    if (logged !== undefined)
      context.predictionLog.take(logged, model, id, decoded.inputs, given, milliseconds, request);
  } catch (error) {
    if (error instanceof ClientGone || response.headersSent) return;
    const { status } = sendError(response, error, [...headers, ...connectionHeaders(context)]);
    if (observer === undefined) context.metrics.countOther(status);
    else observer.answered(status, (performance.now() - started) / 1000);
  } finally {
    // Also what could not be written down: NaN is an answer that counts.
    if (given !== undefined && model !== undefined) observer?.gave(model, given);
    if (mirrored === undefined) held?.release();
    else void mirrored.then(held?.release);
  }
}

/**
 * Lets shadows see the request. No client waits for what they answer, and a shadow that fails harms nobody. Resolves when
 * none of them needs the body any longer; undefined where none does.
 */
function mirror(
  { predictionLog }: InferenceContext,
  shadows: readonly RoutedVersion[],
  body: Buffer,
  jsonLength: number | undefined,
  original: Original,
): Promise<unknown> | undefined {
  const running: Promise<void>[] = [];
  for (const shadow of shadows) {
    const model = shadow.lane.held.model;
    if (model === undefined) continue;
    const started = performance.now();
    const { logged } = shadow;
    const count = (status: number): void =>
      shadow.lane.observer.answered(status, (performance.now() - started) / 1000);
    try {
      const { inputs } = readInferenceRequest(body, jsonLength, model);
      const counted = shadow.lane.run(inputs).then(
        (outputs) => {
          count(200);
          shadow.lane.observer.gave(model, outputs);
          const { id, request } = original;
          if (logged !== undefined)
            predictionLog.take(logged, model, id, inputs, outputs, performance.now() - started, request);
          return compare(original, model, outputs, shadow.lane.observer);
        },
        (error: unknown) => count(statusOf(error)),
      );
      running.push(counted);
    } catch (error) {
      count(statusOf(error));
    }
  }
  return running.length === 0 ? undefined : Promise.all(running);
}

/** What a client was answered. */
interface Original {
  /** Of the prediction: what a shadow made of the same request bears the same. */
  readonly id: string;
  readonly request: IncomingMessage;
  readonly variant: string;
  readonly model: ModelInterface;
  readonly answer: Promise<readonly Tensor[]>;
}

/** Once stable has answered, counts how far a shadow was from it. */
async function compare(
  { variant, model, answer }: Original,
  shadowModel: ModelInterface,
  shadowOutputs: readonly Tensor[],
  observer: LaneObserver,
): Promise<void> {
  if (variant !== 'stable') return;
  const outputs = await answer.catch(() => undefined);
  // A failure of stable's says nothing of the shadow.
  if (outputs === undefined) return;
  observer.differed(answerDistance(model, outputs, shadowModel, shadowOutputs));
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
}
