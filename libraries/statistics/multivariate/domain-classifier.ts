import { normalUpperTail } from '../normal.ts';
import { type Random, seededRandom } from '../random.ts';
import type { TestOutcome } from '../two-sample/index.ts';
import { binColumns } from './binned-columns.ts';
import { type BoostingOptions, fitBoostedTrees } from './boosted-trees.ts';
import { requireTables, type Tables } from './table.ts';

export interface DomainClassifierOutcome extends TestOutcome {
  /** By column, its share in telling the samples apart, the largest first. */
  readonly columns: readonly { readonly column: string; readonly share: number }[];
}

const parts = 5;
const boosting: BoostingOptions = { trees: 30, depth: 3, learningRate: 0.15, rowsPerLeaf: 10, l2: 5 };

/**
 * Whether a classifier can tell of rows which sample they are of (Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR
 * 2017): boosted trees, and the area under their ROC curve on rows that they have not seen. Rows are dealt into five parts; those of
 * each are scored by trees that learned from the parts before it. Given what was learned, ranks in a part are those of a random
 * sample where nothing differs, with Mann and Whitney's mean and variance, ties told; so the sum over the parts is a martingale, and
 * normal with the sum of the variances. Folds that learn from each other would not be independent, and their variance unknown.
 */
export function domainClassifier(tables: Tables, { seed = 1 } = {}): DomainClassifierOutcome {
  const n = requireTables(tables);
  const columns = binColumns(tables);
  const labels = new Uint8Array(n.reference + n.current).fill(1, n.reference);
  const dealt = deal(n, seededRandom(seed));
  const gains = new Float64Array(columns.length);
  let [wins, variance, pairs] = [0, 0, 0];
  for (let part = 1; part < parts; part++) {
    const seen = Uint32Array.from(dealt.slice(0, part).flat());
    const trees = fitBoostedTrees(columns, labels, seen, boosting);
    const ranks = rankSum(dealt[part]!, labels, trees.score);
    wins += ranks.wins;
    variance += ranks.variance;
    pairs += ranks.pairs;
    if (part === parts - 1) gains.set(trees.gains);
  }
  const auc = wins / pairs;
  const z = variance > 0 ? (wins - pairs / 2) / Math.sqrt(variance) : 0;
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  const shares = tables.reference.map(({ name }, at) => ({
    column: name,
    share: total > 0 ? gains[at]! / total : 0,
  }));
  return {
    method:
      'boosted trees, each part of the rows scored by what the parts before it taught; variance of the rank sums',
    statistic: auc,
    pValue: normalUpperTail(z),
    effect: Math.max(0, 2 * auc - 1),
    effectName: 'twice the area under the ROC curve, less one',
    n,
    limits: [
      'tells that rows differ, and not for better or worse',
      'a column that tells the time, such as an id or a date, is enough for it',
    ],
    columns: shares.sort((one, other) => other.share - one.share),
  };
}

/** Rows in random order, each part with its share of both samples. */
function deal(n: { readonly reference: number; readonly current: number }, random: Random): number[][] {
  const dealt = Array.from({ length: parts }, (): number[] => []);
  const spread = (from: number, count: number): void => {
    const rows = Array.from({ length: count }, (_, at) => from + at);
    for (let at = count - 1; at > 0; at--) {
      const other = random.below(at + 1);
      [rows[at], rows[other]] = [rows[other]!, rows[at]!];
    }
    for (const [at, row] of rows.entries()) dealt[at % parts]!.push(row);
  };
  spread(0, n.reference);
  spread(n.reference, n.current);
  return dealt;
}

/** Pairs of a row of either sample that are in the right order, ties half; and how that varies where nothing differs. */
function rankSum(
  rows: readonly number[],
  labels: Uint8Array,
  score: (row: number) => number,
): { wins: number; variance: number; pairs: number } {
  const scored = rows
    .map((row) => ({ score: score(row), label: labels[row]! }))
    .sort((one, other) => one.score - other.score);
  let [wins, references, ties] = [0, 0, 0];
  for (let from = 0; from < scored.length; ) {
    let to = from;
    let [reference, current] = [0, 0];
    while (to < scored.length && scored[to]!.score === scored[from]!.score) {
      if (scored[to]!.label === 1) current++;
      else reference++;
      to++;
    }
    wins += current * (references + reference / 2);
    references += reference;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const all = scored.length;
  const pairs = references * (all - references);
  return { wins, pairs, variance: (pairs / 12) * (all + 1 - ties / (all * (all - 1))) };
}
