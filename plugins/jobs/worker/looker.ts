/** Looks through the folder of jobs: which are to be worked, and what is kept no longer. */
import { rm, stat } from 'node:fs/promises';
import {
  hasEnded,
  type KeptJob,
  listJobIds,
  listJobs,
  removeDrafts,
  removeJob,
  rowsFile,
} from '../../../libraries/prediction-jobs/index.ts';
import { steadyClock } from '../../../libraries/steady-clock/index.ts';

/** A file has an hour to come whole. */
const draftsAreOldMs = 2 * 3_600_000;

export interface LookerClocks {
  /** Milliseconds since 1970, as the machine has them now. */
  readonly wall: () => number;
  /** The same, as they would be had nobody set the clock since the process began. */
  readonly steady: () => number;
}

const ofMachine: LookerClocks = { wall: () => Date.now(), steady: steadyClock() };

/**
 * What it gives finds the jobs that have not ended, oldest first, and puts away those that nobody may ask for any longer. Where nothing has come and
 * nothing expires, it looks at the folder alone, and gives undefined.
 */
export function looker(
  folder: string,
  { wall, steady }: LookerClocks = ofMachine,
): () => Promise<readonly KeptJob[] | undefined> {
  let seen = -1;
  let dueAt = 0;
  /** Jobs that have ended, and when they expire: most of them, and they stay as they are. */
  const ended = new Map<string, number>();
  return async () => {
    // What a clock that is set makes old is not old: nothing of it could be had again.
    const now = Math.min(wall(), steady());
    const { mtimeMs } = await stat(folder);
    if (mtimeMs === seen && now < dueAt) return undefined;
    await removeDrafts(folder, now - draftsAreOldMs);
    const ids = await listJobIds(folder);
    const unknown = ids.filter((id) => !ended.has(id));
    const open: KeptJob[] = [];
    const known = await listJobs(folder, unknown);
    for (const kept of known) {
      const { job, progress } = kept;
      if (!hasEnded(progress)) {
        open.push(kept);
        continue;
      }
      ended.set(job.id, Date.parse(progress.expires ?? ''));
      // Whoever worked it may have been killed before they went.
      await rm(rowsFile(folder, job), { force: true }).catch(() => {});
    }
    dueAt = now + draftsAreOldMs;
    for (const [id, expires] of ended) {
      if (expires > now) {
        dueAt = Math.min(dueAt, expires);
        continue;
      }
      await removeJob(folder, id);
      ended.delete(id);
    }
    // One that cannot be read now may be one to be worked.
    seen = open.length === 0 && known.length === unknown.length ? mtimeMs : -1;
    return open;
  };
}
