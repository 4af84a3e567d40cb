/** Arms that rows are added to, of metrics that a rollout would watch. */
import {
  type Design,
  type Effect,
  effectOf,
  expectedProportion,
  type Moments,
  momentsOfMean,
  momentsOfProportion,
  type Random,
  StatisticsError,
  seededRandom,
} from '../libraries/statistics/index.ts';

export interface Arm {
  n: number;
  sum: number;
  sumSquares: number;
}

export interface Metric {
  readonly name: string;
  /** In the names of the numbers. */
  readonly key: string;
  /** One value; its mean is `1 + lift` times that of control. */
  draw(random: Random, lift: number): number;
  moments(arm: Arm): Moments;
  /** Relative differences that are looked for. */
  readonly lifts: readonly number[];
  /** What is expected of them. */
  design(lift: number): Omit<Design, 'alpha' | 'method'>;
}

const looked = { difference: 'absolute', alternative: 'two-sided' } as const;
const errorRate = 0.05;
/** Of the logarithm: a long tail, as latencies have. */
const sigma = 0.8;
const lognormalMean = Math.exp((sigma * sigma) / 2);
const lognormalVariance = (Math.exp(sigma * sigma) - 1) * lognormalMean ** 2;

export const metrics: readonly Metric[] = [
  {
    name: 'error rate of 5 %',
    key: 'errorRate',
    draw: (random, lift) => Number(random.next() < errorRate * (1 + lift)),
    moments: momentsOfProportion,
    lifts: [0.1, 0.2, 0.5, 1],
    design: (lift) => ({
      ...looked,
      control: expectedProportion(errorRate),
      treatment: expectedProportion(errorRate * (1 + lift)),
    }),
  },
  {
    name: 'normal score',
    key: 'score',
    draw: (random, lift) => 1 + lift + normal(random),
    moments: momentsOfMean,
    lifts: [0.02, 0.05, 0.1, 0.2],
    design: (lift) => ({
      ...looked,
      control: { mean: 1, variance: 1 },
      treatment: { mean: 1 + lift, variance: 1 },
    }),
  },
  {
    name: 'lognormal latency',
    key: 'latency',
    draw: (random, lift) => (1 + lift) * lognormal(random),
    moments: momentsOfMean,
    lifts: [0.02, 0.05, 0.1, 0.2],
    design: (lift) => ({
      ...looked,
      control: { mean: lognormalMean, variance: lognormalVariance },
      treatment: { mean: lognormalMean * (1 + lift), variance: lognormalVariance * (1 + lift) ** 2 },
    }),
  },
];

export function lognormal(random: Random): number {
  return Math.exp(sigma * normal(random));
}

export interface Rows {
  arm(): Arm;
  add(arm: Arm, rows: number, lift?: number): void;
  /** How many of so many rows a fair coin gives to control. */
  assigned(rows: number): number;
}

/** Rows of one run: the same for the same seed. */
export function rowsOf(metric: Metric, seed: number): Rows {
  const random = seededRandom(seed);
  return {
    arm: () => ({ n: 0, sum: 0, sumSquares: 0 }),
    add(arm, rows, lift = 0) {
      for (let row = 0; row < rows; row++) {
        const value = metric.draw(random, lift);
        arm.sum += value;
        arm.sumSquares += value * value;
      }
      arm.n += rows;
    },
    assigned(rows) {
      let count = 0;
      for (let row = 0; row < rows; row++) count += random.below(2);
      return count;
    },
  };
}

/** Undefined while there is nothing to compare by: an arm without an event. */
export function compareArms(metric: Metric, control: Arm, treatment: Arm): Effect | undefined {
  try {
    return effectOf(metric.moments(control), metric.moments(treatment), 'absolute');
  } catch (thrown) {
    if (thrown instanceof StatisticsError) return undefined;
    throw thrown;
  }
}

/** By Box and Muller; the sine that would make a second one is not kept, for the sake of short code. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
