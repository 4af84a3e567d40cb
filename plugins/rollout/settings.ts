import { parseDuration } from '../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { StrategySpec } from './course.ts';

/** A deployment's settings with the schema's defaults filled in, in units that programs count in. */
export interface DeploymentSettings {
  readonly keepWarmMs: number;
  readonly progressDeadlineMs: number;
  readonly batching: { readonly maxBatchSize: number; readonly maxDelayMs: number };
  readonly limits: { readonly maxQueue: number; readonly timeoutMs: number };
}

/** `strategy` is the one that holds, which may be that of the environment. */
export function settingsOf(spec: DeploymentSpec, strategy = spec.strategy): DeploymentSettings {
  const { keepWarm, progressDeadline, batching, limits } = spec;
  return {
    keepWarmMs: parseDuration(delayOf(strategy) ?? keepWarm ?? '10m'),
    progressDeadlineMs: parseDuration(progressDeadline ?? '10m'),
    batching: {
      maxBatchSize: batching?.maxBatchSize ?? 32,
      maxDelayMs: parseDuration(batching?.maxDelay ?? '0ms'),
    },
    limits: {
      maxQueue: limits?.maxQueue ?? 1000,
      timeoutMs: parseDuration(limits?.timeout ?? '30s'),
    },
  };
}

function delayOf(strategy: StrategySpec | undefined): string | undefined {
  return strategy?.blueGreen?.scaleDownDelay;
}
