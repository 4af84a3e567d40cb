/** Performance: how often intervals hold what they should, with labels and without, and how long figures take. */
import { seededRandom } from '../libraries/statistics/index.ts';
import {
  atOnce,
  estimatedNames,
  estimatePerformance,
  measure,
} from '../libraries/statistics/performance/index.ts';
import { normals } from './normal-values.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';

const seed = 11;

export const performance: Bench = {
  name: 'performance',
  description:
    'how often estimates without labels hold what labels show, and how long figures with intervals take',
  run,
};

interface Case {
  readonly reference: number;
  readonly window: number;
  /** What the model makes of the log odds: 1 is right, more too extreme. */
  readonly stretch: number;
  /** How far the log odds of the window are from those of the reference. */
  readonly shift: number;
}

const cases: readonly Case[] = [
  { reference: 2000, window: 500, stretch: 1, shift: 0 },
  { reference: 2000, window: 500, stretch: 1.8, shift: 0.7 },
  { reference: 2000, window: 2000, stretch: 1.8, shift: 0.7 },
  { reference: 1000, window: 1000, stretch: 0.5, shift: 0.7 },
  { reference: 500, window: 500, stretch: 1.8, shift: 0 },
];

async function run({ quick, progress }: BenchOptions): Promise<BenchReport> {
  const random = seededRandom(seed);
  const rowsOf = (count: number, shift: number, stretch: number) => {
    const odds = normals(random, count).map((one) => shift - 0.6 + 1.3 * one);
    const probabilities = odds.map((one) => 1 / (1 + Math.exp(-stretch * one)));
    const labels = odds.map((one) => (random.next() < 1 / (1 + Math.exp(-one)) ? 1 : 0));
    return { probabilities, labels, predicted: probabilities.map(Math.round) };
  };
  const trials = quick ? 20 : 150;
  let least = 1;
  const coverage = cases.map(({ reference, window, stretch, shift }) => {
    progress(`${trials} windows of ${window} rows, estimated from ${reference}`);
    const held = new Map<string, number>();
    let bias = 0;
    for (let trial = 0; trial < trials; trial++) {
      const known = rowsOf(reference, 0, stretch);
      const rows = rowsOf(window, shift, stretch);
      const estimate = atOnce(estimatePerformance(known, rows, { seed: trial, replicates: 200 }));
      const shown = atOnce(measure({ task: 'binary', ...rows }, { seed: 1, replicates: 0 })).metrics;
      for (const { metric, value, low, high } of estimate.metrics) {
        const real = shown.find((one) => one.metric === metric)?.value ?? 0;
        if (low !== null && high !== null && real >= low && real <= high)
          held.set(metric, (held.get(metric) ?? 0) + 1 / trials);
        if (metric === 'auc') bias += ((value ?? 0) - real) / trials;
      }
    }
    const shares = estimatedNames.map((name) => held.get(name) ?? 0);
    least = Math.min(least, ...shares);
    return [reference, window, stretch, shift, ...shares.map((share) => round(100 * share)), round(bias)];
  });

  const many = quick ? 2_000 : 10_000;
  progress(`all figures of ${many} rows, with intervals`);
  const rows = { task: 'binary', ...rowsOf(many, 0, 1) } as const;
  const began = process.hrtime.bigint();
  atOnce(measure(rows, { seed: 1, replicates: 1000 }));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  return {
    tables: [
      {
        title: `Intervals of 95 % without labels that hold what labels show, in % of ${trials} windows (seed ${seed})`,
        columns: ['reference', 'window', 'stretch', 'shift', ...estimatedNames, 'auc too high by'],
        rows: coverage,
      },
      {
        title: 'Eleven figures of two classes, each with an interval of 1,000 samples',
        columns: ['rows', 'seconds'],
        rows: [[many, round(seconds)]],
      },
    ],
    numbers: { leastCoverage: least, seconds },
    targets: [
      {
        name: 'intervals without labels hold what labels show',
        limit: '>= 85 %',
        measured: `${round(100 * least)} %`,
        pass: least >= 0.85,
      },
    ],
  };
}
