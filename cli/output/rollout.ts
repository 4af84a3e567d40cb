/** Where a rollout is, for people. */
import type { ShownResource } from '../client/resources.ts';
import { type Colours, oneLine } from '../terminal.ts';
import { age, duration } from './age.ts';
import { measuredRows, type ShownMeasure, templateOf } from './measured.ts';
import { table } from './table.ts';
import { wrapped } from './wrapped.ts';

export interface RolloutViewOptions {
  readonly now: number;
  readonly width: number;
  readonly colours: Colours;
  /** Whether times that pass may be shown: what is printed once per change must not differ by them. */
  readonly isLive: boolean;
}

interface Facts {
  readonly version?: string;
  readonly serving?: readonly { readonly version: string; readonly role: string; readonly weight: number }[];
  readonly rollout?: ShownRollout;
  readonly aborted?: { readonly version: string; readonly step: number; readonly steps: number };
}

interface ShownRollout {
  readonly strategy: string;
  readonly from?: string;
  readonly to: string;
  readonly step: number;
  readonly steps: readonly string[];
  readonly startedAt: string;
  readonly until?: string;
  readonly requests?: number;
  readonly measured?: readonly ShownMeasure[];
  /** What the error budget promises. */
  readonly bounds?: readonly string[];
}

export function rolloutView(deployment: ShownResource, options: RolloutViewOptions): string {
  const { bold, dim } = options.colours;
  const { metadata, status } = deployment;
  const facts: Facts = status?.facts ?? {};
  const { rollout, serving = [] } = facts;
  const name = bold(`${metadata.environment}/${metadata.name}`);
  const title =
    rollout === undefined
      ? `${name}  ${oneLine(facts.version ?? 'nothing yet')}${gaveUp(facts, options)}`
      : `${name}  ${oneLine(rollout.from ?? '')} → ${oneLine(rollout.to)} by ${rollout.strategy}${begun(rollout.startedAt, options)}`;
  const answering = serving.map(({ version, role, weight }) => [
    `  ${oneLine(version)}`,
    `${role === 'shadow' ? 'sees' : 'answers'} ${weight} %`,
    dim(role),
  ]);
  return [
    `${title}\n`,
    table([], answering, options),
    ...(rollout === undefined ? [] : [stepsView(rollout, options)]),
    conditionsView(status, options),
  ].join('\n');
}

/** What is declared does not answer where it was given up. */
function gaveUp({ version, aborted }: Facts, { colours }: RolloutViewOptions): string {
  if (aborted === undefined || aborted.version !== version) return '';
  const where = aborted.step === 0 ? '' : ` in step ${aborted.step} of ${aborted.steps}`;
  return colours.red(` was rolled back${where}`);
}

function begun(startedAt: string, { now, isLive, colours }: RolloutViewOptions): string {
  return isLive ? colours.dim(`, begun ${age(startedAt, now)} ago`) : '';
}

/** The steps, each with what is measured in it; what is measured beside them comes last. */
function stepsView(rollout: ShownRollout, options: RolloutViewOptions): string {
  const { dim } = options.colours;
  const { measured = [], bounds = [] } = rollout;
  const written = linesOf(stepRows(rollout, options), options);
  const metrics = linesOf(measuredRows(measured, options), options);
  const below = (step: number | undefined) => metrics.filter((_, index) => measured[index]?.step === step);
  const beside = new Set(
    measured.flatMap(({ step, metric }) => (step === undefined ? [templateOf(metric)] : [])),
  );
  const lines = [
    ...written.flatMap((line, index) => [line, ...below(index + 1)]),
    ...(beside.size === 0 ? [] : [`    ${dim('beside them:')} analysis ${oneLine([...beside].join(', '))}`]),
    ...below(undefined),
    ...bounds.flatMap((bound) =>
      wrapped(oneLine(bound), options.width - 4).map((line) => `    ${dim(line)}`),
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function linesOf(rows: string[][], options: RolloutViewOptions): readonly string[] {
  return rows.length === 0 ? [] : table([], rows, options).trimEnd().split('\n');
}

function stepRows(rollout: ShownRollout, options: RolloutViewOptions): string[][] {
  const { green, cyan, dim } = options.colours;
  const { step, steps, requests } = rollout;
  return steps.map((words, index) => {
    const place = index + 1;
    const name = `${place}  ${oneLine(words)}`;
    if (place < step) return [`  ${green('✓')} ${dim(name)}`];
    if (place > step) return [`    ${name}`];
    const notes = [
      ...timeLeft(rollout, options),
      ...(requests === undefined ? [] : [`${requests} requests`]),
    ];
    return [`  ${cyan('▸')} ${name}`, cyan(notes.join(', '))];
  });
}

/** Of the step that is under way, as far as it is known: an analysis takes as long as its slowest metric, if all goes well. */
function timeLeft({ step, until, measured = [] }: ShownRollout, options: RolloutViewOptions): string[] {
  if (until !== undefined) {
    const left = Date.parse(until) - options.now;
    return [options.isLive ? `${duration(left)} left` : `until ${until}`];
  }
  const ends = measured.flatMap((one) =>
    one.step === step && one.until !== undefined ? [Date.parse(one.until)] : [],
  );
  if (ends.length === 0 || !options.isLive) return [];
  return [`about ${duration(Math.max(...ends) - options.now)} left`];
}

/** A condition's message is what a person came for: it is wrapped, never cut, and said once where several say it. */
function conditionsView(status: ShownResource['status'], { width, colours }: RolloutViewOptions): string {
  const { dim, red, yellow } = colours;
  const shown = (status?.conditions ?? []).filter((one) => one.status === 'True' || one.type === 'Ready');
  const saying = new Map<string, string[]>();
  for (const { type, status: is, reason, message } of shown) {
    const paint = type === 'Degraded' || is === 'False' ? red : type === 'Progressing' ? yellow : dim;
    saying.set(message, [...(saying.get(message) ?? []), `${paint(`${type}=${is}`)} ${reason}`]);
  }
  return [...saying]
    .map(([message, heads]) => {
      const lines = wrapped(oneLine(message), width - 2).map((line) => `  ${line}\n`);
      return `${heads.join(', ')}\n${lines.join('')}`;
    })
    .join('');
}
