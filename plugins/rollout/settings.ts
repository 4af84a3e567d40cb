import { parseDuration } from '../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';

/** A deployment's settings with the schema's defaults filled in, in units that programs count in. */
export interface DeploymentSettings {
  readonly keepWarmMs: number;
  readonly batching: { readonly maxBatchSize: number; readonly maxDelayMs: number };
  readonly limits: { readonly maxQueue: number; readonly timeoutMs: number };
}

export function settingsOf({ keepWarm, batching, limits }: DeploymentSpec): DeploymentSettings {
  return {
    keepWarmMs: parseDuration(keepWarm ?? '10m'),
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
