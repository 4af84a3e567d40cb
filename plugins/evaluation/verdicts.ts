import type { CheckVerdict } from '../../core/capabilities/proposal-check.ts';

const gravity = ['fail', 'error', 'neutral', 'pass'] as const;

/** Verdicts on several versions as one: the worst outcome, and what is worst first. Facts are those of the worst. */
export function together(
  verdicts: readonly { readonly name: string; readonly verdict: CheckVerdict }[],
): CheckVerdict {
  const sorted = [...verdicts].sort(
    (one, other) => gravity.indexOf(one.verdict.outcome) - gravity.indexOf(other.verdict.outcome),
  );
  const [worst] = sorted;
  if (worst === undefined) return { outcome: 'neutral', summary: 'there is nothing to judge' };
  if (sorted.length === 1) return worst.verdict;
  const more = sorted.length - 1;
  const details = sorted.map(
    ({ name, verdict }) =>
      `### ${name}: ${verdict.outcome}\n\n${verdict.summary}\n\n${verdict.details ?? ''}`,
  );
  return {
    outcome: worst.verdict.outcome,
    summary: `${worst.verdict.summary} (and ${more} more)`,
    details: details.join('\n\n').trimEnd(),
    annotations: sorted.flatMap(({ verdict }) => verdict.annotations ?? []),
    facts: { ...worst.verdict.facts, judged: sorted.length },
  };
}
