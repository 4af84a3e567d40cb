import type { CacheRules, RateLimit } from '../../core/capabilities/serving-runtime.ts';
import { parseByteSize } from '../../libraries/byte-size/index.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { StrategySpec } from './course.ts';
import { rateLimits } from './rate-limits.ts';

/** A deployment's settings with the schema's defaults filled in, in units that programs count in. */
export interface DeploymentSettings {
  readonly keepWarmMs: number;
  readonly progressDeadlineMs: number;
  readonly batching: { readonly maxBatchSize: number; readonly maxDelayMs: number };
  readonly limits: {
    readonly maxQueue: number;
    readonly timeoutMs: number;
    readonly rates?: readonly RateLimit[];
  };
  readonly cache: CacheRules | undefined;
}

/** `strategy` is the one that holds, which may be that of the environment. */
export function settingsOf(spec: DeploymentSpec, strategy = spec.strategy): DeploymentSettings {
  const { keepWarm, progressDeadline, batching, limits, cache } = spec;
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
      ...(limits?.rates === undefined ? {} : { rates: rateLimits(limits.rates) }),
    },
    cache: cache && {
      // The schema lets nothing else through.
      bytes: parseByteSize(cache.size ?? '64MiB')!,
      ttlMs: parseDuration(cache.ttl),
    },
  };
}

function delayOf(strategy: StrategySpec | undefined): string | undefined {
  return strategy?.blueGreen?.scaleDownDelay;
}
