/** What a deployment's status says of its service level: in words, small, and with its evidence. Pure. */
import type { BurningObjective, Objective, ServiceLevel } from '../../core/capabilities/service-levels.ts';
import { formatDuration } from '../../libraries/duration/index.ts';
import { type Counts, nothing } from './counts.ts';
import type { Ledger } from './ledger.ts';
import type { ObjectiveStanding } from './standing.ts';

type Versions = ReturnType<Ledger['versions']>;

const most = 5;

export function levelOf(
  standings: readonly ObjectiveStanding[],
  ledger: Pick<Ledger, 'versions'>,
  now: number,
): ServiceLevel {
  const budgetLeft = Object.fromEntries(
    standings.map(({ objective, budgetLeft }) => [objective.name, wholePercent(budgetLeft)]),
  );
  const all = standings.flatMap((standing) => {
    const [worst] = standing.burning;
    return worst === undefined ? [] : [{ standing, worst }];
  });
  if (all.length === 0) return { budgetLeft };
  const speedOf = { fast: 0, slow: 1 } as const;
  all.sort((one, other) => speedOf[one.worst.rule.speed] - speedOf[other.worst.rule.speed]);
  const objectives = all.map(({ standing, worst }): BurningObjective => {
    const { objective } = standing;
    const versions = ledger.versions(worst.rule.longMs, now);
    return {
      objective: `${objective.name} ${promiseOf(objective)}`,
      burnRate: rounded(worst.rate),
      windows: `${formatDuration(worst.rule.longMs)} and ${formatDuration(worst.rule.shortMs)}`,
      budgetLeft: wholePercent(standing.budgetLeft),
      errors: errorsIn(objective, versions),
      versions: versionsIn(objective, versions),
    };
  });
  const { speed } = all[0]?.worst.rule ?? { speed: 'slow' };
  return {
    budgetLeft,
    burning: {
      speed,
      since: new Date(Math.min(...all.map(({ worst }) => worst.since))).toISOString(),
      message: objectives.map(sentenceOf).join('; '),
      objectives,
    },
  };
}

/** `99.9 %`, `within 100ms`. */
export function promiseOf({ budget, seconds }: Objective): string {
  if (seconds !== undefined) return `within ${formatDuration(seconds * 1000)}`;
  return `${Number((100 - budget * 100).toPrecision(10))} %`;
}

function sentenceOf({ objective, burnRate, windows, budgetLeft }: BurningObjective): string {
  const left = budgetLeft > 0 ? `${budgetLeft} % of it is left` : 'nothing of it is left';
  return `the error budget of ${objective} burns ${burnRate} times as fast as it may, over ${windows}; ${left}`;
}

function errorsIn({ seconds }: Objective, versions: Versions): string {
  if (seconds !== undefined) return '';
  const codes = new Map<string, number>();
  for (const { codes: own } of versions.values()) {
    for (const [code, count] of Object.entries(own)) codes.set(code, (codes.get(code) ?? 0) + count);
  }
  return [...codes]
    .sort(([, one], [, other]) => other - one)
    .slice(0, most)
    .map(([code, count]) => `${code === 'notFinite' ? 'answers that are no number' : code} (${count})`)
    .join(', ');
}

function versionsIn({ seconds }: Objective, versions: Versions): string {
  const badOf = (counts: Counts) => (seconds === undefined ? counts.bad : (counts.slow[seconds] ?? 0));
  const totalOf = (counts: Counts) => (seconds === undefined ? counts.valid : counts.answers);
  const share = (counts: Counts) => badOf(counts) / Math.max(1, totalOf(counts));
  return [...versions]
    .filter(([, counts]) => totalOf(counts) > 0)
    .sort(([, one], [, other]) => share(other ?? nothing) - share(one ?? nothing))
    .slice(0, most)
    .map(
      ([version, counts]) =>
        `${version}: ${badOf(counts)} of ${totalOf(counts)} ${seconds === undefined ? 'failed' : 'were slower'}`,
    )
    .join('; ');
}

function wholePercent(share: number): number {
  return Math.floor(share * 100);
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(2));
}
