/** First runs of a new version: that it runs at all, how long a run takes, and whether its rows can share a run. */
import type { Example } from '../../../../core/capabilities/serving-runtime.ts';
import { warmupFailed } from '../errors/load-errors.ts';
import { runtimeMessage } from '../run/session.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { isBatchable } from './batch-trial.ts';
import { exampleInputs } from './examples.ts';
import { syntheticInputs } from './synthetic-inputs.ts';
import type { TrialModel } from './trial-model.ts';

export interface WarmUp {
  /** Median milliseconds of a run of one row. */
  readonly runMs: number;
  readonly batchable: boolean;
  /** What was timed: the inputs of the first example, or made-up ones. */
  readonly inputs: readonly Tensor[];
}

/** Sizes tried for a dimension that varies and is not the first: some models need an image or a window of a certain size. */
const freeSizes = [1, 8, 32, 64, 224];

/** The first runs are slower: code that is new is interpreted, memory that is new is fetched. */
const untimedRuns = 10;
const timedRuns = 41;
const timedMilliseconds = 200;

/**
 * Runs the model on its examples' inputs and on made-up ones. Throws `WarmupFailed` where it runs on none; a model with
 * examples need not accept made-up inputs.
 */
export async function warmUp(model: TrialModel, examples: readonly Example[]): Promise<WarmUp> {
  const trials: Tensor[][] = examples.map((example) => exampleInputs(example, model.inputs));
  const free = await findFreeSize(model, trials.length > 0);
  if (free !== undefined) {
    for (const seed of [1, 2, 3]) trials.push(syntheticInputs(model.inputs, 1, free, seed));
  }
  const runMs = await timeRuns(model, trials[0]!);
  const batchable = await isBatchable(model, trials);
  if (batchable && free !== undefined) {
    for (const rows of [8, 32]) await model.run(syntheticInputs(model.inputs, rows, free, rows));
  }
  return { runMs, batchable, inputs: trials[0]! };
}

/** One run, for a version that was tried before: what it needs for its runs is allocated. Throws `WarmupFailed`. */
export async function runOnce(model: TrialModel, examples: readonly Example[]): Promise<void> {
  const [example] = examples;
  if (example === undefined) await findFreeSize(model, false);
  else {
    try {
      await model.run(exampleInputs(example, model.inputs));
    } catch (error) {
      throw warmupFailed(runtimeMessage(error));
    }
  }
}

async function findFreeSize(model: TrialModel, hasExamples: boolean): Promise<number | undefined> {
  const varies = model.inputs.some((input) =>
    input.shape.some((dimension, axis) => dimension === -1 && axis > 0),
  );
  let failure: unknown;
  for (const free of varies ? freeSizes : [1]) {
    try {
      await model.run(syntheticInputs(model.inputs, 1, free, 1));
      return free;
    } catch (error) {
      failure ??= error;
    }
  }
  if (hasExamples) return undefined;
  throw warmupFailed(runtimeMessage(failure));
}

async function timeRuns(model: TrialModel, inputs: readonly Tensor[]): Promise<number> {
  const times: number[] = [];
  const begin = performance.now();
  while (
    times.length < timedRuns + untimedRuns &&
    (times.length < 3 || performance.now() - begin < timedMilliseconds)
  ) {
    const start = performance.now();
    try {
      await model.run(inputs);
    } catch (error) {
      throw warmupFailed(runtimeMessage(error));
    }
    times.push(performance.now() - start);
  }
  const timed = times.slice(Math.min(untimedRuns, times.length - 3)).sort((a, b) => a - b);
  return timed[timed.length >> 1]!;
}
