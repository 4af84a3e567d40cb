/** Multi-window, multi-burn-rate rules of an objective (Site Reliability Workbook, chapter 5). */
import { type AlertingRule, quoted, type RecordingRule, type RuleGroup } from './rule-file.ts';

/** What share of its answers a deployment promises to be good. */
export interface Objective {
  readonly environment: string;
  readonly deployment: string;
  /** `availability`, `p95`. */
  readonly slo: string;
  /** The share that may be bad: 0.001 for 99.9 %. */
  readonly budget: number;
  /** What the budget is for, in words. */
  readonly window: string;
  /** A window with fewer requests alarms nobody. */
  readonly minRequests: number;
  /** Answers slower than this are bad, in seconds; without it, errors are. */
  readonly slowerThan?: number;
}

/** Where Prometheus tells latencies apart, in seconds. */
export const exposedBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const burns = [
  { name: 'Fast', long: '1h', short: '5m', rate: 14.4, severity: 'critical' },
  { name: 'Steadily', long: '6h', short: '30m', rate: 6, severity: 'critical' },
  { name: 'Slowly', long: '3d', short: '6h', rate: 1, severity: 'warning' },
] as const;
const windows = ['5m', '30m', '1h', '6h', '3d'] as const;
/** A large budget cannot burn so many times too fast: there it counts that nearly all is bad. */
const nearlyAll = 0.9;

export function sloGroup(objective: Objective): RuleGroup {
  const { environment, deployment, slo, budget, window: whole, minRequests } = objective;
  const labels = { environment, deployment, slo };
  const recorded = windows.map((window): RecordingRule => {
    const { bad, all } = countsOf(objective, window);
    return { record: `switchyard:slo_errors:ratio_rate${window}`, expr: `${bad} / ${all}`, labels };
  });
  const which = `{environment=${quoted(environment)}, deployment=${quoted(deployment)}, slo=${quoted(slo)}}`;
  const alerts = burns.map(({ name, long, short, rate, severity }): AlertingRule => {
    const limit = shownNumber(Math.min(nearlyAll, rate * budget));
    const above = (window: string) => `switchyard:slo_errors:ratio_rate${window}${which} > ${limit}`;
    const requests = `${countsOf(objective, long).all} * ${seconds[long]} >= ${minRequests}`;
    return {
      alert: `SwitchyardErrorBudgetBurns${name}`,
      expr: `${above(long)} and ${above(short)} and on (environment, deployment) ${requests}`,
      for: '1m',
      labels: { ...labels, severity },
      annotations: {
        summary: `${environment}/${deployment} burns the error budget of ${slo} more than ${rate} times as fast as it may`,
        description: `{{ $value | humanizePercentage }} of its requests in ${long} were ${badness(objective)}; ${shownNumber(budget * 100)} % may be, over ${whole}.`,
        command: `switchyard slo ${environment}/${deployment}`,
      },
    };
  });
  return { name: `slo-${environment}-${deployment}-${slo}`, rules: [...recorded, ...alerts] };
}

const seconds = { '1h': 3600, '6h': 21_600, '3d': 259_200 } as const;

/** Requests a second, bad ones and all, as docs/slo.md counts them. */
function countsOf(
  { environment, deployment, slowerThan }: Objective,
  window: string,
): { readonly bad: string; readonly all: string } {
  // What a shadow answers, nobody sees.
  const which = `environment=${quoted(environment)}, deployment=${quoted(deployment)}, role!="shadow"`;
  const rate = (series: string) => `rate(${series}[${window}])`;
  const summed = (rates: string) => `sum by (environment, deployment) (${rates})`;
  if (slowerThan !== undefined) {
    const histogram = 'switchyard_request_duration_seconds';
    const all = summed(rate(`${histogram}_count{${which}}`));
    const fast = summed(rate(`${histogram}_bucket{${which}, le="${boundOf(slowerThan)}"}`));
    return { bad: `(${all} - ${fast})`, all };
  }
  const requests = (codes: string) => rate(`switchyard_requests_total{${which}, code=~"${codes}"}`);
  return {
    // A queue that was full is no answer either. Both sides have labels of their own, so that none hides the other.
    bad: summed(`${rate(`switchyard_request_errors_total{${which}}`)} or ${requests('429')}`),
    // Other mistakes of clients count neither way; 406 is an answer that was no finite number.
    all: summed(requests('[235]..|406|429')),
  };
}

/** The next bound that is not below: what is slower than that is slower for sure, so that no alert is false. */
function boundOf(time: number): number {
  return exposedBounds.find((bound) => bound >= time) ?? exposedBounds.at(-1) ?? time;
}

function badness({ slowerThan }: Objective): string {
  return slowerThan === undefined ? 'not answered' : `slower than ${boundOf(slowerThan)} s`;
}

/** Without the last digits of binary fractions. */
function shownNumber(value: number): string {
  return String(Number(value.toPrecision(12)));
}
