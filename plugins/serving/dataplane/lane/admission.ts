/** Whether a request is taken in: there is room in the queue, and its turn is likely to come in time. */
import { queueFull, wouldBeLate } from '../errors/run-errors.ts';
import type { ServedDeployment } from '../interface/routing-table.ts';
import type { Forecast } from './forecast.ts';
import { type Pending, settle } from './pending.ts';
import type { WaitQueue } from './wait-queue.ts';

export type LaneSettings = Pick<ServedDeployment, 'name' | 'batching' | 'limits'>;

type Applicant = Pick<Pending, 'priority' | 'deadline' | 'rows'>;

/**
 * A request is taken in if its run is likely to end so long before its time is over, as a share of that time. Where estimates were off by
 * more of late, it is as much more; but half of its time is enough for anybody: a queue that long keeps any model busy.
 */
const leastSpare = 0.2;
const mostSpare = 0.5;

export class Admission {
  readonly #queue: WaitQueue<Pending>;
  readonly #forecast: Forecast;

  constructor(queue: WaitQueue<Pending>, forecast: Forecast) {
    this.#queue = queue;
    this.#forecast = forecast;
  }

  /** Why it is not taken in; where it is, and the queue is full, another gives way to it. */
  take(settings: LaneSettings, pending: Pending, now: number): Error | undefined {
    const wait = this.#waitOrRefusal(settings, pending, now);
    if (wait instanceof Error) return wait;
    pending.expected = now + wait;
    const { name, limits } = settings;
    if (this.#queue.size < limits.maxQueue) return undefined;
    const last = this.#queue.lastBelow(pending.priority)!;
    this.#queue.remove(last);
    settle(last, queueFull(name, limits.maxQueue, this.#waitFor(settings, last.priority, 0, now)));
    return undefined;
  }

  /** Why it would not be taken in, where it comes in so many milliseconds. */
  refusal(settings: LaneSettings, applicant: Applicant, now: number, inMs: number): Error | undefined {
    const wait = this.#waitOrRefusal(settings, applicant, now, inMs);
    return wait instanceof Error ? wait : undefined;
  }

  #waitOrRefusal(settings: LaneSettings, applicant: Applicant, now: number, inMs = 0): number | Error {
    const { name, limits, batching } = settings;
    const { size } = this.#queue;
    const { priority, deadline, rows } = applicant;
    if (size >= limits.maxQueue && this.#queue.lastBelow(priority) === undefined)
      return queueFull(name, limits.maxQueue, this.#waitFor(settings, priority, 0, now));
    const allowed = deadline - now;
    const margin = this.#forecast.margin(now);
    const left = allowed - Math.min(allowed * mostSpare, Math.max(allowed * leastSpare, margin));
    // Looking through the queue takes a while.
    const longest = Math.max(inMs, this.#forecast.longestWait(rows, size, batching.maxBatchSize, now));
    if (longest <= left) return longest;
    const wait = Math.max(inMs, this.#waitFor(settings, priority, rows, now));
    return wait <= left ? wait : wouldBeLate(name, wait, allowed, wait - left);
  }

  #waitFor({ batching }: LaneSettings, priority: number, rows: number, now: number): number {
    const before = this.#queue.before(priority, now);
    return this.#forecast.waitFor(rows, before, batching.maxBatchSize, now);
  }
}
