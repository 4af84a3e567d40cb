import { codeOf } from '../../core/errors.ts';
import { jobsMissing } from '../client/errors.ts';
import { usageError } from '../errors.ts';

/** What a job may be, in the order in which it becomes so. */
export const jobStates = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled'] as const;

/** A job as the platform shows it. */
export interface ShownJob {
  readonly id: string;
  readonly state: (typeof jobStates)[number];
  readonly environment: string | null;
  readonly deployment: string;
  readonly version: string | null;
  readonly created: string;
  readonly started: string | null;
  readonly ended: string | null;
  readonly expires: string | null;
  readonly progress: { readonly rows: number; readonly failed: number; readonly read: number };
  /** What most rows that could not be predicted failed for; an older platform does not say. */
  readonly rowErrors?: readonly { readonly error: string; readonly rows: number }[];
  readonly waiting?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

export const hasEnded = ({ state }: ShownJob): boolean => ['done', 'failed', 'cancelled'].includes(state);

/** Whether it has ended, and not all of its rows were predicted. */
export const isLacking = (job: ShownJob): boolean =>
  hasEnded(job) && (job.state !== 'done' || job.progress.failed > 0);

/** Its deployment as people name it, with its environment where that is known. */
export const deploymentOf = ({ environment, deployment }: ShownJob): string =>
  environment === null ? deployment : `${environment}/${deployment}`;

/** Where the platform has a job. Throws `UsageError` for an empty id, which would be the path of all of them. */
export function pathOf(id: string): string {
  if (id.trim() === '') throw usageError('the id of the job is empty', 'List them with: switchyard jobs.');
  return `/plugins/jobs/jobs/${encodeURIComponent(id)}`;
}

/** Says what is missing where the platform works no jobs. */
export async function fromJobs<T>(url: string, asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    throw codeOf(error) === 'NoSuchRoute' ? jobsMissing(url) : error;
  }
}
