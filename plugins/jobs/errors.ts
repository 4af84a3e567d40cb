/** Errors of jobs. */
import { SwitchyardError } from '../../core/plugin.ts';

/** The operator's settings for this plugin do not make sense. */
export const invalidJobSetting = (setting: string, reason: string) =>
  new SwitchyardError('InvalidJobSetting', `${setting} ${reason}`, {
    where: `jobs.${setting}`,
    hint: 'See plugins/jobs/README.md for the settings and their values.',
  });

/** What was sent makes no job. */
export const invalidJob = (where: string, reason: string, hint?: string) =>
  new SwitchyardError('InvalidJob', reason, {
    where,
    status: 400,
    hint: hint ?? 'See plugins/jobs/README.md for the routes and what they take.',
  });

const codesNotServed = {
  environment: 'EnvironmentNotFound',
  deployment: 'ModelNotFound',
  version: 'VersionNotFound',
} as const;

/** Nobody answers for what a job is for, as the inference port says it of names that it does not know. */
export const notServed = (what: keyof typeof codesNotServed, name: string, hint: string) =>
  new SwitchyardError(codesNotServed[what], `there is no ${what} ${JSON.stringify(name.slice(0, 80))}`, {
    where: `query ${what}`,
    status: 404,
    hint,
  });

export const jobNotFound = (id: string) =>
  new SwitchyardError('JobNotFound', `there is no job ${id.slice(0, 80)}`, {
    where: id.slice(0, 80),
    status: 404,
    hint: 'Results are kept for a time; `switchyard jobs` lists what there is.',
  });

/** That it is to end could not be written down. */
export const jobNotCancelled = (id: string, reason: string) =>
  Object.assign(
    new SwitchyardError('JobNotCancelled', `that the job is to end cannot be kept now: ${reason}`, {
      where: id,
      status: 503,
      hint: 'It goes on. Give the disk room, and ask again.',
    }),
    { retryAfterMs: 5_000 },
  );

export const jobNotEnded = (id: string, state: string) =>
  new SwitchyardError('JobNotEnded', `the job is ${state}, and its result is not whole`, {
    where: id,
    status: 409,
    hint: 'Ask again once it has ended, or with ?partial=true for the rows that there are.',
  });

export const jobFileTooLarge = (most: number) =>
  new SwitchyardError('JobFileTooLarge', `the file has more than ${most} bytes`, {
    where: 'body',
    status: 413,
    hint: 'Split it, or let the operator allow more with jobs.fileSize.',
  });

export const jobFileNotWhole = (silenceMs: number) =>
  new SwitchyardError('JobFileNotWhole', `nothing more of the file came for ${silenceMs / 1000} seconds`, {
    where: 'body',
    status: 408,
    hint: 'Send it again.',
  });

/** It would be kept as it is, and none of its rows could be read. */
export const encodingNotTaken = (encoding: string) =>
  new SwitchyardError(
    'UnsupportedMediaType',
    `the content encoding ${encoding.slice(0, 40)} is not understood`,
    {
      where: 'content-encoding',
      status: 415,
      hint: 'Send the file as it is, or with gzip, deflate or br.',
    },
  );

/** There is no room for another job, or for more of a result. */
export const jobsFull = (reason: string) =>
  new SwitchyardError('JobsFull', reason, {
    status: 429,
    hint: 'Wait until results expire, or let the operator allow more with jobs.mostJobs and jobs.diskSize.',
  });

/** The file could not be written down. */
export const jobsNotKept = (reason: string) =>
  Object.assign(
    new SwitchyardError('JobsNotKept', `the job cannot be kept now: ${reason}`, {
      status: 503,
      hint: 'It was not taken. Give the disk room, and send it again.',
    }),
    { retryAfterMs: 5_000 },
  );

/** The file of a job, or the model that it is for, is not what the job needs. */
export const jobUnusable = (reason: string, hint?: string) =>
  new SwitchyardError('JobUnusable', reason, { status: 422, ...(hint === undefined ? {} : { hint }) });

/** Whatever else is to be worked would be lost with the worker again and again. */
export const jobEndsWorker = (times: number) =>
  new SwitchyardError(
    'JobEndsWorker',
    `the process that works jobs ended ${times} times while it read this job's file`,
    {
      hint: 'Split the file, and write Parquet with fewer rows in a row group; the log of control says how the process ended.',
    },
  );
