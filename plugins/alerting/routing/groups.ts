/** Which alerts are told together, to whom and when: Alertmanager's grouping, with what nothing may keep from being told. Pure. */
import type { Labels } from '../../../core/capabilities/notifier.ts';
import type { Ref } from '../../../core/plugin.ts';
import type { Alert } from '../alert.ts';
import { inhibitor } from './inhibition.ts';
import { labelsOfGroup, type Route, type Step, stepsFor } from './route.ts';
import { type Silence, silencer } from './silence.ts';

/** What was told of a group, as long as anything of it fires. JSON. */
export interface Group {
  readonly key: string;
  readonly route: Ref;
  /** A receiver or a rotation. */
  readonly receiver: string;
  readonly level: number;
  readonly labels: Labels;
  readonly told: Readonly<Record<string, Told>>;
  readonly toldAt: number;
}

export interface Told {
  readonly revision: string;
  readonly isAcknowledged: boolean;
}

/** Something to be told. */
export interface Tell {
  readonly group: Omit<Group, 'told'>;
  readonly firing: readonly Alert[];
  /** Told before as firing, and over. */
  readonly resolved: readonly string[];
  /** Nothing is new about it. */
  readonly isRepeat: boolean;
}

export interface World {
  readonly routes: readonly Route[];
  /** All that are remembered, in any phase. */
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly silences: readonly Silence[];
  /** How often the notifier of a receiver wants to hear again, in milliseconds. */
  readonly repeatMsOf?: (route: Route, receiver: string) => number | undefined;
}

export interface Advanced {
  readonly groups: ReadonlyMap<string, Group>;
  readonly tells: readonly Tell[];
  /** When there is something to do again, if the world stays as it is. */
  readonly nextAt: number | undefined;
}

interface Gathered {
  readonly route: Route;
  readonly step: Step;
  readonly level: number;
  readonly labels: Labels;
  readonly members: Alert[];
}

/** Brings the groups up to `now`. What it answers in `tells` counts as told from then on. */
export function advance(groups: ReadonlyMap<string, Group>, world: World, now: number): Advanced {
  const gathered = gather(world, now);
  const next = new Map<string, Group>();
  const tells: Tell[] = [];
  let nextAt = gathered.nextAt;
  const later = (at: number) => {
    nextAt = Math.min(nextAt ?? at, at);
  };
  const known = new Set(world.routes.map(({ ref }) => ref));
  const keys = new Set([...gathered.groups.keys(), ...groups.keys()]);
  for (const key of keys) {
    const found = gathered.groups.get(key);
    const before = groups.get(key);
    // A route that is not read yet, after a start: what it was told stays told.
    if (found === undefined && before !== undefined && !known.has(before.route)) {
      next.set(key, before);
      continue;
    }
    const outcome = settle(key, found, before, world, now);
    if (outcome.group !== undefined) next.set(key, outcome.group);
    if (outcome.tell !== undefined) tells.push(outcome.tell);
    if (outcome.dueAt !== undefined) later(outcome.dueAt);
  }
  return { groups: next, tells, nextAt };
}

/** Which alerts belong where now. Those that are held back are left out. */
function gather(world: World, now: number) {
  const groups = new Map<string, Gathered>();
  let nextAt: number | undefined;
  const firing = [...world.alerts.values()].filter(({ phase }) => phase === 'firing');
  const silenced = silencer(world.silences, now);
  for (const { from, until } of world.silences) {
    if (from <= now && now < until) nextAt = Math.min(nextAt ?? until, until);
  }
  const inhibitors = new Map(
    world.routes.map((route) => [route, inhibitor(route.inhibitions, firing)] as const),
  );
  for (const alert of firing) {
    if (!alert.isMandatory && silenced(alert.labels) !== undefined) continue;
    for (const [route, step] of placesFor(alert, world.routes)) {
      if (!alert.isMandatory && inhibitors.get(route)?.(alert) !== undefined) continue;
      if (!alert.isMandatory && step.isMuted(now)) continue;
      for (const [level, { afterMs }] of step.levels.entries()) {
        const begins = (alert.firedAt ?? alert.since) + afterMs;
        if (level > 0 && alert.acknowledged !== undefined && alert.acknowledged.at < begins) continue;
        if (level > 0 && begins > now) {
          nextAt = Math.min(nextAt ?? begins, begins);
          continue;
        }
        const labels = labelsOfGroup(step.groupBy, alert.labels);
        const key = `${step.key}.${level}.${JSON.stringify(labels)}`;
        const group = groups.get(key) ?? { route, step, level, labels, members: [] };
        groups.set(key, group);
        group.members.push(alert);
      }
    }
  }
  return { groups, nextAt };
}

