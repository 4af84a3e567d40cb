import type { CheckReport } from '../../core/capabilities/forge.ts';
import type { Found } from './proposal-index.ts';
import type { Readers } from './show.ts';

/** The newest report of each check on a head. */
export async function reportsOf({ folded }: Found, head: string, { files }: Readers): Promise<CheckReport[]> {
  const newest = Object.entries(folded.checks[head] ?? {});
  const contents = await files.read(newest.map(([, tree]) => tree));
  return newest.flatMap(([name], index) => {
    const reports: unknown = contents[index]?.checks;
    const report = Array.isArray(reports)
      ? reports.find((one) => isReport(one) && one.name === name)
      : undefined;
    return report === undefined ? [] : [report as CheckReport];
  });
}

/**
 * Those that say something new. A check that goes on running says nothing new, and neither do another time and duration
 * alone: reports that come many times a minute do not grow the chain.
 */
export function changedReports(
  earlier: readonly CheckReport[],
  reports: readonly CheckReport[],
): readonly CheckReport[] {
  const byName = new Map(earlier.map((report) => [report.name, report]));
  const newest = new Map(reports.map((report) => [report.name, report]));
  return [...newest.values()].filter((report) => {
    const before = byName.get(report.name);
    if (before?.outcome !== report.outcome) return true;
    return (
      report.outcome !== 'pending' &&
      !(before.summary === report.summary && before.details === report.details)
    );
  });
}

function isReport(value: unknown): value is CheckReport {
  if (typeof value !== 'object' || value === null) return false;
  const { name, outcome, summary } = value as Record<string, unknown>;
  return typeof name === 'string' && typeof summary === 'string' && outcomes.has(outcome);
}

const outcomes = new Set<unknown>(['pass', 'fail', 'neutral', 'error', 'pending']);
