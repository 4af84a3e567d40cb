import { createHash } from 'node:crypto';
import type { Labels } from '../../../core/capabilities/notifier.ts';
import type { SecretRef } from '../../../core/capabilities/secrets.ts';
import type { Ref } from '../../../core/plugin.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import { windowAt } from '../../../libraries/wall-clock/recurring-window.ts';
import type { AlertRouteSpec } from '../../../schemas/generated/alert-route.ts';
import { allMatch, type Matcher, readMatchers } from './matchers.ts';
import { onCallAt, type Rotation } from './rotation.ts';

/** An AlertRoute that alerts can be led along. */
export interface Route {
  readonly ref: Ref;
  readonly root: Step;
  readonly children: readonly Step[];
  readonly inhibitions: readonly Inhibition[];
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly rotations: ReadonlyMap<string, Rotation>;
  /** Takes what must be told, and nothing else. */
  readonly isForMandatory?: boolean;
}

/** Where alerts end up, and how they are told there. Times in milliseconds. */
export interface Step {
  /** Stays the same as long as what it takes and whom it tells do. */
  readonly key: string;
  readonly matchers: readonly Matcher[];
  readonly goesOn: boolean;
  readonly groupBy: readonly string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly sendResolved: boolean;
  /** The first is the step's own receiver. */
  readonly levels: readonly Level[];
  isMuted(now: number): boolean;
}

export interface Level {
  /** How long after an alert began to fire. */
  readonly afterMs: number;
  readonly receiver: string;
}

export interface Inhibition {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

/** A receiver with the notifier that tells it; one without a notifier tells nobody. */
export interface Receiver {
  readonly name: string;
  readonly notifier?: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secretRef?: SecretRef;
}

type Node = Omit<NonNullable<AlertRouteSpec['routes']>[number], 'continue'>;

export function compileRoute(ref: Ref, spec: AlertRouteSpec): Route {
  const intervals = new Map((spec.timeIntervals ?? []).map(({ name, windows }) => [name, windows]));
  const isIn = (names: readonly string[], now: number) =>
    names.some((name) => windowAt(intervals.get(name) ?? [], now) !== undefined);
  const step = (node: Node, goesOn: boolean, inherited: readonly Matcher[]): Step => {
    const given = { ...spec, ...definedIn(node) };
    const mutes = given.muteTimeIntervals ?? [];
    const actives = given.activeTimeIntervals ?? [];
    const levels = [
      { afterMs: 0, receiver: given.receiver },
      ...(given.escalate ?? []).map(({ after, receiver }) => ({ afterMs: parseDuration(after), receiver })),
    ];
    return {
      key: createHash('sha256')
        .update(JSON.stringify([ref, node.matchers ?? [], given.receiver, given.groupBy ?? []]))
        .digest('hex')
        .slice(0, 16),
      matchers: [...inherited, ...readMatchers(node.matchers)],
      goesOn,
      groupBy: given.groupBy ?? [],
      groupWaitMs: parseDuration(given.groupWait ?? '30s'),
      groupIntervalMs: parseDuration(given.groupInterval ?? '5m'),
      repeatIntervalMs: parseDuration(given.repeatInterval ?? '4h'),
      sendResolved: given.sendResolved ?? true,
      levels,
      isMuted: (now) => isIn(mutes, now) || (actives.length > 0 && !isIn(actives, now)),
    };
  };
  const root = step(spec, false, []);
  return {
    ref,
    root,
    children: (spec.routes ?? []).map(({ continue: goesOn = false, ...node }) =>
      step(node, goesOn, root.matchers),
    ),
    inhibitions: (spec.inhibitRules ?? []).map(({ sourceMatchers, targetMatchers, equal = [] }) => ({
      source: readMatchers(sourceMatchers),
      target: readMatchers(targetMatchers),
      equal,
    })),
    receivers: new Map(spec.receivers.map((receiver) => [receiver.name, receiverOf(receiver)])),
    rotations: new Map((spec.onCall ?? []).map((rotation) => [rotation.name, rotation])),
  };
}

/** Which steps take an alert: the children that do, to the first that does not go on, or the whole. */
export function stepsFor({ root, children }: Route, labels: Labels): readonly Step[] {
  if (!allMatch(root.matchers, labels)) return [];
  const taken: Step[] = [];
  for (const child of children) {
    if (!allMatch(child.matchers, labels)) continue;
    taken.push(child);
    if (!child.goesOn) break;
  }
  return taken.length > 0 ? taken : [root];
}

/** The receiver that a name means now: itself, or whose turn it is. */
export function receiverAt({ receivers, rotations }: Route, name: string, now: number): Receiver | undefined {
  const rotation = rotations.get(name);
  return receivers.get(rotation === undefined ? name : onCallAt(rotation, now));
}

export function labelsOfGroup(groupBy: readonly string[], labels: Labels): Labels {
  if (groupBy.includes('...')) return labels;
  const own = groupBy.filter((name) => Object.hasOwn(labels, name)).sort();
  return Object.fromEntries(own.map((name) => [name, labels[name] ?? '']));
}

/** The provider that a receiver names beside its own name, and its settings. */
export function receiverOf(given: AlertRouteSpec['receivers'][number]): Receiver {
  const { name, ...notifiers } = given;
  const [[notifier, block] = []] = Object.entries(notifiers);
  const { secretRef, ...settings } = (block ?? {}) as { readonly secretRef?: SecretRef };
  return {
    name,
    ...(notifier === undefined ? {} : { notifier }),
    settings,
    ...(secretRef === undefined ? {} : { secretRef }),
  };
}

function definedIn<T extends object>(node: T): Partial<T> {
  const { matchers: _, ...rest } = node as T & { matchers?: unknown };
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Partial<T>;
}
