/** Statistics of models, as the statistics extension of Triton has them. */
import type { Took, VersionCounts } from '../interface/version-counts.ts';

export interface Duration {
  readonly count: number;
  readonly ns: number;
}

export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Milliseconds since 1970; 0: none. */
  readonly last_inference: number;
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: Readonly<
    Record<
      | 'success'
      | 'fail'
      | 'queue'
      | 'compute_input'
      | 'compute_infer'
      | 'compute_output'
      | 'cache_hit'
      | 'cache_miss',
      Duration
    >
  >;
  readonly batch_stats: readonly {
    readonly batch_size: number;
    readonly compute_input: Duration;
    readonly compute_infer: Duration;
    readonly compute_output: Duration;
  }[];
}

export function modelStatistics(counts: VersionCounts): ModelStatistics {
  const { deployment, version, success, fail, queue, runs, hits, misses } = counts;
  const { inferences, executions, lastInference, requests, prepareMs, runMs, handOutMs, sizes } = runs;
  return {
    name: deployment,
    version,
    last_inference: lastInference,
    inference_count: inferences,
    execution_count: executions,
    inference_stats: {
      success: took(success),
      fail: took(fail),
      queue: took(queue),
      compute_input: duration(requests, prepareMs),
      compute_infer: duration(requests, runMs),
      compute_output: duration(requests, handOutMs),
      cache_hit: took(hits),
      cache_miss: took(misses),
    },
    batch_stats: [...sizes]
      .sort(([a], [b]) => a - b)
      .map(([rows, count, prepare, run, handOut]) => ({
        batch_size: rows,
        compute_input: duration(count, prepare),
        compute_infer: duration(count, run),
        compute_output: duration(count, handOut),
      })),
  };
}

function took({ count, ms }: Took): Duration {
  return duration(count, ms);
}

/** Whole nanoseconds; a number of JavaScript writes all its digits up to thirty thousand years of them. */
function duration(count: number, ms: number): Duration {
  return { count, ns: Math.max(0, Math.round(ms * 1e6)) };
}
