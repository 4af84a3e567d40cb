/** What is computed away from the event loop of the control process, each job by its name. */

import type { DriftReport } from '../../../libraries/statistics/drift/index.ts';
import { type CompareGiven, compareProfiles } from './compare-profiles.ts';
import { measurePerformance, type PerformanceAnswer, type PerformanceGiven } from './measure-performance.ts';
import { type ProfileGiven, profileDataset } from './profile-dataset.ts';

/** What each job is given and answers: JSON. */
export interface Jobs {
  /** A profile of a dataset's file, as its text. */
  readonly profileDataset: { readonly given: ProfileGiven; readonly answer: string };
  readonly compareProfiles: { readonly given: CompareGiven; readonly answer: DriftReport };
  /** How right predictions are, by labels and without. */
  readonly measurePerformance: { readonly given: PerformanceGiven; readonly answer: PerformanceAnswer };
}

export type JobName = keyof Jobs;

export type Compute = <Name extends JobName>(
  name: Name,
  given: Jobs[Name]['given'],
  signal: AbortSignal,
) => Promise<Jobs[Name]['answer']>;

const jobs: {
  readonly [Name in JobName]: (
    given: Jobs[Name]['given'],
  ) => Promise<Jobs[Name]['answer']> | Jobs[Name]['answer'];
} = { profileDataset, compareProfiles, measurePerformance };

/** Does a job here and now. */
export async function doJob<Name extends JobName>(
  name: Name,
  given: Jobs[Name]['given'],
): Promise<Jobs[Name]['answer']> {
  return jobs[name](given);
}
