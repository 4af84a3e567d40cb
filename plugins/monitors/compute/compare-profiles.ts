import { readProfile, samplesOf } from '../../../libraries/profile/index.ts';
import {
  type CompareOptions,
  compareSamples,
  type DriftReport,
} from '../../../libraries/statistics/drift/index.ts';

export interface CompareGiven {
  /** As texts. */
  readonly reference: string;
  readonly current: string;
  readonly options: CompareOptions;
}

export function compareProfiles({ reference, current, options }: CompareGiven): DriftReport {
  return compareSamples(samplesOf(readProfile(reference)), samplesOf(readProfile(current)), options);
}
