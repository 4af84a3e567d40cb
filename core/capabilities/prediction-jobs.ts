import { defineCapability } from '../plugin.ts';

/**
 * Predicts what need not be answered at once. Jobs are handed in by inference processes without a word to whoever provides this: as
 * folders (`libraries/prediction-jobs`), so that nobody waits for anybody.
 */
export interface PredictionJobs {
  /** Where inference processes put jobs in, and read how far they are. It is there once the platform has started. */
  readonly place: JobPlace;
}

export interface JobPlace {
  readonly folder: string;
  /** Jobs that are kept, ended ones too. */
  readonly mostJobs: number;
  /** Bytes that rows and results of all jobs may take. */
  readonly mostBytes: number;
}

export const predictionJobs = defineCapability<PredictionJobs>('prediction-jobs');
