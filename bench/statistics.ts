/** Statistics: how often tests find a difference where there is none, and how soon where there is one. */
import {
  anytimeTest,
  type Effect,
  posteriorOf,
  power,
  sequentialSampleRatio,
  welchTest,
} from '../libraries/statistics/index.ts';
import {
  atMostPercent,
  type Bench,
  type BenchOptions,
  type BenchReport,
  type BenchTarget,
  round,
} from './report.ts';
import { type Arm, compareArms, type Metric, metrics, type Rows, rowsOf } from './statistics-arms.ts';
import { boundsTables } from './statistics-bounds.ts';
import { driftParts } from './statistics-drift.ts';
import { multivariateParts } from './statistics-multivariate.ts';
import { quantileTable } from './statistics-quantiles.ts';

const alpha = 0.05;
const looks = 100;
/** Of each arm, from one look to the next. */
const rowsALook = 100;
const seed = 20_260_101;

export const statistics: Bench = {
  name: 'statistics',
  description:
    'false alarms where nothing differs (experiments, drift, streams), and power and delay where something does',
  run,
};

async function run(options: BenchOptions): Promise<BenchReport> {
  const runs = options.quick ? 100 : 1_000;
  const parts = [
    falseAlarms(runs, options),
    quantileTable(seed, options),
    detection(runs / 2, options),
    boundsTables(runs / 5, seed, options),
    ...driftParts(seed, options),
    ...(await multivariateParts(seed, options)),
  ];
  return {
    tables: parts.flatMap(({ tables }) => tables),
    numbers: Object.assign(
      { seed, runs, looks, rowsALook },
      ...parts.map(({ numbers }) => numbers),
    ) as Record<string, number>,
    targets: parts.flatMap(({ targets }) => targets),
  };
}

/** How each looks at the same rows. `naive` stops at the first difference that a test for one look shows. */
const ways = ['planned', 'naive', 'bayesian', 'sequential', 'oneSided', 'sampleRatio'] as const;
type Way = (typeof ways)[number];

function falseAlarms(runs: number, { progress }: BenchOptions): BenchReport {
  const rows: (string | number)[][] = [];
  const numbers: Record<string, number> = {};
  const targets: BenchTarget[] = [];
  for (const [index, metric] of metrics.entries()) {
    progress(`${runs} runs without a difference: ${metric.name}`);
    const alarms: Record<Way, number> = {
      planned: 0,
      naive: 0,
      bayesian: 0,
      sequential: 0,
      oneSided: 0,
      sampleRatio: 0,
    };
    for (let world = 0; world < runs; world++) {
      const found = alarmsOf(metric, rowsOf(metric, seed + index * 1_000_000 + world));
      for (const way of ways) alarms[way] += Number(found[way]);
    }
    const share = (way: Way) => (100 * alarms[way]) / runs;
    rows.push([metric.name, ...ways.map((way) => `${round(share(way))} %`)]);
    for (const way of ways) numbers[`${metric.key}.falseAlarms.${way}`] = share(way);
    targets.push(
      atMostPercent(`${metric.name}: sequential`, share('sequential'), 6.5),
      atMostPercent(`${metric.name}: sequential, one-sided`, share('oneSided'), 6.5),
      atMostPercent(`${metric.name}: sample ratio, sequential`, share('sampleRatio'), 6.5),
      {
        name: `${metric.name}: naive looking`,
        limit: '> 20 %',
        measured: `${round(share('naive'))} %`,
        pass: share('naive') > 20,
      },
    );
  }
  const title = `False alarms at alpha ${alpha}: ${runs} runs of two equal arms, ${looks} looks each, ${rowsALook} rows an arm from look to look (seed ${seed})`;
  const columns = [
    'metric',
    'Welch, last look only',
    'Welch, each look',
    'chance to win, each look',
    'sequential, each look',
    'one-sided',
    'sample ratio, each look',
  ];
  return { tables: [{ title, columns, rows }], numbers, targets };
}

