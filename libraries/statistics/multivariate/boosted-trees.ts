import { type BinnedColumn, mostBins } from './binned-columns.ts';

/** Trees whose sum is the log odds that a row is of class 1. */
export interface BoostedTrees {
  score(row: number): number;
  /** By column, how much its splits made the loss smaller. */
  readonly gains: Float64Array;
}

export interface BoostingOptions {
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  readonly rowsPerLeaf: number;
  readonly l2: number;
}

interface Split {
  readonly column: number;
  /** Which bins go left. */
  readonly left: number;
  readonly gain: number;
}

type Node = { readonly value: number } | (Split & { readonly low: Node; readonly high: Node });

/**
 * Gradient boosting of the logistic loss on binned columns (Friedman, "Greedy function approximation", Annals of Statistics 29, 2001;
 * splits of categories in the order of their gradients, after Fisher, "On grouping for maximum homogeneity", JASA 53, 1958).
 */
export function fitBoostedTrees(
  columns: readonly BinnedColumn[],
  labels: Uint8Array,
  rows: Uint32Array,
  options: BoostingOptions,
): BoostedTrees {
  const gains = new Float64Array(columns.length);
  const scores = new Float64Array(labels.length);
  const gradients = new Float64Array(labels.length);
  const hessians = new Float64Array(labels.length);
  let positives = 0;
  for (const row of rows) positives += labels[row]!;
  const base = Math.log((positives + 0.5) / (rows.length - positives + 0.5));
  for (const row of rows) scores[row] = base;
  const trees: Node[] = [];
  for (let tree = 0; tree < options.trees; tree++) {
    for (const row of rows) {
      const chance = 1 / (1 + Math.exp(-scores[row]!));
      gradients[row] = labels[row]! - chance;
      hessians[row] = chance * (1 - chance);
    }
    const root = grow(rows, options.depth);
    trees.push(root);
    if ('value' in root) break;
  }
  return {
    gains,
    score: (row) => trees.reduce((sum, tree) => sum + leafOf(tree, row), base),
  };

  function grow(inNode: Uint32Array, depth: number): Node {
    const split = depth === 0 || inNode.length < 2 * options.rowsPerLeaf ? undefined : bestSplit(inNode);
    if (split === undefined) {
      let [gradient, hessian] = [0, options.l2];
      for (const row of inNode) {
        gradient += gradients[row]!;
        hessian += hessians[row]!;
      }
      const value = (options.learningRate * gradient) / hessian;
      for (const row of inNode) scores[row]! += value;
      return { value };
    }
    gains[split.column]! += split.gain;
    const { bins } = columns[split.column]!;
    const isLow = (row: number) => ((split.left >>> bins[row]!) & 1) === 1;
    const low = grow(inNode.filter(isLow), depth - 1);
    const high = grow(
      inNode.filter((row) => !isLow(row)),
      depth - 1,
    );
    return { ...split, low, high };
  }

  function bestSplit(inNode: Uint32Array): Split | undefined {
    let best: Split | undefined;
    const sums = new Float64Array(2 * mostBins);
    const counts = new Uint32Array(mostBins);
    for (const [column, { bins, isOrdered }] of columns.entries()) {
      sums.fill(0);
      counts.fill(0);
      for (const row of inNode) {
        const bin = bins[row]!;
        sums[2 * bin]! += gradients[row]!;
        sums[2 * bin + 1]! += hessians[row]!;
        counts[bin]!++;
      }
      const order: number[] = [];
      for (let bin = 0; bin < mostBins; bin++) if (counts[bin]! > 0) order.push(bin);
      const slope = (bin: number) => sums[2 * bin]! / (sums[2 * bin + 1]! + options.l2);
      if (!isOrdered) order.sort((one, other) => slope(one) - slope(other) || one - other);
      const found = splitOf(order, sums, counts);
      if (found !== undefined && found.gain > (best?.gain ?? 1e-9)) best = { column, ...found };
    }
    return best;
  }

  function splitOf(
    order: readonly number[],
    sums: Float64Array,
    counts: Uint32Array,
  ): Omit<Split, 'column'> | undefined {
    let [gradient, hessian, all] = [0, 0, 0];
    for (const bin of order) {
      gradient += sums[2 * bin]!;
      hessian += sums[2 * bin + 1]!;
      all += counts[bin]!;
    }
    const worth = (g: number, h: number) => (g * g) / (h + options.l2);
    const whole = worth(gradient, hessian);
    let best: Omit<Split, 'column'> | undefined;
    let [g, h, n, left] = [0, 0, 0, 0];
    for (const bin of order) {
      g += sums[2 * bin]!;
      h += sums[2 * bin + 1]!;
      n += counts[bin]!;
      left |= 1 << bin;
      if (n < options.rowsPerLeaf || all - n < options.rowsPerLeaf) continue;
      const gain = worth(g, h) + worth(gradient - g, hessian - h) - whole;
      if (gain > (best?.gain ?? 0)) best = { left, gain };
    }
    return best;
  }

  function leafOf(tree: Node, row: number): number {
    let node = tree;
    while (!('value' in node))
      node = (node.left >>> columns[node.column]!.bins[row]!) & 1 ? node.low : node.high;
    return node.value;
  }
}
