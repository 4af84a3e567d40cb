import type { JobProgress } from '../../../libraries/prediction-jobs/index.ts';

export type RowErrors = NonNullable<JobProgress['errors']>;

/** Errors that are told apart; rows of others are counted among the failed alone. */
const mostKinds = 20;
/** Characters of each. */
const longest = 200;

/** What rows could not be predicted for, with how many each: most rows fail for the same few reasons. */
export function countErrors(before: RowErrors, lines: readonly object[]): RowErrors {
  const counts = new Map(before.map(({ error, rows }) => [error, rows]));
  for (const line of lines) {
    if (!('error' in line)) continue;
    const error = String(line.error).slice(0, longest);
    const rows = counts.get(error);
    if (rows !== undefined || counts.size < mostKinds) counts.set(error, (rows ?? 0) + 1);
  }
  return [...counts].map(([error, rows]) => ({ error, rows }));
}
