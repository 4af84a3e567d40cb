/**
 * Jobs of predictions as files: what was asked for, how far it has come, and the result. Processes that never talk to each other hand jobs over
 * by it.
 */
export { hasEnded, type Job, type JobProgress, type JobState, queued } from './job.ts';
export {
  bytesOfJobs,
  cancelJob,
  createJob,
  demandRoom,
  isJobId,
  type JobLimits,
  JobsFullError,
  type KeptJob,
  listJobIds,
  listJobs,
  newJobKey,
  openResult,
  readJob,
  removeDrafts,
  removeJob,
  resultFile,
  rowsFile,
  writeProgress,
} from './job-folder.ts';
export { shownJob } from './shown-job.ts';
