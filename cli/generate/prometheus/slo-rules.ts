/** Multi-window, multi-burn-rate rules of an objective (Site Reliability Workbook, chapter 5). */
import type { AlertingRule, RecordingRule, RuleGroup } from './rule-file.ts';
import { promDuration, quoted } from './rule-file.ts';

/** What share of its answers a deployment promises to be good. */
export interface Objective {
  readonly environment: string;
  readonly deployment: string;
  /** `availability`, `p95`. */
  readonly slo: string;
  /** The share that may be bad: 0.001 for 99.9 %. */
  readonly budget: number;
  readonly windowMs: number;
  /** Answers slower than this are bad, in seconds; without it, errors are. */
  readonly slowerThan?: number;
  /** `critical` or `warning` of its own, where it says so. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Where Prometheus tells latencies apart, in seconds. */
export const exposedBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const burns = [
  { name: 'Fast', long: '1h', short: '5m', rate: 14.4, severity: 'critical', wait: '2m' },
  { name: 'Steady', long: '6h', short: '30m', rate: 6, severity: 'critical', wait: '15m' },
  { name: 'Slow', long: '3d', short: '6h', rate: 1, severity: 'warning', wait: '1h' },
] as const;
const windows = ['5m', '30m', '1h', '6h', '3d'] as const;

export function sloGroups(objective: Objective): readonly RuleGroup[] {
  const { environment, deployment, slo, budget, windowMs } = objective;
  const name = `slo-${environment}-${deployment}-${slo}`;
  const labels = { environment, deployment, slo };
  const whole = promDuration(windowMs);
  const recorded = (window: string): RecordingRule => ({
    record: `switchyard:slo_errors:ratio_rate${window}`,
    expr: badShare(objective, window),
    labels,
  });
  const which = `{environment=${quoted(environment)}, deployment=${quoted(deployment)}, slo=${quoted(slo)}}`;
  const alerts = burns.map(({ name: burn, long, short, rate, severity, wait }): AlertingRule => {
    const limit = shownNumber(rate * budget);
    const above = (window: string) => `switchyard:slo_errors:ratio_rate${window}${which} > ${limit}`;
    return {
      alert: `SwitchyardErrorBudgetBurns${burn}`,
      expr: `${above(long)} and ${above(short)}`,
      for: wait,
      labels: { ...objective.labels, ...labels, severity },
      annotations: {
        summary: `${environment}/${deployment} burns the budget of its objective ${slo} more than ${rate} times as fast as it may`,
        description: `{{ $value | humanizePercentage }} of its answers in ${long} were ${bad(objective)}; ${shownNumber(budget * 100)} % may be, over ${whole}.`,
      },
    };
  });
  return [
    { name, rules: [...windows.map(recorded), ...alerts] },
    {
      name: `${name}-budget`,
      // The whole window is much to read.
      interval: '5m',
      rules: [
        { record: 'switchyard:slo_error_budget:ratio', expr: `vector(${shownNumber(budget)})`, labels },
        {
          record: 'switchyard:slo_error_budget_remaining:ratio',
          expr: `1 - (${badShare(objective, whole)}) / ${shownNumber(budget)}`,
          labels,
        },
      ],
    },
  ];
}

/** Of what clients are answered; shadows answer nobody. */
function badShare({ environment, deployment, slowerThan }: Objective, window: string): string {
  const which = `environment=${quoted(environment)}, deployment=${quoted(deployment)}, role!="shadow"`;
  const rate = (series: string) => `sum by (environment, deployment) (rate(${series}[${window}]))`;
  if (slowerThan === undefined) {
    const errors = rate(`switchyard_request_errors_total{${which}}`);
    return `${errors} / ${rate(`switchyard_requests_total{${which}}`)}`;
  }
  const histogram = 'switchyard_request_duration_seconds';
  const fast = rate(`${histogram}_bucket{${which}, le="${boundOf(slowerThan)}"}`);
  return `1 - ${fast} / ${rate(`${histogram}_count{${which}}`)}`;
}

/** The next bound that is not below: what is slower than that is slower for sure, so that no alert is false. */
function boundOf(seconds: number): number {
  return exposedBounds.find((bound) => bound >= seconds) ?? exposedBounds.at(-1) ?? seconds;
}

function bad({ slowerThan }: Objective): string {
  return slowerThan === undefined ? 'errors' : `slower than ${boundOf(slowerThan)} s`;
}

/** Without the last digits of binary fractions. */
function shownNumber(value: number): string {
  return String(Number(value.toPrecision(12)));
}
