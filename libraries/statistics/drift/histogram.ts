import { StatisticsError } from '../error.ts';
import {
  areaTail,
  type CellTest,
  kolmogorovTail,
  studentT,
  type TestName,
  type TestOutcome,
  testCells,
  welchT,
} from '../two-sample/index.ts';
import type { HistogramSample } from './column.ts';

/** Cells that are counted by tests of counts: tenths, as of raw numbers. */
const countedCells = 10;

const ofCounts: readonly TestName[] = [
  'chi-square',
  'g-test',
  'psi',
  'jensen-shannon',
  'kullback-leibler',
  'hellinger',
  'total-variation',
  'l-infinity',
];

/** The tests that a histogram with moments is enough for. */
export function canTestHistograms(test: TestName): boolean {
  return (
    ofCounts.includes(test) || ['kolmogorov-smirnov', 'wasserstein', 'welch-t', 'student-t'].includes(test)
  );
}

/**
 * A test of two histograms with the same edges, and of their moments. What is read off the distribution functions is exact at the edges
 * and taken as straight between them. Throws `StatisticsError`.
 */
export function testHistograms(
  test: TestName,
  reference: HistogramSample,
  current: HistogramSample,
): TestOutcome {
  if (
    reference.edges.length !== current.edges.length ||
    reference.edges.some((edge, at) => edge !== current.edges[at])
  )
    throw new StatisticsError(
      'the histograms have different edges: profile the current data against the reference',
    );
  if (test === 'kolmogorov-smirnov') return smirnov(reference, current);
  if (test === 'wasserstein') return area(reference, current);
  if (test === 'welch-t') return welchT(momentsOf(reference), momentsOf(current));
  if (test === 'student-t') return studentT(momentsOf(reference), momentsOf(current));
  const outcome = testCells(test as CellTest, tenths(reference, current));
  return { ...outcome, limits: [...outcome.limits, 'numbers are compared in bins of the reference'] };
}

function smirnov(reference: HistogramSample, current: HistogramSample): TestOutcome {
  const n = sizesOf(reference, current);
  const { apart } = functionsOf(reference, current);
  const statistic = apart.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return {
    method: 'asymptotic, at the edges of the histogram',
    statistic,
    pValue: kolmogorovTail(Math.sqrt((n.reference / (n.reference + n.current)) * n.current) * statistic),
    effect: statistic,
    effectName: 'largest distance of the distribution functions',
    n,
    limits: [`distances between the ${reference.edges.length} edges are not seen`],
  };
}

function area(reference: HistogramSample, current: HistogramSample): TestOutcome {
  const n = sizesOf(reference, current);
  const deviation = Math.sqrt(reference.variance);
  if (!(deviation > 0))
    throw new StatisticsError('the reference does not vary: nothing to measure distance by');
  const { apart, pooled } = functionsOf(reference, current);
  const ends = [
    Math.min(reference.least, current.least),
    ...reference.edges,
    Math.max(reference.most, current.most),
  ];
  let statistic = 0;
  const blocks: { share: number; weight: number }[] = [];
  for (let cell = 0; cell <= reference.edges.length; cell++) {
    const width = Math.max(0, ends[cell + 1]! - ends[cell]!);
    const [before, after] = [cell === 0 ? 0 : apart[cell - 1]!, apart[cell] ?? 0];
    statistic += width * meanSize(before, after);
    const share = ((cell === 0 ? 0 : pooled[cell - 1]!) + (pooled[cell] ?? 1)) / 2;
    const weight = Math.sqrt(share * (1 - share)) * width;
    if (!(weight > 0)) continue;
    const last = blocks.at(-1);
    // Every four cells are one block: the null distribution needs no more, and costs its square.
    if (cell % 4 !== 0 && last !== undefined) {
      last.share = (last.share * last.weight + share * weight) / (last.weight + weight);
      last.weight += weight;
    } else blocks.push({ share, weight });
  }
  const rows = (n.reference / (n.reference + n.current)) * n.current;
  return {
    method: 'limit of the bridge’s area, log-normal with its mean and variance',
    statistic,
    pValue: areaTail(Math.sqrt(rows) * statistic, blocks),
    effect: statistic / deviation,
    effectName: 'distance over the reference’s standard deviation',
    n,
    limits: [`values are taken as spread evenly between the ${reference.edges.length} edges`],
  };
}

/** The mean of |a line| from one value to another. */
function meanSize(from: number, to: number): number {
  if (from * to >= 0) return Math.abs(from + to) / 2;
  return (from * from + to * to) / (2 * (Math.abs(from) + Math.abs(to)));
}

/** At each edge: how far the distribution functions are apart, and the share of both samples together below it. */
function functionsOf(
  reference: HistogramSample,
  current: HistogramSample,
): { apart: number[]; pooled: number[] } {
  const n = sizesOf(reference, current);
  const apart: number[] = [];
  const pooled: number[] = [];
  let [below, others] = [0, 0];
  for (let cell = 0; cell < reference.edges.length; cell++) {
    below += reference.counts[cell]!;
    others += current.counts[cell]!;
    apart.push(below / n.reference - others / n.current);
    pooled.push((below + others) / (n.reference + n.current));
  }
  return { apart, pooled };
}

/** Neighbouring cells together, so that each holds about a tenth of the reference. */
export function tenths(
  reference: HistogramSample,
  current: HistogramSample,
): { reference: number[]; current: number[]; ends: number[] } {
  const total = sum(reference.counts);
  const cells = { reference: [0], current: [0], ends: [] as number[] };
  let seen = 0;
  for (let cell = 0; cell < reference.counts.length; cell++) {
    cells.reference[cells.reference.length - 1]! += reference.counts[cell]!;
    cells.current[cells.current.length - 1]! += current.counts[cell]!;
    seen += reference.counts[cell]!;
    const isFull = seen * countedCells >= cells.reference.length * total;
    if (!isFull || cell >= reference.edges.length || cells.reference.length === countedCells) continue;
    cells.reference.push(0);
    cells.current.push(0);
    cells.ends.push(reference.edges[cell]!);
  }
  return cells;
}

function momentsOf(sample: HistogramSample): { n: number; mean: number; variance: number } {
  return { n: sum(sample.counts), mean: sample.mean, variance: sample.variance };
}

function sizesOf(
  reference: HistogramSample,
  current: HistogramSample,
): { reference: number; current: number } {
  return { reference: sum(reference.counts), current: sum(current.counts) };
}

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
