import type { ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import { comparisons, type Version } from './comparisons.ts';
import { identityOf, mayBeFetched } from './tried-version.ts';

/**
 * What a check that compares versions depends on: its settings, the pairs, and what else it reads of each candidate.
 * Undefined where there is nothing to compare.
 */
export function concernsOfPairs(
  subject: ProposalSubject,
  settings: unknown,
  readOf: (candidate: Version) => string | undefined = () => undefined,
): string | undefined {
  const pairs = comparisons(subject);
  if (pairs.length === 0) return undefined;
  const lines = pairs.map(({ candidate, current }) =>
    [identityOf(candidate), identityOf(current), readOf(candidate), mayBeFetched(candidate, subject)].join(
      ' ',
    ),
  );
  return [JSON.stringify(settings), ...lines].join('\n');
}
