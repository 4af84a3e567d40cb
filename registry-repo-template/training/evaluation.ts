/** A metric and the interval that holds 95 % of its bootstrap replicates. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [number, number];
}

/** Area under the ROC curve: how often a damaged flight gets the higher score of a random pair. Ties count half. */
export function auc(scores: readonly number[], target: Uint8Array): number {
  return weightedAuc(ranking(scores), target, new Uint32Array(scores.length).fill(1));
}

/** AUC with its interval over `replicates` bootstrap samples of the rows. */
export function aucEstimate(
  scores: readonly number[],
  target: Uint8Array,
  options: { readonly replicates: number; readonly seed: number },
): Estimate {
  const order = ranking(scores);
  const replicates = bootstrap(target.length, options, (weights) => weightedAuc(order, target, weights));
  return { value: auc(scores, target), interval: interval95(replicates) };
}

/** By how much the first model's AUC exceeds the second's. Each bootstrap sample is scored by both: a paired test. */
export function aucGain(
  scores: readonly number[],
  others: readonly number[],
  target: Uint8Array,
  options: { readonly replicates: number; readonly seed: number },
): Estimate {
  const order = ranking(scores);
  const otherOrder = ranking(others);
  const gain = (weights: Uint32Array) =>
    weightedAuc(order, target, weights) - weightedAuc(otherOrder, target, weights);
  return {
    value: gain(new Uint32Array(target.length).fill(1)),
    interval: interval95(bootstrap(target.length, options, gain)),
  };
}

/** Rows by rising score, in groups of equal score. */
type Ranking = readonly (readonly number[])[];

function ranking(scores: readonly number[]): Ranking {
  const order = scores.map((_, row) => row).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const groups: number[][] = [];
  for (const row of order) {
    const last = groups.at(-1);
    if (last && scores[last[0]!] === scores[row]) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

/** Counting each row as often as its weight says makes a bootstrap sample cost one pass and no sorting. */
function weightedAuc(order: Ranking, target: Uint8Array, weights: Uint32Array): number {
  let negatives = 0;
  let positives = 0;
  let wins = 0;
  for (const group of order) {
    let groupPositives = 0;
    let groupNegatives = 0;
    for (const row of group) {
      if (target[row] === 1) groupPositives += weights[row]!;
      else groupNegatives += weights[row]!;
    }
    wins += groupPositives * (negatives + groupNegatives / 2);
    positives += groupPositives;
    negatives += groupNegatives;
  }
  return wins / (positives * negatives);
}

function bootstrap(
  rows: number,
  { replicates, seed }: { readonly replicates: number; readonly seed: number },
  statistic: (weights: Uint32Array) => number,
): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: replicates }, () => {
    const weights = new Uint32Array(rows);
    for (let draw = 0; draw < rows; draw += 1) weights[Math.floor(random() * rows)]! += 1;
    return statistic(weights);
  });
}

function interval95(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return [at(0.025), at(0.975)];
}

/** Numbers in [0, 1) from a 32-bit xorshift: Math.random cannot be seeded. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
