/** Shadows: versions that see what others are asked, and whose answers nobody gets. */
import type { RequestFacts } from '../http/request-facts.ts';
import type { PredictionLog } from '../logging/prediction-log.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { answerDistance } from './answer-distance.ts';
import type { Asked } from './asked.ts';

/**
 * Lets shadows see the request. No client waits for what they answer, and a shadow that fails harms nobody. Resolves when none
 * of them needs the body any longer. Never rejects.
 */
export function mirror(
  predictionLog: PredictionLog,
  shadows: readonly Shadow[],
  original: Original,
): Promise<unknown> {
  return Promise.all(shadows.map((shadow) => mirrorTo(predictionLog, shadow, original)));
}

/** The lane of a version that is to see a request, kept open until the request is in its queue. */
export interface Shadow {
  readonly version: RoutedVersion;
  readonly letGo: () => void;
}

const none: readonly RoutedVersion[] = [];

export function reserve(versions: readonly RoutedVersion[] = none): readonly Shadow[] {
  return versions.map((version) => ({ version, letGo: version.lane.reserve() }));
}

async function mirrorTo(
  predictionLog: PredictionLog,
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
    const { id, facts } = original;
    if (logged !== undefined)
      predictionLog.take(logged, model, id, inputs, outputs, performance.now() - started, facts);
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
export interface Original {
  /** Of the prediction: what a shadow made of the same request bears the same. */
  readonly id: string;
  readonly asked: Asked;
  /** What the log of predictions reads of it. */
  readonly facts: RequestFacts;
  readonly body: Buffer;
  readonly variant: string;
  readonly model: ModelInterface;
  /** As its model takes them. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[] | undefined;
}

/** What was read for one model is what another reads where both take and give the same. Throws what decoding throws. */
function inputsFor(model: ModelInterface, { asked, body, inputs, ...original }: Original) {
  if (isAlike(model, original.model)) return inputs;
  return asked.read(body, model).inputs;
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
