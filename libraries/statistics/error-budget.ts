import { requireCount, requirePositive, requireShare, StatisticsError } from './error.ts';

/** A metric that may raise a false alarm. */
export interface BudgetedMetric {
  readonly name: string;
  /** How much of the budget it gets, against the others. Default 1. */
  readonly weight?: number;
  /**
   * How often it is judged by a test for one look, such as `welchTest`. `any`: by an anytime-valid one, which may be looked at as
   * often as one likes. `unbounded`: by a test for one look, and nobody knows how often.
   */
  readonly looks: number | 'any' | 'unbounded';
}

export interface MetricBudget {
  readonly name: string;
  /** Chance of a false alarm of this metric, over all its looks. */
  readonly alpha: number;
  /** What the test at a look (counted from 1) may spend. Throws for a look that was not planned. */
  alphaAt(look: number): number;
}

export interface ErrorBudget {
  readonly metrics: readonly MetricBudget[];
  /** Chance of any false alarm, of any metric at any look: at most this, whatever depends on what. */
  readonly bound: number;
  /** The bound and how it is spent, as a sentence for a report. */
  readonly statement: string;
}

/**
 * Splits the chance of a false alarm that a model's owners accept over its metrics and their looks, by Bonferroni's inequality:
 * in proportion to the weights; evenly over looks that are counted; α / (k (k + 1)) at look k where they are not, which
 * adds up to α and never more. Throws `StatisticsError` for an alpha that is none, no metric, a name twice, or weights and
 * looks that are not above 0.
 */
export function splitErrorBudget(alpha: number, metrics: readonly BudgetedMetric[]): ErrorBudget {
  requireShare('alpha', alpha);
  if (metrics.length === 0) throw new StatisticsError('there is no metric to split the error budget over');
  const names = new Set<string>();
  for (const { name, weight = 1, looks } of metrics) {
    requirePositive(`the weight of ${name}`, weight);
    if (typeof looks === 'number') requireCount(`the looks of ${name}`, looks, 1);
    if (names.has(name)) throw new StatisticsError(`the metric ${name} is there twice`);
    names.add(name);
  }
  const whole = metrics.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const split = metrics.map((metric) => budgetOf(metric, (alpha * (metric.weight ?? 1)) / whole));
  return {
    metrics: split,
    bound: split.reduce((sum, one) => sum + one.alpha, 0),
    statement: say(alpha, split, metrics),
  };
}

function say(alpha: number, split: readonly MetricBudget[], metrics: readonly BudgetedMetric[]): string {
  const parts = metrics.map(({ name, looks }, at) => {
    const over =
      typeof looks === 'number' ? `${looks} ${looks === 1 ? 'look' : 'looks'}` : 'any number of looks';
    return `${name} ${percent(split[at]!.alpha)} over ${over}`;
  });
  return `The chance of any false alarm is at most ${percent(alpha)}: ${parts.join(', ')}.`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function budgetOf({ name, looks }: BudgetedMetric, alpha: number): MetricBudget {
  return {
    name,
    alpha,
    alphaAt(look) {
      requireCount(`the look of ${name}`, look, 1);
      if (looks === 'any') return alpha;
      if (looks === 'unbounded') return alpha / (look * (look + 1));
      if (look > looks)
        throw new StatisticsError(`${name} has ${looks} looks in its error budget, and this is look ${look}`);
      return alpha / looks;
    },
  };
}
