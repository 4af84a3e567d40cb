import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../errors.ts';

/** How long work waits for a lock that another process holds, in milliseconds. */
const patienceMs = 10_000;

/**
 * Tries again while another process holds the database's lock. SQLite's own waiting blocks the event loop, so it is
 * kept short and the longer waiting happens here. `attempt` must be safe to repeat; the last `StateBusy` is thrown.
 */
export async function retryWhileBusy<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    try {
      return await attempt();
    } catch (error) {
      if (codeOf(error) !== 'StateBusy' || performance.now() > deadline) throw error;
    }
    await delay(pause);
  }
}
