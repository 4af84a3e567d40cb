import { StatisticsError } from '../error.ts';
import {
  binsOfNumbers,
  effectiveRows,
  isCellTest,
  judgeArea,
  kolmogorovTail,
  requireDeviation,
  studentT,
  type TestName,
  type TestOutcome,
  testBins,
  totalsOf,
  welchT,
} from '../two-sample/index.ts';
import { fewValues } from './choice.ts';
import type { HistogramSample } from './column.ts';
import { labelsOf, sharesOf } from './distribution.ts';
import type { Numbers } from './numbers.ts';

/** Where in their cell values are: anywhere, evenly, or all of them at its lower end. */
type Place = 'spread' | 'first';

/** The tests that a histogram with moments is enough for. */
export function canTestHistograms(test: TestName): boolean {
  return isCellTest(test) || ['kolmogorov-smirnov', 'wasserstein', 'welch-t', 'student-t'].includes(test);
}

/** Numbers of which two histograms with the same edges are left, and their moments. */
export function histogramNumbers(
  reference: HistogramSample,
  current: HistogramSample,
  place: Place = 'spread',
): Numbers {
  return {
    referenceRows: sum(reference.counts),
    distinct: fewValues + 1,
    categories() {
      throw new StatisticsError('a histogram does not know its values');
    },
    whyNot: (test) =>
      canTestHistograms(test) ? undefined : 'it needs the values, and only a profile is there',
    judge(test) {
      const { ends, ...cells } = tenths(reference, current);
      return {
        outcome: testHistograms(test, reference, current, place),
        distribution: sharesOf(cells, labelsOf(ends, 'below')),
      };
    },
  };
}

/** What is read off the distribution functions is exact at the edges. Throws `StatisticsError`. */
function testHistograms(
  test: TestName,
  reference: HistogramSample,
  current: HistogramSample,
  place: Place,
): TestOutcome {
  if (
    reference.edges.length !== current.edges.length ||
    reference.edges.some((edge, at) => edge !== current.edges[at])
  )
    throw new StatisticsError(
      'the histograms have different edges: profile the current data against the reference',
    );
  if (test === 'kolmogorov-smirnov') return smirnov(reference, current, place);
  if (test === 'wasserstein') return area(reference, current, place);
  if (test === 'welch-t') return welchT(momentsOf(reference), momentsOf(current));
  if (test === 'student-t') return studentT(momentsOf(reference), momentsOf(current));
  if (isCellTest(test)) return testBins(test, tenths(reference, current));
  throw new StatisticsError(`${test} cannot be made of histograms`);
}

function smirnov(reference: HistogramSample, current: HistogramSample, place: Place): TestOutcome {
  const n = sizesOf(reference, current);
  const { apart } = functionsOf(reference, current);
  const statistic = apart.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return {
    method: place === 'first' ? 'asymptotic' : 'asymptotic, at the edges of the histogram',
    statistic,
    pValue: kolmogorovTail(Math.sqrt(effectiveRows(n)) * statistic),
    effect: statistic,
    effectName: 'largest distance of the distribution functions',
    n,
    limits: [
      place === 'first'
        ? 'ties make the asymptotic p value too large'
        : `distances between the ${reference.edges.length} edges are not seen`,
    ],
  };
}

function area(reference: HistogramSample, current: HistogramSample, place: Place): TestOutcome {
  const n = sizesOf(reference, current);
  const deviation = requireDeviation(reference.variance);
  const { apart, pooled } = functionsOf(reference, current);
  const ends = [
    Math.min(reference.least, current.least),
    ...reference.edges,
    Math.max(reference.most, current.most),
  ];
  // Of many cells, some are one block: the null distribution needs no more, and costs its square.
  const cellsOfBlock = place === 'first' ? Math.ceil(apart.length / 32) : 4;
  let statistic = 0;
  const blocks: { share: number; weight: number }[] = [];
  for (let cell = 0; cell <= reference.edges.length; cell++) {
    const width = Math.max(0, ends[cell + 1]! - ends[cell]!);
    const after = { apart: apart[cell] ?? 0, pooled: pooled[cell] ?? 1 };
    const before = place === 'first' ? after : { apart: apart[cell - 1] ?? 0, pooled: pooled[cell - 1] ?? 0 };
    statistic += width * meanSize(before.apart, after.apart);
    const share = (before.pooled + after.pooled) / 2;
    const weight = Math.sqrt(share * (1 - share)) * width;
    if (!(weight > 0)) continue;
    const last = blocks.at(-1);
    if (cell % cellsOfBlock !== 0 && last !== undefined) {
      last.share = (last.share * last.weight + share * weight) / (last.weight + weight);
      last.weight += weight;
    } else blocks.push({ share, weight });
  }
  const limits =
    place === 'first'
      ? []
      : [`values are taken as spread evenly between the ${reference.edges.length} edges`];
  return judgeArea(n, statistic, deviation, blocks, limits);
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

/** Neighbouring cells together, so that each holds about a tenth of the reference: as `quantileEdges` has them of rows. */
function tenths(
  reference: HistogramSample,
  current: HistogramSample,
): { reference: number[]; current: number[]; ends: number[] } {
  const total = sum(reference.counts);
  const cells = { reference: [0], current: [0], ends: [] as number[] };
  let seen = 0;
  let wanted = 1;
  for (const [cell, edge] of [...reference.edges, Number.POSITIVE_INFINITY].entries()) {
    cells.reference[cells.reference.length - 1]! += reference.counts[cell]!;
    cells.current[cells.current.length - 1]! += current.counts[cell]!;
    seen += reference.counts[cell]!;
    // What lies above the whole reference belongs to its last cell.
    if (seen * binsOfNumbers < wanted * total || seen === total) continue;
    cells.reference.push(0);
    cells.current.push(0);
    cells.ends.push(edge);
    wanted = Math.floor((seen * binsOfNumbers) / total) + 1;
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
  return totalsOf({ reference: reference.counts, current: current.counts });
}

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
