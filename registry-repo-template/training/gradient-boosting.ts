/**
 * Gradient-boosted trees on histograms, for a yes-or-no target. No randomness: the same rows and parameters give the
 * same trees, to the last bit.
 */
export interface Parameters {
  readonly trees: number;
  /** Most splits between the root and a leaf. */
  readonly depth: number;
  readonly learningRate: number;
  /** Fewest rows on each side of a split. */
  readonly rowsPerLeaf: number;
  /** Pulls leaf values towards zero. */
  readonly l2: number;
  /** Most thresholds tried for one feature. */
  readonly thresholds: number;
}

/** How a split asks: numbers are compared with a threshold, the codes of categories are equal or not. */
export type Comparison = 'at most' | 'equal';

/** One column. 32-bit floats, because that is what the exported model compares. */
export interface Feature {
  readonly comparison: Comparison;
  readonly values: Float32Array;
}

export type TreeNode = Branch | Leaf;

/** A row for which the comparison holds goes to the first child, any other to the second. */
export interface Branch {
  readonly feature: number;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly children: readonly [TreeNode, TreeNode];
}

export interface Leaf {
  /** What the leaf adds to the log-odds. */
  readonly value: number;
}

export interface Ensemble {
  /** Log-odds before any tree has spoken. */
  readonly base: number;
  readonly trees: readonly TreeNode[];
}

/**
 * Fits an ensemble. Thresholds and leaf values are rounded to 32 bits before they are used, so that training sees what
 * serving will see.
 */
export function train(features: readonly Feature[], target: Uint8Array, parameters: Parameters): Ensemble {
  const positives = target.reduce((sum, value) => sum + value, 0);
  if (positives === 0 || positives === target.length) throw new Error('the target has one value only');
  const base = Math.fround(Math.log(positives / (target.length - positives)));
  const binned = features.map((feature) => bin(feature, parameters.thresholds));
  const scores = new Float64Array(target.length).fill(base);
  const gradients = new Float64Array(target.length);
  const hessians = new Float64Array(target.length);
  const trees: TreeNode[] = [];
  for (let tree = 0; tree < parameters.trees; tree += 1) {
    for (let row = 0; row < target.length; row += 1) {
      const probability = sigmoid(scores[row]!);
      gradients[row] = probability - target[row]!;
      hessians[row] = probability * (1 - probability);
    }
    const everyRow = Uint32Array.from(target, (_, row) => row);
    trees.push(grow({ binned, gradients, hessians, scores, parameters }, everyRow, 0));
  }
  return { base, trees };
}

/** The probability for one row of features, each a 32-bit float. */
export function predict(ensemble: Ensemble, row: readonly number[]): number {
  let score = ensemble.base;
  for (const tree of ensemble.trees) {
    let node = tree;
    while ('children' in node) node = node.children[isMet(node, row[node.feature]!) ? 0 : 1];
    score += node.value;
  }
  return sigmoid(score);
}

function isMet({ comparison, threshold }: Branch, value: number): boolean {
  return comparison === 'equal' ? value === threshold : value <= threshold;
}

/** A feature as small whole numbers. A row meets threshold `i` when its bin is `i`, or at most `i`, by the comparison. */
interface BinnedFeature {
  readonly comparison: Comparison;
  readonly thresholds: Float32Array;
  readonly bins: Uint16Array;
}

interface Fit {
  readonly binned: readonly BinnedFeature[];
  readonly gradients: Float64Array;
  readonly hessians: Float64Array;
  readonly scores: Float64Array;
  readonly parameters: Parameters;
}

interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly gain: number;
}

function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function bin({ comparison, values }: Feature, limit: number): BinnedFeature {
  const thresholds = comparison === 'equal' ? distinct(values.slice().sort()) : cuts(values, limit);
  const bins = Uint16Array.from(values, (value) =>
    comparison === 'equal'
      ? thresholds.indexOf(value)
      : thresholds.filter((threshold) => threshold < value).length,
  );
  return { comparison, thresholds, bins };
}

/** Halfway between neighbouring values; where there are too many values, between evenly spaced ones. */
function cuts(values: Float32Array, limit: number): Float32Array {
  const sorted = values.slice().sort();
  const all = distinct(sorted);
  const spread = Float32Array.from(
    { length: limit + 1 },
    (_, index) => sorted[Math.floor((index * (sorted.length - 1)) / limit)]!,
  );
  const chosen = all.length <= limit + 1 ? all : distinct(spread);
  return chosen.slice(1).map((value, index) => (chosen[index]! + value) / 2);
}

function distinct(sorted: Float32Array): Float32Array {
  return sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);
}

function grow(fit: Fit, rows: Uint32Array, depth: number): TreeNode {
  const split = depth < fit.parameters.depth ? bestSplit(fit, rows) : undefined;
  if (!split) return leaf(fit, rows);
  const { comparison, bins, thresholds } = fit.binned[split.feature]!;
  const goesFirst = (row: number) =>
    comparison === 'equal' ? bins[row]! === split.bin : bins[row]! <= split.bin;
  const first = rows.filter(goesFirst);
  const second = rows.filter((row) => !goesFirst(row));
  return {
    feature: split.feature,
    comparison,
    threshold: thresholds[split.bin]!,
    children: [grow(fit, first, depth + 1), grow(fit, second, depth + 1)],
  };
}

function leaf({ gradients, hessians, scores, parameters }: Fit, rows: Uint32Array): Leaf {
  const total = sum(rows, gradients, hessians);
  const step = -total.gradient / (total.hessian + parameters.l2);
  const value = Math.fround(step * parameters.learningRate);
  for (const row of rows) scores[row]! += value;
  return { value };
}

/** The split that lowers the loss most; the first of equals, so that the order of the columns decides and nothing else. */
function bestSplit({ gradients, hessians, binned, parameters }: Fit, rows: Uint32Array): Split | undefined {
  const all = sum(rows, gradients, hessians);
  const loss = (side: Totals) => side.gradient ** 2 / (side.hessian + parameters.l2);
  let best: Split | undefined;
  for (const [feature, { comparison, bins, thresholds }] of binned.entries()) {
    const histogram = Array.from({ length: thresholds.length + 1 }, nothing);
    for (const row of rows) add(histogram[bins[row]!]!, gradients[row]!, hessians[row]!, 1);
    let first = nothing();
    for (let bin = 0; bin < thresholds.length; bin += 1) {
      if (comparison === 'equal') first = nothing();
      const { gradient, hessian, rows: count } = histogram[bin]!;
      add(first, gradient, hessian, count);
      const second = {
        gradient: all.gradient - first.gradient,
        hessian: all.hessian - first.hessian,
        rows: all.rows - first.rows,
      };
      if (Math.min(first.rows, second.rows) < parameters.rowsPerLeaf) continue;
      const gain = loss(first) + loss(second) - loss(all);
      if (gain > (best?.gain ?? 1e-9)) best = { feature, bin, gain };
    }
  }
  return best;
}

interface Totals {
  gradient: number;
  hessian: number;
  rows: number;
}

function nothing(): Totals {
  return { gradient: 0, hessian: 0, rows: 0 };
}

function add(totals: Totals, gradient: number, hessian: number, rows: number): void {
  totals.gradient += gradient;
  totals.hessian += hessian;
  totals.rows += rows;
}

function sum(rows: Uint32Array, gradients: Float64Array, hessians: Float64Array): Totals {
  const totals = nothing();
  for (const row of rows) add(totals, gradients[row]!, hessians[row]!, 1);
  return totals;
}
