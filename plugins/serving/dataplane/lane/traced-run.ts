/** What is told of a run to those who trace the requests in it. */
import { codeOf } from '../../../../core/plugin.ts';
import { newSpanId } from '../../../../libraries/otlp/span.ts';

/** Told what a request goes through, where somebody wants to know. */
export interface LaneTrace {
  /** It left the queue for this run. What is 0 of it has not come yet. */
  took(run: TracedRun): void;
}

/** A run, by `performance.now()`. Requests that share it share this. */
export interface TracedRun {
  /** Out of the queue; handed to the model; back from it; handed out. */
  readonly taken: number;
  began: number;
  ended: number;
  settled: number;
  readonly rows: number;
  readonly requests: number;
  /** Whoever of them came first. */
  readonly leader: LaneTrace;
  /** The others of whom somebody wants to know. */
  readonly followers: LaneTrace[];
  readonly spanId: string;
  /** Why it gave nothing. */
  error?: string;
}

/** Undefined where nobody wants to know of it. */
export function tracedRun(
  batch: readonly { readonly trace: LaneTrace | undefined }[],
  rows: number,
  taken = performance.now(),
): TracedRun | undefined {
  let run: TracedRun | undefined;
  for (const { trace } of batch) {
    if (trace === undefined) continue;
    if (run === undefined) {
      run = {
        ...{ taken, began: taken, ended: 0, settled: 0, rows, requests: batch.length },
        ...{ leader: trace, followers: [], spanId: newSpanId() },
      };
    } else run.followers.push(trace);
    trace.took(run);
  }
  return run;
}

export function failed(run: TracedRun, error: unknown): void {
  run.ended = performance.now();
  run.settled = run.ended;
  run.error = codeOf(error);
}
