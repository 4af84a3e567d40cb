/** How many requests the steps of a course wait for, so that a reviewer sees before the merge which are too short. */
import type { WantedRequests } from '../../../core/capabilities/wanted-requests.ts';
import type { PlanStep } from '../../../core/plugin.ts';
import { formatDuration } from '../../../libraries/duration/index.ts';
import { budgetOf, type ErrorBudget } from '../analysis/budget.ts';
import { defineMetrics, type MetricDefinition, type NamedTemplate } from '../analysis/metric-definition.ts';
import { type AnalysisSpec, analysesIn, type Course, type Stage, sharesAt } from '../course.ts';
import { rowsForEffect } from './rows-for-effect.ts';

export interface Judging {
  /** The version that is judged. */
  readonly version: string;
  readonly template: (name: string) => NamedTemplate | undefined;
  readonly budget: ErrorBudget;
}

/** A step of the plan for each number of requests that a stage waits for; none where nothing says how many. */
export function wantedSteps(course: Course, judging: Judging): readonly PlanStep[] {
  const { stages, background } = course;
  const steps: PlanStep[] = [];
  for (const [index, stage] of stages.entries()) {
    const percent = percentAt(course, index);
    if (percent === 0) continue;
    const spec = stage.type === 'analysis' || stage.type === 'watch' ? stage.analysis : undefined;
    const wants = spec === undefined ? [] : wantsOf(spec, course, judging, index, spanOf(stage));
    if (stage.type === 'watch' && stage.requests !== undefined) {
      wants.push({ requests: stage.requests, percent, why: 'to be watched for so many' });
    }
    for (const want of undominated(wants)) steps.push(stepOf(index, want, judging));
  }
  if (background !== undefined) {
    // What it sees adds up over the walk: the first weight that it sees decides how soon it can tell.
    const first = stages.findIndex((_, index) => index >= background.from && percentAt(course, index) > 0);
    if (first >= 0) {
      const wants = wantsOf(background, course, judging, first, () => restOf(course, first));
      for (const want of undominated(wants)) steps.push(stepOf(first, want, judging));
    }
  }
  return steps;
}

interface Want extends WantedRequests {
  readonly why: string;
}

type Span = (definition: MetricDefinition, looksLost: number) => WantedRequests['within'];

function wantsOf(spec: AnalysisSpec, course: Course, judging: Judging, stage: number, span: Span): Want[] {
  const percent = percentAt(course, stage);
  const templates = spec.templates.flatMap(({ templateName }) => judging.template(templateName) ?? []);
  const definitions = defineMetrics(templates, spec.args ?? []);
  if ('problem' in definitions) return [];
  const budget = budgetOf(judging.budget, analysesIn(course), definitions);
  const ordered = Number(spec.args?.find(({ name }) => name === 'minimum-effect')?.value ?? Number.NaN);
  const wants: Want[] = [];
  for (const definition of definitions) {
    const { name, minSamples, noData, inconclusiveLimit = 0, failureLimit = 0 } = definition.limits;
    if (minSamples !== undefined) {
      // Looks with fewer are no data: so many may be.
      const lost =
        noData === 'pass' ? Number.POSITIVE_INFINITY : noData === 'fail' ? failureLimit : inconclusiveLimit;
      const within = seen(definition, span(definition, lost));
      const why = `minSamples of ${name}`;
      wants.push({ requests: minSamples, percent, why, ...(within === undefined ? {} : { within }) });
    }
    const effect =
      definition.minimumEffect ?? (Number.isFinite(ordered) && ordered > 0 ? ordered : undefined);
    const rows =
      effect === undefined
        ? undefined
        : rowsForEffect({ ...definition, minimumEffect: effect }, budget, shareAt(course, stage));
    if (effect === undefined || rows === undefined || rows === 'never') continue;
    const within = seen(definition, span(definition, Number.POSITIVE_INFINITY));
    const why = `for ${name} to find ${effect}`;
    wants.push({ requests: rows, percent, why, ...(within === undefined ? {} : { within }) });
  }
  return wants;
}

/** What it can see at once, where its window ends before its time does. */
function seen({ window }: MetricDefinition, within: WantedRequests['within']): WantedRequests['within'] {
  if (window === undefined || (within !== undefined && within.ms <= window)) return within;
  return { ms: window, words: `its window is ${formatDuration(window)}` };
}

/** How long looks go on, or those that may be lost and the next. */
function spanOf(stage: Stage): Span {
  return ({ limits: { initialDelay = 0, interval = 0, count = 1 } }, looksLost) => {
    if (stage.type === 'watch') {
      const { forMs } = stage;
      return forMs === undefined
        ? undefined
        : { ms: forMs, words: `it is watched for ${formatDuration(forMs)}` };
    }
    const looks = Math.min(count - 1, looksLost);
    const ms = initialDelay + looks * interval;
    const words = looks < count - 1 ? 'the last look that must count comes' : 'its analysis ends';
    return { ms, words: `${words} after ${formatDuration(ms)}` };
  };
}

/** How long a background analysis sees one share of traffic: the pauses up to the next one. */
function restOf({ stages }: Course, from: number): WantedRequests['within'] {
  let ms = 0;
  let pauses = 0;
  const start = stages[from]?.type === 'traffic' ? from + 1 : from;
  for (const stage of stages.slice(start)) {
    if (stage.type === 'traffic') break;
    // A human ends it, or an analysis with metrics of its own.
    if (stage.type !== 'pause' || stage.forMs === undefined) return undefined;
    ms += stage.forMs;
    pauses += 1;
  }
  if (pauses === 0) return { ms, words: 'it has no pause' };
  return { ms, words: `${pauses === 1 ? 'its pause is' : 'its pauses are'} ${formatDuration(ms)}` };
}

/** Without those that another one covers: as many requests at least, within no more time. */
function undominated(wants: readonly Want[]): readonly Want[] {
  const timeOf = ({ within }: Want) => within?.ms ?? Number.POSITIVE_INFINITY;
  return wants.filter((one, index) =>
    wants.every((other, at) => {
      if (at === index || other.requests < one.requests || timeOf(other) > timeOf(one)) return true;
      // Of two that are alike the first stays.
      return other.requests === one.requests && timeOf(other) === timeOf(one) && index < at;
    }),
  );
}

function stepOf(index: number, { why, ...wants }: Want, { version }: Judging): PlanStep {
  const count = wants.requests.toLocaleString('en-US');
  const description = `wait for ${count} requests of ${version} in step ${index + 1} at ${wants.percent} % (${why})`;
  return { action: 'wait', description, facts: { ...wants } };
}

/** Of what the two that are compared answer, the candidate's part. */
function shareAt(course: Course, stage: number): number {
  const stable = sharesAt(course, stage).find(({ of }) => of === 'stable')?.weight ?? 0;
  const percent = percentAt(course, stage);
  return percent / (percent + stable);
}

/** Of the traffic, that the candidate answers or is shown. */
function percentAt(course: Course, stage: number): number {
  return sharesAt(course, stage).find(({ of }) => of === 'candidate')?.weight ?? 0;
}
