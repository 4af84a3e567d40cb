import { hasEnded } from './job.ts';
import type { KeptJob } from './job-folder.ts';

/** Kinds of errors of rows that are shown. */
const mostErrors = 5;

/** A job as clients see it: without its key. */
export function shownJob({ job, progress, isCancelled }: KeptJob): Readonly<Record<string, unknown>> {
  const { state, rows, failed, read, started, ended, expires, waiting, error, errors = [] } = progress;
  return {
    id: job.id,
    state: isCancelled && !hasEnded(progress) ? 'cancelling' : state,
    environment: job.environment ?? null,
    deployment: job.deployment,
    version: job.version ?? null,
    created: job.created,
    started: started ?? null,
    ended: ended ?? null,
    expires: expires ?? null,
    progress: { rows, failed, read: Math.round(read * 1000) / 1000 },
    ...(errors.length === 0
      ? {}
      : { rowErrors: [...errors].sort((a, b) => b.rows - a.rows).slice(0, mostErrors) }),
    ...(waiting === undefined ? {} : { waiting }),
    ...(error === undefined ? {} : { error }),
  };
}
