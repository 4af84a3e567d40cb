import { formatDuration } from '../../libraries/duration/index.ts';
import type { ServiceLevelBook } from './service-level-book.ts';

/** Service levels as Prometheus text. A burn rate of a window without requests has no sample. */
export function exposition(book: Pick<ServiceLevelBook, 'standings' | 'history'>): string {
  const target: string[] = [];
  const current: string[] = [];
  const left: string[] = [];
  const rates: string[] = [];
  const burning: string[] = [];
  for (const { promise, standings } of book.standings()) {
    for (const { objective, now, budgetLeft, burnRates, burning: rules } of standings) {
      const labels = `environment="${promise.environment}",deployment="${promise.deployment}",slo="${objective.name}"`;
      target.push(`switchyard_slo_target_ratio{${labels}} ${1 - objective.budget}`);
      if (now !== undefined) current.push(`switchyard_slo_good_ratio{${labels}} ${now}`);
      left.push(`switchyard_slo_budget_left_ratio{${labels}} ${budgetLeft}`);
      for (const [length, rate] of burnRates) {
        if (rate === undefined) continue;
        rates.push(`switchyard_slo_burn_rate{${labels},window="${formatDuration(length)}"} ${rate}`);
      }
      for (const speed of ['fast', 'slow']) {
        const isBurning = rules.some(({ rule }) => rule.speed === speed);
        burning.push(`switchyard_slo_burning{${labels},speed="${speed}"} ${isBurning ? 1 : 0}`);
      }
    }
  }
  const lines = [
    ...gauge('switchyard_slo_target_ratio', 'The share of requests that is promised to be good.', target),
    ...gauge('switchyard_slo_good_ratio', "The share that was, in the budget's window.", current),
    ...gauge(
      'switchyard_slo_budget_left_ratio',
      'What is left of the error budget; below 0 where more is spent.',
      left,
    ),
    ...gauge('switchyard_slo_burn_rate', 'How many times as fast as it may the error budget burns.', rates),
    ...gauge('switchyard_slo_burning', 'Whether it burns so that somebody must be told.', burning),
    ...gauge('switchyard_slo_history_unwritten', 'Whether what was counted cannot be written to disk.', [
      `switchyard_slo_history_unwritten ${book.history.unwritten === undefined ? 0 : 1}`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function gauge(name: string, help: string, samples: readonly string[]): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples];
}
