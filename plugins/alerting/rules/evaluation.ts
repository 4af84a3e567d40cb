/** Asks the rules about what may have changed, and keeps the alerts that they make. */
import type { RegistryHead } from '../../../core/capabilities/registry.ts';
import { type JournalEntry, messageOf, type Ref } from '../../../core/plugin.ts';
import { breather } from '../../../libraries/breather/index.ts';
import type { Alert } from '../alert.ts';
import { dueOf, happened, seen, unseen } from '../alert-life.ts';
import type { World } from '../world.ts';
import {
  type Machine,
  type Observed,
  observeEntry,
  observeNothing,
  observePlatform,
  observeResource,
} from './observe.ts';
import { looksAt, type Rule } from './rule.ts';
import { type Reading, sight } from './sight.ts';

export interface Readings {
  /** What a rule measured last about a resource, or about nothing. */
  of(rule: string, ref: Ref | undefined): Reading | undefined;
}

export interface Evaluating {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly world: World;
  readonly readings: Readings;
  readonly head: RegistryHead;
  readonly machine: Machine;
  /** Since when another commit is named than is applied. */
  readonly behindSince: number | undefined;
  /** Resources that may have changed; `all`: any. */
  readonly changed: ReadonlySet<Ref> | 'all';
  /** Rules that are new or were measured anew: they are asked about everything. */
  readonly asked: ReadonlySet<string>;
  /** What happened since, oldest first. */
  readonly entries: readonly JournalEntry[];
  readonly now: number;
  readonly signal?: AbortSignal;
}

export interface Evaluated {
  readonly alerts: ReadonlyMap<string, Alert>;
  /** Rules that could not say, and why. */
  readonly failures: ReadonlyMap<string, string>;
  readonly succeeded: ReadonlySet<string>;
}

export async function evaluate(before: ReadonlyMap<string, Alert>, given: Evaluating): Promise<Evaluated> {
  const { rules, world, readings, head, machine, behindSince, changed, asked, entries, now } = given;
  const alerts = new Map(before);
  const failures = new Map<string, string>();
  const succeeded = new Set<string>();
  const byRule = new Map<string, Alert[]>();
  for (const alert of before.values()) {
    const own = byRule.get(alert.rule);
    if (own === undefined) byRule.set(alert.rule, [alert]);
    else own.push(alert);
  }
  const breathe = breather(given.signal);
  const observed = new Map<Ref, Observed>();
  const observe = (ref: Ref): Observed => {
    const known = observed.get(ref);
    if (known !== undefined) return known;
    const made = observeResource(ref, world.resource(ref), world.status(ref), now);
    observed.set(ref, made);
    return made;
  };

  const judge = (rule: Rule, about: Observed, ref: Ref | undefined): string | undefined => {
    try {
      const found = sight(rule, about, readings.of(rule.name, ref));
      succeeded.add(rule.name);
      if (typeof found === 'object') {
        alerts.set(found.id, seen(alerts.get(found.id), found, now, rule));
        return found.id;
      }
      return found === 'unknown' ? 'unknown' : undefined;
    } catch (error) {
      failures.set(rule.name, `${ref ?? 'it'}: ${messageOf(error)}`);
      return 'unknown';
    }
  };
  const release = (alert: Alert, rule: Rule) => {
    const next = unseen(alert, now, rule);
    if (next === undefined) alerts.delete(alert.id);
    else alerts.set(alert.id, next);
  };

  for (const rule of rules.values()) {
    const own = byRule.get(rule.name) ?? [];
    const { scope } = rule;
    if (scope.type === 'journal') {
      for (const entry of entries) {
        if (!scope.types.includes(entry.type)) continue;
        try {
          const found = sight(rule, observeEntry(entry), undefined);
          succeeded.add(rule.name);
          if (typeof found !== 'object') continue;
          const at = Math.min(now, Date.parse(entry.time));
          alerts.set(found.id, happened(alerts.get(found.id), found, at, rule.keepMs));
        } catch (error) {
          failures.set(rule.name, `entry ${entry.sequence}: ${messageOf(error)}`);
        }
      }
      for (const { id } of own) {
        const alert = alerts.get(id);
        if (alert?.phase === 'firing' && (alert.endsAt ?? 0) <= now) {
          alerts.set(id, { ...alert, phase: 'resolved', resolvedAt: now });
        }
      }
      continue;
    }
    if (scope.type === 'platform' && !isKnown(head)) continue;
    if (scope.type !== 'resources') {
      if (rule.metric !== undefined && !asked.has(rule.name) && !own.some((alert) => isDue(alert, rule, now)))
        continue;
      const about =
        scope.type === 'platform' ? observePlatform(head, machine, behindSince, now) : observeNothing;
      const id = judge(rule, about, undefined);
      if (id !== 'unknown') for (const alert of own) if (alert.id !== id) release(alert, rule);
      continue;
    }
    if (!world.isRead) continue;
    const isWhole = changed === 'all' || asked.has(rule.name);
    const refs = new Set<Ref>(isWhole ? world.ofKinds(scope.of.kinds) : changed);
    for (const alert of own) {
      if (alert.ref !== undefined && (isWhole || isDue(alert, rule, now))) refs.add(alert.ref);
    }
    const aboutRef = new Map(own.map((alert) => [alert.ref, alert]));
    for (const ref of refs) {
      const pause = breathe();
      if (pause !== undefined) await pause;
      const known = aboutRef.get(ref);
      if (!world.has(ref) || !looksAt(scope, ref, world.resource(ref))) {
        if (known !== undefined) release(known, rule);
        continue;
      }
      const id = judge(rule, observe(ref), ref);
      if (id === undefined && known !== undefined) release(known, rule);
    }
  }
  return { alerts, failures, succeeded };
}

/** After a start nothing is held yet, and nothing wrong: until a commit was looked at, that says nothing. */
function isKnown({ applied, held, error }: RegistryHead): boolean {
  return applied !== null || held !== null || error !== null;
}

/** When time alone changes one of them. */
export function nextDueOf(alerts: Iterable<Alert>, rules: ReadonlyMap<string, Rule>): number | undefined {
  let next: number | undefined;
  for (const alert of alerts) {
    const rule = rules.get(alert.rule);
    const isWaiting = alert.phase === 'pending' || alert.endsAt !== undefined || (rule?.keepMs ?? 0) > 0;
    const due = rule !== undefined && isWaiting ? dueOf(alert, rule) : undefined;
    if (due !== undefined) next = Math.min(next ?? due, due);
  }
  return next;
}

function isDue(alert: Alert, rule: Rule, now: number): boolean {
  const due = dueOf(alert, rule);
  return due !== undefined && due <= now;
}
