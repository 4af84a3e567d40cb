/** What is computed away from the event loop of the control process, each job by its name. */
import type { DriftReport } from '../../../libraries/statistics/drift/index.ts';
import type { MultivariateDrift } from '../../../libraries/statistics/multivariate/index.ts';
import { type CompareGiven, compareProfiles } from './compare-profiles.ts';
import { compareTogether, type TogetherGiven } from './compare-together.ts';
import type { RowsGiven } from './dataset-rows.ts';
import { measurePerformance, type PerformanceAnswer, type PerformanceGiven } from './measure-performance.ts';
import { profileDataset } from './profile-dataset.ts';
import { type SampleGiven, sampleDataset } from './sample-dataset.ts';
import type { SampledRows } from './sampled-rows.ts';

/** What each job is given and answers: JSON. */
export interface Jobs {
  /** A profile of a dataset's file, as its text. */
  readonly profileDataset: { readonly given: RowsGiven; readonly answer: string };
  /** Some of the rows of a dataset's file. */
  readonly sampleDataset: { readonly given: SampleGiven; readonly answer: SampledRows };
  readonly compareProfiles: { readonly given: CompareGiven; readonly answer: DriftReport };
  readonly compareTogether: { readonly given: TogetherGiven; readonly answer: readonly MultivariateDrift[] };
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
} = { profileDataset, sampleDataset, compareProfiles, compareTogether, measurePerformance };

/** Does a job here and now. */
export async function doJob<Name extends JobName>(
  name: Name,
  given: Jobs[Name]['given'],
): Promise<Jobs[Name]['answer']> {
  return jobs[name](given);
}
