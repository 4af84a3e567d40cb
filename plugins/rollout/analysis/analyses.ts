/**
 * Runs the analyses that a walk orders. A walk asks often and must not wait for a slow source: measuring goes on beside it,
 * and the deployment is woken when there is something new. What is known is plain JSON in the deployment's cell, so that
 * after a kill only the measurements under way are made again.
 */
import type { MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import type { Providers, Ref } from '../../../core/plugin.ts';
import {
  type AnalysisRun,
  abort,
  conclude,
  due,
  look,
  record,
  start,
  type Verdict,
  verdict,
} from './analysis-run.ts';
import { type AnalysisBudget, alphaAt, budgetOf, defaultErrorBudget, type ErrorBudget } from './budget.ts';
import { failsOnlyWhenSure, succeedsOnlyWhenSure } from './failing-sure.ts';
import { measure, type Subject } from './measure.ts';
import {
  defineMetrics,
  type GivenArgument,
  type MetricDefinition,
  type NamedTemplate,
} from './metric-definition.ts';
import type { Reading } from './reading.ts';

/** What a walk wants to know. */
export interface Order {
  /** One a run: another key is another run. */
  readonly key: string;
  readonly templates: readonly { readonly templateName: string }[];
  readonly args?: readonly GivenArgument[];
  readonly candidate: string;
  readonly stable?: string;
  /** Analyses that the rollout orders in all: each has its part of the error budget. Default 1. */
  readonly analyses?: number;
  /** Where windows begin at the earliest, in milliseconds since 1970. */
  readonly since: number;
  /** Whether a metric ends at its first success that is sure. */
  readonly endsWhenTold?: boolean;
  /** How it is to come to an end: with what was measured so far, or with one more look at each metric. Absent: not yet. */
  readonly conclude?: 'asItIs' | 'withLastLook';
}

/** A run with all that it takes to go on, and to judge it again later. JSON. */
export interface KeptAnalysis {
  readonly candidate: string;
  readonly stable?: string;
  readonly templates: readonly { readonly name: string; readonly digest: string }[];
  readonly definitions: readonly MetricDefinition[];
  /** How long before its start its windows begin, in milliseconds. */
  readonly lead: number;
  /** Absent in what was begun before there were budgets. */
  readonly budget?: AnalysisBudget;
  readonly run: AnalysisRun;
}

/** By the keys of their orders. */
export type KeptAnalyses = Readonly<Record<string, KeptAnalysis>>;

export interface Place {
  /** Woken when a measurement has come. */
  readonly owner: Ref;
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  /** What the owners of the model accept. */
  readonly budget?: ErrorBudget;
  readonly template: (name: string) => (NamedTemplate & { readonly digest: string }) | undefined;
}

export interface Advanced {
  /** To be saved before the verdicts are acted on. The same object where nothing changed. */
  readonly kept: KeptAnalyses;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Those that came to their end now, also because nobody asks for them any more: tell the journal, with `evidenceOf`. */
  readonly ended: KeptAnalyses;
  /** Milliseconds until something is to be measured; undefined where nothing is. */
  readonly checkAfter?: number;
}

export interface AnalysesOptions {
  readonly sources: Providers<MetricsSource>;
  readonly wake: (owner: Ref) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Measuring {
  readonly owner: Ref;
  /** Begun when the end was already asked for. */
  readonly isLast: boolean;
  readonly stop: AbortController;
  reading?: Reading;
}

export class Analyses {
  readonly #options: AnalysesOptions;
  /** By owner, key and metric. */
  readonly #measuring = new Map<string, Measuring>();

  constructor(options: AnalysesOptions) {
    this.#options = options;
  }

  /**
   * Brings the analyses of a deployment to where they can be now: adds what was measured, begins what is due, drops what is
   * not ordered any more. Never waits, and may be called again at once.
   */
  advance(place: Place, orders: readonly Order[], before: KeptAnalyses): Advanced {
    const kept: Record<string, KeptAnalysis> = {};
    const verdicts: Record<string, Verdict> = {};
    const ended: Record<string, KeptAnalysis> = {};
    let checkAfter: number | undefined;
    for (const order of orders) {
      const earlier = before[order.key];
      const analysis = earlier ?? this.#begin(place, order);
      if ('problem' in analysis) {
        verdicts[order.key] = { outcome: 'Error', isOver: true, message: analysis.problem };
        continue;
      }
      const now = this.#options.now();
      const next = this.#advanceOne(place, order, analysis, now);
      kept[order.key] = next;
      verdicts[order.key] = verdict(next.run);
      const wasOver = earlier !== undefined && verdict(earlier.run).isOver;
      if (verdict(next.run).isOver && !wasOver) ended[order.key] = next;
      for (const { at } of due(next.run, now)) {
        checkAfter = Math.min(checkAfter ?? Number.POSITIVE_INFINITY, Math.max(0, at - now));
      }
    }
    for (const [key, dropped] of Object.entries(before)) {
      if (key in kept || verdict(dropped.run).isOver) continue;
      const run = abort(dropped.run, 'nobody asks for it any more', this.#options.now());
      ended[key] = { ...dropped, run };
    }
    this.#dropAllBut(place.owner, kept);
    const keys = Object.keys(kept);
    const isSame =
      keys.length === Object.keys(before).length && keys.every((key) => kept[key] === before[key]);
    return {
      kept: isSame ? before : kept,
      verdicts,
      ended,
      // What is due is under way, and wakes when it has come; this is for the wake that got lost.
      ...(checkAfter === undefined ? {} : { checkAfter: Math.max(checkAfter, 1_000) }),
    };
  }

  /** Stops whatever is being measured for a deployment. */
  stop(owner: Ref): void {
    this.#dropAllBut(owner, {});
  }

  /** Stops whatever is being measured. */
  close(): void {
    for (const { stop } of this.#measuring.values()) stop.abort();
    this.#measuring.clear();
  }

  #begin(
    { template, budget = defaultErrorBudget }: Place,
    order: Order,
  ): KeptAnalysis | { readonly problem: string } {
    const templates = [];
    for (const { templateName } of order.templates) {
      const found = template(templateName);
      if (found === undefined) return { problem: `there is no AnalysisTemplate ${templateName}` };
      templates.push(found);
    }
    const defined = defineMetrics(templates, order.args ?? []);
    if ('problem' in defined) return defined;
    const definitions = order.endsWhenTold === true ? defined.map(untilTold) : defined;
    const now = this.#options.now();
    const { candidate, stable } = order;
    return {
      candidate,
      ...(stable === undefined ? {} : { stable }),
      templates: templates.map(({ name, digest }) => ({ name, digest })),
      definitions,
      lead: Math.max(0, now - order.since),
      budget: budgetOf(budget, order.analyses ?? 1, definitions),
      run: start(
        definitions.map(({ limits }) => limits),
        now,
      ),
    };
  }

  #advanceOne(place: Place, order: Order, analysis: KeptAnalysis, now: number): KeptAnalysis {
    let run = look(analysis.run, now);
    for (const { limits } of analysis.definitions) {
      const id = idOf(place.owner, order.key, limits.name);
      const measuring = this.#measuring.get(id);
      if (measuring?.reading === undefined) continue;
      this.#measuring.delete(id);
      run = record(run, limits.name, measuring.reading, now, measuring.isLast);
    }
    if (isConcluded(run, order)) run = conclude(run, 'its time is over', now);
    for (const { metric, at } of due(run, now)) {
      // At the end each metric is looked at, whatever its delay or its interval.
      const isWanted = order.conclude !== undefined && run.metrics.some(awaitsLook(metric, order));
      if (at <= now || isWanted) this.#measure(place, order, { ...analysis, run }, metric, now);
    }
    return run === analysis.run ? analysis : { ...analysis, run };
  }

  #measure(place: Place, order: Order, analysis: KeptAnalysis, metric: string, now: number): void {
    const id = idOf(place.owner, order.key, metric);
    const definition = analysis.definitions.find(({ limits }) => limits.name === metric);
    if (definition === undefined || this.#measuring.has(id)) return;
    const { environment, deployment, model, owner } = place;
    const sofar = Math.max(1_000, now - analysis.run.startedAt + analysis.lead);
    const alpha =
      analysis.budget && alphaAt(analysis.budget, definition, looksTaken(analysis.run, metric) + 1);
    const subject: Subject = {
      environment,
      deployment,
      model,
      candidate: analysis.candidate,
      ...(analysis.stable === undefined ? {} : { stable: analysis.stable }),
      windowMs: Math.min(definition.window ?? Number.POSITIVE_INFINITY, sofar),
      ...(alpha === undefined ? {} : { alpha }),
    };
    const isLast = order.conclude === 'withLastLook';
    const measuring: Measuring = { owner, isLast, stop: new AbortController() };
    this.#measuring.set(id, measuring);
    void measure(definition, subject, this.#options.sources, measuring.stop.signal).then((reading) => {
      if (measuring.stop.signal.aborted) return;
      measuring.reading = reading;
      this.#options.wake(owner);
    });
  }

  #dropAllBut(owner: Ref, kept: KeptAnalyses): void {
    const keys = Object.keys(kept);
    for (const [id, { owner: of, stop }] of this.#measuring) {
      if (of !== owner || keys.some((key) => id.startsWith(idOf(owner, key, '')))) continue;
      stop.abort();
      this.#measuring.delete(id);
    }
  }
}

