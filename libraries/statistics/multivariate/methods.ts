import { StatisticsError } from '../error.ts';
import type { TestOutcome } from '../two-sample/index.ts';
import { domainClassifier } from './domain-classifier.ts';
import { pcaReconstruction } from './pca-reconstruction.ts';
import type { Tables } from './table.ts';

const methods = { 'domain-classifier': domainClassifier, 'pca-reconstruction': pcaReconstruction } as const;

export type MultivariateMethod = keyof typeof methods;

export const multivariateMethods = Object.keys(methods) as readonly MultivariateMethod[];

export function isMultivariateMethod(name: string): name is MultivariateMethod {
  return name in methods;
}

export interface MultivariateOptions {
  /** Default 0.05. */
  readonly alpha?: number;
  /** Which rows teach and which are judged is dealt by it. */
  readonly seed?: number;
}

/** What became of all columns together. Numbers are finite; null where there is none. */
export interface MultivariateDrift {
  readonly method: MultivariateMethod;
  readonly status: 'compared' | 'not-comparable';
  readonly reason?: string;
  /** How its p value came about. */
  readonly how: string | null;
  readonly statistic: number | null;
  readonly pValue: number | null;
  readonly effect: number | null;
  readonly effectName: string | null;
  readonly threshold: number;
  /** Significant, and large enough. Null where it was not compared. */
  readonly drifted: boolean | null;
  readonly n: TestOutcome['n'] | null;
  /** Of the domain classifier: which columns tell the samples apart, and by what share. */
  readonly columns?: readonly { readonly column: string; readonly share: number }[];
  readonly limits: readonly string[];
}

/** An area under the curve of 0.6, and Cohen's small difference. */
const thresholds: Readonly<Record<MultivariateMethod, number>> = {
  'domain-classifier': 0.2,
  'pca-reconstruction': 0.2,
};

/** Compares two tables by each method that is asked for. Never throws for what they hold. */
export function compareMultivariate(
  tables: Tables,
  wanted: readonly MultivariateMethod[],
  { alpha = 0.05, seed = 1 }: MultivariateOptions = {},
): readonly MultivariateDrift[] {
  return wanted.map((method) => {
    const threshold = thresholds[method];
    try {
      const outcome = methods[method](tables, { seed });
      return {
        method,
        status: 'compared',
        how: outcome.method,
        statistic: outcome.statistic,
        pValue: outcome.pValue,
        effect: outcome.effect,
        effectName: outcome.effectName,
        threshold,
        drifted: outcome.pValue < alpha && outcome.effect >= threshold,
        n: outcome.n,
        ...('columns' in outcome ? { columns: outcome.columns } : {}),
        limits: outcome.limits,
      };
    } catch (thrown) {
      if (!(thrown instanceof StatisticsError)) throw thrown;
      const nothing = { how: null, statistic: null, pValue: null, effect: null, effectName: null };
      return {
        method,
        status: 'not-comparable',
        reason: thrown.message,
        ...nothing,
        threshold,
        drifted: null,
        n: null,
        limits: [],
      };
    }
  });
}
