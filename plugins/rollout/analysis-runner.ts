import type { Ref } from '../../core/plugin.ts';
import type { Advanced, KeptAnalyses, Place } from './analysis/analyses.ts';
import { type Verdict, verdict } from './analysis/analysis-run.ts';
import type { AnalysisOrder } from './strategy.ts';

/** Carries out what strategies order, beside them: it never makes a walk wait. */
export interface AnalysisRunner {
  /** Brings what is ordered to where it can be now, and drops all else. */
  advance(place: Place, orders: readonly AnalysisOrder[], before: KeptAnalyses): Advanced;
  /** Stops whatever is being measured for a deployment. */
  stop(owner: Ref): void;
}

/** What runs have come to, by their keys. */
export function verdictsOf(runs: KeptAnalyses = {}): Readonly<Record<string, Verdict>> {
  return Object.fromEntries(Object.entries(runs).map(([key, { run }]) => [key, verdict(run)]));
}
