import { readProfile, samplesOf } from '../../../libraries/profile/index.ts';
import {
  type ColumnSample,
  type CompareOptions,
  compareSamples,
  type DriftReport,
} from '../../../libraries/statistics/drift/index.ts';
import { numbersOf, type SampledRows } from './sampled-rows.ts';

export interface CompareGiven {
  /** As texts. */
  readonly reference: string;
  readonly current: string;
  readonly options: CompareOptions;
  /** Values of columns whose tests need them; they take the place of what the profiles say of numbers. */
  readonly rows?: readonly { readonly reference: SampledRows; readonly current: SampledRows }[];
}

export function compareProfiles({ reference, current, options, rows = [] }: CompareGiven): DriftReport {
  const one = new Map<string, ColumnSample>(samplesOf(readProfile(reference)));
  const other = new Map<string, ColumnSample>(samplesOf(readProfile(current)));
  for (const both of rows) {
    for (const { name } of both.reference.columns) {
      const values = [numbersOf(both.reference, name), numbersOf(both.current, name)] as const;
      if (values[0] === undefined || values[1] === undefined) continue;
      if (one.get(name)?.type === 'category' || other.get(name)?.type === 'category') continue;
      one.set(name, values[0]);
      other.set(name, values[1]);
    }
  }
  return compareSamples(one, other, options);
}
