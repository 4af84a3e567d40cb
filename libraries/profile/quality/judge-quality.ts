import type { Profile } from '../profile.ts';
import { columnFindings } from './column-rules.ts';
import type { Expectations, QualityFinding } from './finding.ts';
import { rowFindings } from './row-rules.ts';

export interface QualityOptions {
  /** Milliseconds since 1970, for freshness. */
  readonly now: number;
  /** Columns that the data has beside those of the profile. */
  readonly otherColumns?: readonly string[];
  /** By column, how many rows repeat a value: exact, from whoever saw the rows. A profile knows it of few values alone. */
  readonly repeated?: ReadonlyMap<string, number>;
}

/**
 * Holds what is known of data against what its dataset promises: each promise one finding, in the order of the columns. Pure, and of a
 * profile alone, so that a window of traffic is judged as a file is.
 */
export function judgeQuality(
  profile: Profile,
  expectations: Expectations,
  options: QualityOptions,
): readonly QualityFinding[] {
  const columns = new Map(profile.columns.map((column) => [column.name, column]));
  const declared = new Set(expectations.columns.map(({ name }) => name));
  const undeclared = [...columns.keys(), ...(options.otherColumns ?? [])].filter(
    (name) => !declared.has(name),
  );
  return [
    ...rowFindings(profile, expectations, options.now),
    ...expectations.columns.flatMap((expected) =>
      columnFindings(expected, columns.get(expected.name), options.repeated?.get(expected.name)),
    ),
    ...undeclared.map(
      (column): QualityFinding => ({
        column,
        rule: 'declared',
        expected: 'a column of the dataset',
        found: 'not declared',
        status: 'warn',
      }),
    ),
  ];
}