/** Others would end by chance: they go on as they say. */
function untilTold(definition: MetricDefinition): MetricDefinition {
  if (!failsOnlyWhenSure(definition) || !succeedsOnlyWhenSure(definition)) return definition;
  return { ...definition, limits: { ...definition.limits, endsAtSuccess: true } };
}

/** Errors aside: they judge nothing. */
function looksTaken({ metrics }: AnalysisRun, name: string): number {
  const tally = metrics.find(({ limits }) => limits.name === name)?.tally;
  return tally === undefined ? 0 : tally.successful + tally.failed + tally.inconclusive;
}

/** A last look that met an error judged nothing: its source is asked again. */
function isConcluded({ metrics }: AnalysisRun, { conclude }: Order): boolean {
  if (conclude === undefined) return false;
  return metrics.every(({ over, measurements, lastLook }) => {
    if (over !== undefined) return true;
    return conclude === 'asItIs' ? measurements.length > 0 : lastLook === 'taken';
  });
}

function awaitsLook(name: string, { conclude }: Order) {
  return ({ limits, measurements, lastLook }: AnalysisRun['metrics'][number]): boolean =>
    limits.name === name && (conclude === 'asItIs' ? measurements.length === 0 : lastLook === undefined);
}

function idOf(owner: Ref, key: string, metric: string): string {
  return `${owner}\n${key}\n${metric}`;
}
