import type { Ref } from '../../core/plugin.ts';
import { type AnalysisRun, type Verdict, verdict } from './analysis/analysis-run.ts';
import type { AnalysisOrder } from './strategy.ts';

/** What was measured so far, by the keys of orders. JSON: it is kept in the deployment's cell. */
export type AnalysisRuns = Readonly<Record<string, { readonly run: AnalysisRun }>>;

/** Whose analyses they are. */
export interface AnalysisPlace {
  /** Woken when something was measured. */
  readonly owner: Ref;
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
}

/** Carries out what strategies order, beside them: it never makes a walk wait. */
export interface AnalysisRunner {
  /** Brings what is ordered to where it can be now, and drops all else. */
  advance(place: AnalysisPlace, orders: readonly AnalysisOrder[], before: AnalysisRuns): AdvancedAnalyses;
  /** Stops whatever is being measured for a deployment. */
  stop(owner: Ref): void;
}

export interface AdvancedAnalyses {
  readonly kept: AnalysisRuns;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Milliseconds until something is to be measured. */
  readonly checkAfter?: number;
}

/** What runs have come to, by their keys. */
export function verdictsOf(runs: AnalysisRuns = {}): Readonly<Record<string, Verdict>> {
  return Object.fromEntries(Object.entries(runs).map(([key, { run }]) => [key, verdict(run)]));
}

/** Where no source of metrics can be asked: what is ordered is an error, never a success. */
export const withoutSources: AnalysisRunner = {
  advance: (_, orders) => ({
    kept: {},
    verdicts: Object.fromEntries(
      orders.map(({ key }) => [
        key,
        { outcome: 'Error', isOver: true, message: 'there is no source of metrics to ask' },
      ]),
    ),
  }),
  stop() {},
};
