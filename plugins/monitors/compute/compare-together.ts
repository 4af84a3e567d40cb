import {
  compareMultivariate,
  type MultivariateDrift,
  type MultivariateMethod,
  type TableColumn,
} from '../../../libraries/statistics/multivariate/index.ts';
import { type SampledRows, tableOf } from './sampled-rows.ts';

export interface TogetherGiven {
  readonly reference: SampledRows;
  readonly current: SampledRows;
  readonly columns: readonly Pick<TableColumn, 'name' | 'type'>[];
  readonly methods: readonly MultivariateMethod[];
  readonly alpha: number;
}

export function compareTogether(given: TogetherGiven): readonly MultivariateDrift[] {
  const { reference, current, columns, methods, alpha } = given;
  const tables = { reference: tableOf(reference, columns), current: tableOf(current, columns) };
  return compareMultivariate(tables, methods, { alpha });
}
