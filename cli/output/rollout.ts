/** Where a rollout is, for people. */
import type { ShownResource } from '../client/resources.ts';
import { type Colours, oneLine } from '../terminal.ts';
import { age, duration } from './age.ts';
import { measuredView, type ShownMeasure } from './measured.ts';
import { table } from './table.ts';

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
  readonly rollout?: {
    readonly strategy: string;
    readonly from?: string;
    readonly to: string;
    readonly step: number;
    readonly steps: readonly string[];
    readonly startedAt: string;
    readonly until?: string;
    readonly requests?: number;
    readonly measured?: readonly ShownMeasure[];
    readonly bounds?: readonly string[];
  };
}

export function rolloutView(deployment: ShownResource, options: RolloutViewOptions): string {
  const { bold, dim, red, yellow } = options.colours;
  const { metadata, status } = deployment;
  const facts: Facts = status?.facts ?? {};
  const { rollout, serving = [] } = facts;
  const name = bold(`${metadata.environment}/${metadata.name}`);
  const lines = [
    rollout === undefined
      ? `${name}  ${oneLine(facts.version ?? 'nothing yet')}`
      : `${name}  ${oneLine(rollout.from ?? '')} → ${oneLine(rollout.to)} by ${rollout.strategy}${begun(rollout.startedAt, options)}`,
    '',
  ];
  const answering = serving.map(({ version, role, weight }) => [
    `  ${oneLine(version)}`,
    `${role === 'shadow' ? 'sees' : 'answers'} ${weight} %`,
    dim(role),
  ]);
  let text = lines.map((line) => `${line}\n`).join('') + table([], answering, options);
  if (rollout !== undefined) {
    text += `\n${table([], stepRows(rollout, options), options)}`;
    text += measuredView(rollout.measured ?? [], rollout.bounds ?? [], options);
  }
  const shown = (status?.conditions ?? []).filter((one) => one.status === 'True' || one.type === 'Ready');
  const conditions = shown.map(({ type, status: is, reason, message }) => {
    const paint = type === 'Degraded' || is === 'False' ? red : type === 'Progressing' ? yellow : dim;
    return [paint(type), reason, oneLine(message)];
  });
  return `${text}\n${table([], conditions, options)}`;
}

function begun(startedAt: string, { now, isLive, colours }: RolloutViewOptions): string {
  return isLive ? colours.dim(`, begun ${age(startedAt, now)} ago`) : '';
}

function stepRows(rollout: NonNullable<Facts['rollout']>, options: RolloutViewOptions): string[][] {
  const { green, cyan, dim } = options.colours;
  const { step, steps, until, requests } = rollout;
  return steps.map((words, index) => {
    const place = index + 1;
    const name = `${place}  ${oneLine(words)}`;
    if (place < step) return [`  ${green('✓')} ${dim(name)}`];
    if (place > step) return [`    ${name}`];
    const left = until === undefined ? undefined : Date.parse(until) - options.now;
    const notes = [
      ...(left === undefined ? [] : [options.isLive ? `${duration(left)} left` : `until ${until}`]),
      ...(requests === undefined ? [] : [`${requests} requests`]),
    ];
    return [`  ${cyan('▸')} ${name}`, cyan(notes.join(', '))];
  });
}
