import type { CheckOutcome, CheckReport } from '../forge.ts';
import { cut } from './marker.ts';

/** What the name of every check of the platform begins with. */
export const checkPrefix = 'switchyard/';

/**
 * The words of a commit status, which knows fewer outcomes than checks do: what the status cannot say stands before the
 * summary. `plain` are the outcomes that the status says by itself.
 */
export function statusText(
  { outcome, summary }: CheckReport,
  plain: readonly CheckOutcome[],
  limit: number,
): string {
  return cut(plain.includes(outcome) ? summary : `${outcome}: ${summary}`, limit);
}

/** Reads them back; `outcome` is what the status says. */
export function readStatusText(
  text: string,
  outcome: CheckOutcome,
): { readonly outcome: CheckOutcome; readonly summary: string } {
  const [, said, summary] = /^(neutral|error): (.*)$/s.exec(text) ?? [];
  return said === undefined || summary === undefined
    ? { outcome, summary: text }
    : { outcome: said as CheckOutcome, summary };
}