function alarmsOf(metric: Metric, rows: Rows): Record<Way, boolean> {
  const found = {
    planned: false,
    naive: false,
    bayesian: false,
    sequential: false,
    oneSided: false,
    sampleRatio: false,
  };
  const [control, treatment]: [Arm, Arm] = [rows.arm(), rows.arm()];
  const counts = [0, 0];
  let ratio = 1;
  for (let look = 1; look <= looks; look++) {
    rows.add(control, rowsALook);
    rows.add(treatment, rowsALook);
    counts[0]! += rows.assigned(2 * rowsALook);
    counts[1] = look * 2 * rowsALook - counts[0]!;
    ratio = sequentialSampleRatio({ observed: counts, expected: [1, 1] }, { previous: ratio }).pValue;
    const effect = compareArms(metric, control, treatment);
    if (effect === undefined) continue;
    const isShown = welchTest(effect, alpha, 'two-sided').pValue < alpha;
    const { chanceToWin } = posteriorOf(effect, alpha, 'two-sided');
    found.planned = isShown;
    found.naive ||= isShown;
    found.bayesian ||= Math.min(chanceToWin, 1 - chanceToWin) < alpha / 2;
    found.sequential ||= anytimeTest(effect, alpha, 'two-sided').pValue < alpha;
    found.oneSided ||= anytimeTest(effect, alpha, 'greater').pValue < alpha;
  }
  found.sampleRatio = ratio < alpha;
  return found;
}

function detection(runs: number, { progress }: BenchOptions): BenchReport {
  const rows: (string | number)[][] = [];
  const numbers: Record<string, number> = {};
  for (const [index, metric] of metrics.entries()) {
    progress(`${runs} runs of each real difference: ${metric.name}`);
    for (const lift of metric.lifts) {
      let planned = 0;
      const delays: number[] = [];
      for (let world = 0; world < runs; world++) {
        const found = detectionOf(metric, rowsOf(metric, seed + 500_000 + index * 1_000_000 + world), lift);
        planned += Number(found.planned);
        if (found.rows !== undefined) delays.push(found.rows);
      }
      delays.sort((one, other) => one - other);
      // Those that have not found it are later than all others.
      const delay = (share: number) => delays[Math.ceil(share * runs) - 1];
      const percentOf = (count: number) => round((100 * count) / runs);
      const expected = (method: 'fixed' | 'sequential') =>
        round(100 * power({ ...metric.design(lift), alpha, method }, 2 * looks * rowsALook));
      rows.push([
        metric.name,
        `+${round(100 * lift)} %`,
        `${percentOf(planned)} % (${expected('fixed')} %)`,
        `${percentOf(delays.length)} % (>= ${expected('sequential')} %)`,
        delay(0.5)?.toLocaleString('en-US') ?? 'not found',
        delay(0.9)?.toLocaleString('en-US') ?? 'not found',
      ]);
      const key = `${metric.key}.lift${round(100 * lift)}`;
      numbers[`${key}.power.planned`] = percentOf(planned);
      numbers[`${key}.power.sequential`] = percentOf(delays.length);
      numbers[`${key}.rows.p50`] = delay(0.5) ?? -1;
      numbers[`${key}.rows.p90`] = delay(0.9) ?? -1;
    }
  }
  return {
    tables: [
      {
        title: `Real differences: ${runs} runs each, at most ${(2 * looks * rowsALook).toLocaleString('en-US')} rows of both arms (expected power in brackets)`,
        columns: [
          'metric',
          'difference',
          'Welch, last look only',
          'sequential, by the last look',
          'rows until found: p50',
          'p90',
        ],
        rows,
      },
    ],
    numbers,
    targets: [],
  };
}

function detectionOf(metric: Metric, rows: Rows, lift: number): { planned: boolean; rows?: number } {
  const [control, treatment] = [rows.arm(), rows.arm()];
  let effect: Effect | undefined;
  let found: number | undefined;
  for (let look = 1; look <= looks; look++) {
    rows.add(control, rowsALook);
    rows.add(treatment, rowsALook, lift);
    effect = compareArms(metric, control, treatment);
    if (effect !== undefined && anytimeTest(effect, alpha, 'two-sided').pValue < alpha)
      found ??= 2 * look * rowsALook;
  }
  const planned = effect !== undefined && welchTest(effect, alpha, 'two-sided').pValue < alpha;
  return { planned, ...(found === undefined ? {} : { rows: found }) };
}
