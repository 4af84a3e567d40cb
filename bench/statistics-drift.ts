/** Drift, where there is none and where there is: how often tests, families of columns and the anytime-valid alarm say so. */
import { anytimeAlarm } from '../libraries/change-detection/index.ts';
import { type ColumnSample, compareSamples } from '../libraries/statistics/drift/index.ts';
import { type Random, seededRandom } from '../libraries/statistics/index.ts';
import {
  isProportionTest,
  sortedSamples,
  type TestName,
  testCells,
  testNames,
  testNumbers,
} from '../libraries/statistics/two-sample/index.ts';
import { normals } from './normal-values.ts';
import { atMostPercent, type BenchOptions, type BenchReport, type BenchTarget, round } from './report.ts';
import { monitorParts } from './statistics-monitor.ts';

const alpha = 0.05;
/** Unlike, so that no lattice of possible statistics hides what a test does. */
const sizes = { reference: 400, current: 300 } as const;

export function driftParts(seed: number, options: BenchOptions): readonly BenchReport[] {
  return [
    nullTrials(seed, options),
    families(seed, options),
    alarms(seed, options),
    ...monitorParts(seed, options),
  ];
}

type Draw = (random: Random, rows: number) => Float64Array;

/** Ties change how statistics spread, and most real columns have some. */
const shapes: Readonly<Record<string, Draw>> = {
  'no ties': normals,
  'whole numbers': (random, rows) => normals(random, rows).map((value) => Math.round(2 * value)),
  'nine in ten zero': (random, rows) =>
    normals(random, rows).map((value) => (random.next() < 0.9 ? 0 : Math.abs(value))),
};

/** How often each test rejects where both samples come of one distribution. */
function nullTrials(seed: number, { quick, progress }: BenchOptions): BenchReport {
  const trials = quick ? 200 : 2000;
  const rows: (string | number)[][] = [];
  const numbers: Record<string, number> = {};
  const targets: BenchTarget[] = [];
  for (const [at, test] of testNames.entries()) {
    const columns: (string | number)[] = [];
    for (const [shape, draw] of Object.entries(shapes)) {
      if (isProportionTest(test) && draw !== normals) continue;
      progress(`${trials} null trials: ${test}, ${shape}`);
      const random = seededRandom(seed + at);
      let rejected = 0;
      let far = 0;
      for (let trial = 0; trial < trials; trial++) {
        const p = nullPValue(test, random, draw);
        rejected += Number(p < alpha);
        far += Number(p < 0.01);
      }
      const share = rejected / trials;
      columns.push(round(100 * share), round((100 * far) / trials));
      // A test whose p-value is a bound where values are equal rejects less often than it might, which is no false alarm. Of so many shares of 2,000
      // trials one lies two standard deviations above by chance: three are 1.5 points.
      const [least, most] = draw === normals ? [0.035, 0.06] : [0, 0.065];
      numbers[draw === normals ? `${test}.falseAlarms` : `${test}.falseAlarms.${shape}`] = share;
      targets.push({
        name: `null trials: ${test}${isProportionTest(test) ? '' : `, ${shape}`}`,
        limit: least > 0 ? '3.5 to 6 %' : '<= 6.5 %',
        measured: `${round(100 * share)} %`,
        pass: share >= least && share <= most,
      });
    }
    rows.push([test, ...columns, ...new Array(2 * Object.keys(shapes).length - columns.length).fill('')]);
  }
  const title = `Two samples of one distribution, ${sizes.reference} and ${sizes.current} rows: ${trials} trials of each test (seed ${seed}), % with p < 0.05 and p < 0.01`;
  const columns = Object.keys(shapes).flatMap((shape) => [`${shape}: 0.05`, '0.01']);
  return { tables: [{ title, columns: ['test', ...columns], rows }], numbers, targets };
}

function nullPValue(test: TestName, random: Random, draw: Draw): number {
  if (!isProportionTest(test)) {
    return testNumbers(test, sortedSamples(draw(random, sizes.reference), draw(random, sizes.current)))
      .pValue;
  }
  const cells = (rows: number): number[] => {
    let counted = 0;
    for (let row = 0; row < rows; row++) counted += Number(random.next() < 0.3);
    return [counted, rows - counted];
  };
  return testCells(test, { reference: cells(sizes.reference), current: cells(sizes.current) }).pValue;
}

