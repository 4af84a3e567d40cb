/**
 * The process that works jobs behind live traffic, a batch of each in turns. It ends with the control process; the next one goes on where it was.
 */
import { constants, setPriority } from 'node:os';
import { hasEnded, readJob } from '../../../libraries/prediction-jobs/index.ts';
import { lockOrWait, socketPath } from '../../../libraries/socket-lock/index.ts';
import { looker } from './looker.ts';
import { Pauses } from './pauses.ts';
import { JobQueue } from './queue.ts';
import { Turns } from './turns.ts';
import { workJob } from './work-job.ts';

/** What the worker is told, as JSON in the environment variable `PREDICTION_JOBS`. */
export interface WorkerStart {
  readonly folder: string;
  readonly server: string;
  readonly keepMs: number;
  readonly mostBytes: number;
  /** Jobs that take turns; others wait until one of them has had its time. */
  readonly atOnce: number;
  /** Whether the worker before this one ended by itself. */
  readonly isAfterLoss?: boolean;
}

/** What the worker tells the control process. */
export interface WorkerTrouble {
  readonly job: string;
  /** Why the disk took nothing. */
  readonly unwritten: string;
}

/** Who puts a job in tells nobody. */
const lookEveryMs = 250;
/** A job that could not be written, since the disk takes nothing, is not tried again at once. */
const pauseMs = 5_000;

async function main(): Promise<void> {
  const ending = new AbortController();
  process.on('disconnect', () => process.exit(0));
  // Whoever stops the platform stops the control process, and that stops this one.
  process.on('SIGINT', () => {});
  const news = new Pauses();
  const untilRoom = new Pauses();
  process.on('message', (message) => {
    if (message !== 'close') return;
    ending.abort();
    news.end();
    untilRoom.end();
  });
  const start = JSON.parse(process.env.PREDICTION_JOBS ?? '') as WorkerStart;
  lowerPriority();
  await lockOrWait(socketPath(start.folder, '.worker'));
  const { signal } = ending;
  const look = looker(start.folder);
  const queue = new JobQueue(start.atOnce);
  const turns = new Turns();
  const working = new Set<Promise<void>>();
  const begun = new Set<string>();
  const beginnings = new Turns();
  const work = async (id: string, unanswered: number | undefined): Promise<void> => {
    // It may have ended since it was found, and it may be that it cannot be read now.
    const kept = await readJob(start.folder, id).catch(() => undefined);
    if (kept === undefined || hasEnded(kept.progress)) return queue.leave(id);
    const isAfterLoss = start.isAfterLoss === true && !begun.has(id);
    begun.add(id);
    const worked = await workJob(kept, {
      ...{ ...start, signal, turns, isAfterLoss, waitingSince: unanswered },
      hasOthers: () => queue.isCrowded,
      beginnings: start.isAfterLoss === true ? beginnings : undefined,
    });
    if (worked.how === 'aside') return queue.putAside(id, worked.unanswered);
    if (worked.how === 'unwritten') {
      process.send?.({ job: id, unwritten: worked.code } satisfies WorkerTrouble);
      if (!signal.aborted) await untilRoom.for(pauseMs);
    }
    queue.leave(id);
  };
  while (!signal.aborted) {
    queue.found((await look()) ?? []);
    for (let next = queue.next(); next !== undefined; next = queue.next()) {
      const worked = work(next.id, next.unanswered).finally(() => {
        working.delete(worked);
        // Who waits for room is to have it at once.
        news.end();
      });
      working.add(worked);
    }
    await news.for(lookEveryMs);
  }
  await Promise.all(working);
  process.exit(0);
}

function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where it may not, it is as anybody else.
  }
}

await main();
