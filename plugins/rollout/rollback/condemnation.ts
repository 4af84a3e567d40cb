import type { KeptAnalyses, KeptAnalysis } from '../analysis/analyses.ts';
import type { Measured } from '../analysis/analysis-run.ts';
import { boundInWords } from '../analysis/budget.ts';
import { conditionInWords } from '../analysis/conditions.ts';
import { evidenceOf } from '../analysis/evidence.ts';
import type { Decision, RolloutState } from '../strategy.ts';
import type { Aborted } from '../walk-state.ts';

/** What was measured of a version that was given up: small enough for a cell, enough for a reviewer. JSON. */
export interface Condemnation {
  /** The name of the evidence in the journal, from which the verdict can be reached again. */
  readonly verdict?: string;
  readonly metrics: readonly CondemnedMetric[];
  /** How often the analysis would have rolled back a good version, in sentences. */
  readonly bound?: string;
}

export interface CondemnedMetric {
  readonly name: string;
  /** Of the metric; absent while it had not come to an end. */
  readonly outcome?: string;
  readonly message?: string;
  /** The condition that had to hold, or must not. */
  readonly condition?: string;
  /** The latest, in order. */
  readonly measurements: readonly CondemnedMeasurement[];
}

export interface CondemnedMeasurement {
  /** Milliseconds since 1970, as all times here. */
  readonly at: number;
  readonly outcome: string;
  /** What was measured, as JSON, or why nothing was. */
  readonly value: string;
  readonly samples?: number;
  readonly window?: { readonly from: number; readonly to: number };
}

export interface Where {
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
}

/** A decision in which what was given up has its evidence, while that is still at hand. */
export function withEvidence(decision: Decision, runs: KeptAnalyses = {}, where: Where): Decision {
  const { aborted } = decision.state;
  if (aborted === undefined || aborted.evidence !== undefined) return decision;
  const state: RolloutState = {
    ...decision.state,
    aborted: { ...aborted, evidence: condemnationOf(aborted, runs, where) },
  };
  return { ...decision, state };
}

/** The analysis that decided; where none did, all that ran. */
function condemnationOf({ analysis }: Aborted, runs: KeptAnalyses, where: Where): Condemnation {
  const deciding = analysis === undefined ? undefined : runs[analysis];
  if (analysis === undefined || deciding === undefined) {
    return { metrics: Object.values(runs).flatMap(metricsOf).slice(0, metricsShown) };
  }
  const metrics = [...metricsOf(deciding)].sort((one, other) => rank(one) - rank(other));
  const { budget } = deciding;
  return {
    verdict: evidenceOf(analysis, where, deciding).id,
    metrics: metrics.slice(0, metricsShown),
    ...(budget === undefined ? {} : { bound: boundInWords(budget).slice(0, longestBound) }),
  };
}

const metricsShown = 10;
const measurementsShown = 3;
const longestBound = 1000;

function rank({ outcome }: CondemnedMetric): number {
  return outcome === 'Failed' ? 0 : 1;
}

function metricsOf({ run, definitions = [] }: KeptAnalysis): readonly CondemnedMetric[] {
  return run.metrics.map((metric, index) => {
    const condition = conditionInWords(definitions[index] ?? {});
    return {
      name: metric.limits.name,
      ...(metric.over === undefined ? {} : { outcome: metric.over.outcome, message: metric.over.message }),
      ...(condition === undefined ? {} : { condition }),
      measurements: metric.measurements.slice(-measurementsShown).map(measurementOf),
    };
  });
}

function measurementOf({ at, outcome, message, reading }: Measured): CondemnedMeasurement {
  if (reading.type !== 'value') return { at, outcome, value: message.slice(0, longestValue) };
  const { result, samples, window } = reading;
  return {
    at,
    outcome,
    value: (JSON.stringify(result) ?? 'null').slice(0, longestValue),
    ...(samples === undefined ? {} : { samples }),
    ...(window === undefined ? {} : { window }),
  };
}

const longestValue = 300;