/** Fifty columns that have not drifted: how often is any said to, whatever its effect. */
function families(seed: number, { quick, progress }: BenchOptions): BenchReport {
  const runs = quick ? 50 : 1000;
  const rows: (string | number)[][] = [];
  const numbers: Record<string, number> = {};
  const targets: BenchTarget[] = [];
  for (const correction of ['none', 'benjamini-hochberg', 'holm'] as const) {
    progress(`${runs} datasets of 50 columns without drift: ${correction}`);
    const random = seededRandom(seed + 1000);
    let any = 0;
    for (let run = 0; run < runs; run++) {
      const { dataset } = compareSamples(dataset50(random, 400), dataset50(random, 300), {
        correction,
        threshold: 0,
        test: 'mann-whitney',
      });
      any += Number(dataset.drifted > 0);
    }
    const share = (100 * any) / runs;
    rows.push([correction, round(share)]);
    numbers[`columns.${correction}`] = share;
    if (correction !== 'none')
      targets.push(atMostPercent(`50 columns, any false alarm: ${correction}`, share, 7));
  }
  const title = `Any of 50 columns called drifted where none is, thresholds of effects off: ${runs} datasets`;
  return { tables: [{ title, columns: ['correction', 'datasets, %'], rows }], numbers, targets };
}

function dataset50(random: Random, rows: number): Map<string, ColumnSample> {
  return new Map(
    Array.from({ length: 50 }, (_, at) => {
      const values = normals(random, rows);
      return [`column-${at}`, { type: 'number', rows, missing: 0, values, infinite: 0, unreadable: 0 }];
    }),
  );
}

/** Streams of errors at a rate of 0.1: the alarm while it stays, and after it doubles. */
function alarms(seed: number, { quick, progress }: BenchOptions): BenchReport {
  const streams = quick ? 100 : 500;
  const length = 10_000;
  progress(`${streams} streams of ${length} events`);
  const random = seededRandom(seed + 2000);
  const stream = () => anytimeAlarm({ baseline: 0.1, alpha });
  let falseAlarms = 0;
  for (let at = 0; at < streams; at++)
    falseAlarms += Number(delayOf(stream(), random, 0.1, length) !== undefined);
  const falseShare = (100 * falseAlarms) / streams;
  const rows: (string | number)[][] = [[`stays at 0.1 for ${length}`, round(falseShare), '', '']];
  const numbers: Record<string, number> = { 'alarm.false': falseShare };
  const targets = [atMostPercent('anytime-valid alarm: streams that stay', falseShare, 7)];
  for (const before of [0, 1000, length]) {
    const delays: number[] = [];
    let changed = 0;
    for (let at = 0; at < streams; at++) {
      const alarm = stream();
      if (delayOf(alarm, random, 0.1, before) !== undefined) continue;
      changed++;
      const delay = delayOf(alarm, random, 0.2, 1000);
      if (delay !== undefined) delays.push(delay);
    }
    delays.sort((one, other) => one - other);
    const found = (100 * delays.length) / changed;
    const at = (share: number) => delays[Math.ceil(share * changed) - 1] ?? 'later';
    rows.push([`0.1 → 0.2 after ${before}`, round(found), at(0.5), at(0.95)]);
    numbers[`alarm.found.${before}`] = found;
    targets.push({
      name: `anytime-valid alarm: 0.1 → 0.2 after ${before}, within 1,000 events`,
      limit: '>= 95 %',
      measured: `${round(found)} %`,
      pass: found >= 95,
    });
  }
  const title = `The anytime-valid alarm at alpha ${alpha}: ${streams} streams`;
  return {
    tables: [{ title, columns: ['stream', 'alarm, %', 'events until it: p50', 'p95'], rows }],
    numbers,
    targets,
  };
}

/** Events until the alarm, of at most so many. */
function delayOf(
  alarm: ReturnType<typeof anytimeAlarm>,
  random: Random,
  rate: number,
  events: number,
): number | undefined {
  for (let event = 1; event <= events; event++) {
    if (alarm.add(Number(random.next() < rate)) === 'alarm') return event;
  }
  return undefined;
}
