/** What a verdict was made of, and the making of it again. */
import { createHash } from 'node:crypto';
import * as statistics from '../../../libraries/statistics/index.ts';
import {
  measureTraffic,
  type TrafficQuery,
  type TrafficSums,
} from '../../../libraries/traffic-measures/index.ts';
import type { KeptAnalysis } from './analyses.ts';
import { type AnalysisRun, conclude, type MetricRun, record, type Verdict, verdict } from './analysis-run.ts';
import { factsOf } from './measure.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { readConditions } from './read-conditions.ts';
import type { Reading, ValueReading } from './reading.ts';

/** All that a verdict rests on: versions, templates, thresholds, measurements with the sums they came from. JSON. */
export interface VerdictEvidence {
  readonly format: 1;
  /** Made from all the rest: other evidence has another name. */
  readonly id: string;
  readonly key: string;
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  readonly analysis: KeptAnalysis;
  readonly verdict: Verdict;
}

type Where = Pick<VerdictEvidence, 'environment' | 'deployment' | 'model'>;

/** What to write down of an analysis that came to its end. */
export function evidenceOf(key: string, where: Where, analysis: KeptAnalysis): VerdictEvidence {
  const { environment, deployment, model } = where;
  const rest = {
    format: 1 as const,
    key,
    environment,
    deployment,
    model,
    analysis,
    verdict: verdict(analysis.run),
  };
  return { ...rest, id: idOf(rest) };
}

export interface Replay {
  readonly verdict: Verdict;
  /** Whether everything came out the same, bit for bit. */
  readonly isSame: boolean;
  /** What did not, in sentences. */
  readonly differences: readonly string[];
}

/**
 * Makes a verdict again from its evidence alone: results from their sums, conditions from results, outcomes from
 * conditions and limits, the verdict from outcomes. Pure.
 */
export function replayVerdict(evidence: VerdictEvidence): Replay {
  const differences: string[] = [];
  const { id, ...rest } = evidence;
  if (idOf(rest) !== id) differences.push('the evidence is not what its name was made from');
  const { analysis } = evidence;
  const metrics = analysis.run.metrics.map((kept, index) => {
    const definition = analysis.definitions[index];
    if (definition === undefined) {
      differences.push(`${kept.limits.name} is not defined`);
      return kept;
    }
    return replayMetric(kept, definition, evidence, differences);
  });
  let run: AnalysisRun = { ...withoutEnd(analysis.run), metrics };
  const { ended } = analysis.run;
  if (ended?.type === 'concluded') run = conclude(run, ended.reason, ended.at);
  else if (ended !== undefined) run = { ...run, ended };
  const again = verdict(run);
  if (JSON.stringify(again) !== JSON.stringify(evidence.verdict)) {
    differences.push(`the verdict was ${evidence.verdict.outcome} and is ${again.outcome}: ${again.message}`);
  }
  return { verdict: again, isSame: differences.length === 0, differences };
}

function replayMetric(
  kept: MetricRun,
  definition: MetricDefinition,
  evidence: VerdictEvidence,
  differences: string[],
): MetricRun {
  const { limits, before, measurements } = kept;
  // Each metric for itself: what another came to has no say in what this one measured.
  const start: MetricRun = { limits: definition.limits, nextAt: 0, tally: before, before, measurements: [] };
  let run: AnalysisRun = { startedAt: 0, seenAt: 0, metrics: [start] };
  for (const measured of measurements) {
    const reading = readAgain(measured.reading, definition, evidence);
    if (JSON.stringify(reading) !== JSON.stringify(measured.reading)) {
      differences.push(`${limits.name}: the measurement at ${timeOf(measured.at)} reads otherwise`);
    }
    run = record(run, limits.name, reading, measured.at);
    const { outcome } = run.metrics[0]?.measurements.at(-1) ?? {};
    if (outcome !== measured.outcome) {
      const said = `was ${measured.outcome} and is ${outcome}`;
      differences.push(`${limits.name}: the measurement at ${timeOf(measured.at)} ${said}`);
    }
  }
  return run.metrics[0] ?? kept;
}

function readAgain(reading: Reading, definition: MetricDefinition, evidence: VerdictEvidence): Reading {
  if (reading.type !== 'value') return reading;
  const { environment, deployment, model, analysis } = evidence;
  const { candidate, stable } = analysis;
  const facts = factsOf({
    environment,
    deployment,
    model,
    candidate,
    ...(stable === undefined ? {} : { stable }),
    windowMs: reading.askedMs ?? 0,
  });
  const { result, unsure } = definition.provider === 'builtin' ? remeasured(reading) : reading;
  const read = readConditions(definition, facts, result, unsure);
  // The order of the fields is that of the reading, so that both can be compared as texts.
  return 'type' in read
    ? read
    : { ...reading, result, ...(unsure === undefined ? {} : { unsure }), conditions: read.conditions };
}

/** What the sums come to that were kept with a measurement of `builtin`. */
function remeasured(reading: ValueReading): Pick<ValueReading, 'result' | 'unsure'> {
  if (reading.statistics === undefined) return reading;
  const { query, sums } = reading.statistics as { readonly query: TrafficQuery; readonly sums: TrafficSums };
  const measured = measureTraffic(query, sums, statistics);
  return 'nothing' in measured ? { result: measured } : measured;
}

function withoutEnd({ ended: _, ...run }: AnalysisRun): AnalysisRun {
  return run;
}

function idOf(evidence: Omit<VerdictEvidence, 'id'>): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(evidence)))
    .digest('hex')
    .slice(0, 16);
}

/** With keys in order: a store may keep them in another. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