/** What must be told and is taken by nobody is everybody's. */
function placesFor(alert: Alert, routes: readonly Route[]): readonly (readonly [Route, Step])[] {
  const own = routes.filter(({ isForMandatory = false }) => !isForMandatory);
  const placesIn = (some: readonly Route[]) =>
    some.flatMap((route) => stepsFor(route, alert.labels).map((step) => [route, step] as const));
  const places = placesIn(own);
  if (!alert.isMandatory) return places;
  const always = placesIn(routes.filter(({ isForMandatory = false }) => isForMandatory));
  return [...always, ...(places.length > 0 ? places : own.map((route) => [route, route.root] as const))];
}

function settle(
  key: string,
  found: Gathered | undefined,
  before: Group | undefined,
  world: World,
  now: number,
): { readonly group?: Group; readonly tell?: Tell; readonly dueAt?: number } {
  const members = found?.members ?? [];
  const told = before?.told ?? {};
  const over = Object.keys(told).filter((id) => world.alerts.get(id)?.phase !== 'firing');
  const step = found?.step ?? stepOf(before, world.routes);
  if (step === undefined) return {};
  const fresh = members.filter(({ id }) => told[id] === undefined);
  const isNews = (alert: Alert) =>
    told[alert.id] !== undefined && told[alert.id]?.revision !== alert.content.revision;
  const isTaken = (alert: Alert) =>
    told[alert.id] !== undefined && told[alert.id]?.isAcknowledged !== (alert.acknowledged !== undefined);

  const dues: number[] = [];
  const toldAt = before?.toldAt ?? Number.NEGATIVE_INFINITY;
  const after = toldAt + step.groupIntervalMs;
  if (members.some(isTaken)) dues.push(now);
  if (fresh.some(({ isMandatory }) => isMandatory)) dues.push(now);
  if (fresh.length > 0) {
    const first = Math.min(...spread(fresh.map(({ firedAt, since }) => firedAt ?? since)));
    dues.push(found !== undefined && found.level > 0 ? now : Math.max(first + step.groupWaitMs, after));
  }
  if (members.some(isNews)) dues.push(after);
  if (over.length > 0) dues.push(after);
  const open = members.filter(({ acknowledged }) => acknowledged === undefined);
  const route = found?.route ?? world.routes.find(({ ref }) => ref === before?.route);
  const receiver = before?.receiver ?? step.levels[found?.level ?? 0]?.receiver ?? '';
  const asked = route === undefined ? undefined : world.repeatMsOf?.(route, receiver);
  const repeatMs = asked ?? Math.max(step.repeatIntervalMs, step.groupIntervalMs);
  if (before !== undefined && (asked === undefined ? open : members).length > 0) dues.push(toldAt + repeatMs);

  // A clock that was put back must not keep anything from being told.
  const dueAt = dues.length === 0 ? undefined : Math.min(...dues);
  const hasJumped = before !== undefined && before.toldAt > now;
  if (dueAt === undefined || (dueAt > now && !hasJumped)) {
    // One that is empty is remembered for its interval: what comes and goes is not told each time.
    const isForgotten = Object.keys(told).length === 0 && now >= after;
    return {
      ...(before === undefined || isForgotten ? {} : { group: before }),
      ...(dueAt === undefined ? {} : { dueAt }),
    };
  }

  const hasNews = fresh.length > 0 || over.length > 0 || members.some((one) => isNews(one) || isTaken(one));
  const identity = {
    key,
    route: route?.ref ?? before?.route ?? '',
    receiver,
    level: found?.level ?? before?.level ?? 0,
    labels: found?.labels ?? before?.labels ?? {},
    toldAt: now,
  };
  const nowTold: Record<string, Told> = {};
  // Held back by now, but still firing: it was told, and is not over.
  for (const [id, one] of Object.entries(told))
    if (world.alerts.get(id)?.phase === 'firing') nowTold[id] = one;
  for (const { id, content, acknowledged } of members) {
    nowTold[id] = { revision: content.revision, isAcknowledged: acknowledged !== undefined };
  }
  const resolved = step.sendResolved ? over : [];
  const isLeft = Object.keys(nowTold).length > 0;
  return {
    group: { ...identity, told: nowTold },
    ...(members.length > 0 || resolved.length > 0
      ? { tell: { group: identity, firing: members, resolved, isRepeat: !hasNews } }
      : {}),
    ...(isLeft ? { dueAt: now + repeatMs } : {}),
  };
}

/** The step that a group without firing alerts came from. */
function stepOf(group: Group | undefined, routes: readonly Route[]): Step | undefined {
  const route = routes.find(({ ref }) => ref === group?.route);
  if (group === undefined || route === undefined) return undefined;
  return [route.root, ...route.children].find(({ key }) => group.key.startsWith(`${key}.`));
}

/** `Math.min` takes its arguments from the stack: a storm is more than that holds. */
function spread(numbers: readonly number[]): readonly [number] {
  return [numbers.reduce((least, one) => (one < least ? one : least), Number.POSITIVE_INFINITY)];
}
