/** What the API shows of alerting. */
import type { Alert } from './alert.ts';
import type { Alerting } from './alerting.ts';
import type { Group } from './routing/groups.ts';
import { onCallAt } from './routing/rotation.ts';
import { type Silence, silencer } from './routing/silence.ts';

/** No answer lists more alerts. */
const most = 5000;

/** What fires comes first, the newest of it before the rest. */
export function alertViews({ memory, now }: Pick<Alerting, 'memory' | 'now'>) {
  const { alerts, silences, groups } = memory.state;
  const silenced = silencer(silences, now());
  const toldOf = groupsByAlert(groups.values());
  const ranks = { firing: 0, pending: 1, resolved: 2 } as const;
  return [...alerts.values()]
    .sort((a, b) => ranks[a.phase] - ranks[b.phase] || b.since - a.since)
    .slice(0, most)
    .map((alert) => viewOf(alert, toldOf.get(alert.id) ?? [], silenced));
}

/** One alert, for whoever acknowledged it. */
export function alertView(alert: Alert, { memory, now }: Pick<Alerting, 'memory' | 'now'>) {
  const { groups, silences } = memory.state;
  return viewOf(alert, groupsByAlert(groups.values()).get(alert.id) ?? [], silencer(silences, now()));
}

/** In a storm there may be as many groups as alerts: they are not to be compared pair by pair. */
function groupsByAlert(groups: Iterable<Group>): ReadonlyMap<string, readonly Group[]> {
  const byAlert = new Map<string, Group[]>();
  for (const group of groups) {
    for (const id of Object.keys(group.told)) {
      const own = byAlert.get(id);
      if (own === undefined) byAlert.set(id, [group]);
      else own.push(group);
    }
  }
  return byAlert;
}

function viewOf(
  alert: Alert,
  told: readonly Group[],
  silenced: (labels: Alert['labels']) => Silence | undefined,
) {
  const { id, rule, severity, phase, labels, ref, content, since, firedAt, resolvedAt, acknowledged } = alert;
  const silence = alert.isMandatory || phase === 'resolved' ? undefined : silenced(labels);
  const { revision: _, ...said } = content;
  return {
    id,
    name: rule,
    severity,
    state: phase,
    labels,
    ref: ref ?? null,
    ...said,
    since: timeOf(since),
    firedAt: firedAt === undefined ? null : timeOf(firedAt),
    resolvedAt: resolvedAt === undefined ? null : timeOf(resolvedAt),
    acknowledged:
      acknowledged === undefined
        ? null
        : { by: acknowledged.by, reason: acknowledged.reason, at: timeOf(acknowledged.at) },
    silencedBy:
      silence === undefined
        ? null
        : { id: silence.id, by: silence.by, reason: silence.reason, until: timeOf(silence.until) },
    told: told.map(({ route, receiver, level, toldAt }) => ({ route, receiver, level, at: timeOf(toldAt) })),
  };
}

export function silenceView({ id, matchers, from, until, by, reason }: Silence, now: number) {
  return {
    id,
    matchers,
    from: timeOf(from),
    until: timeOf(until),
    by,
    reason,
    isActive: from <= now && now < until,
  };
}

export function receiverViews({ dispatch, memory }: Pick<Alerting, 'dispatch' | 'memory'>) {
  return [...dispatch.routes.values()].flatMap(({ ref, receivers }) =>
    [...receivers.values()].map(({ name, notifier }) => {
      const waiting = memory.state.outbox.filter((one) => one.route === ref && one.receiver === name);
      const failing = waiting.find(({ attempts }) => attempts > 0);
      return {
        route: ref,
        name,
        notifier: notifier ?? null,
        waiting: waiting.length,
        attempts: failing?.attempts ?? 0,
        error: failing?.error ?? null,
        nextAt: failing === undefined ? null : timeOf(failing.nextAt),
      };
    }),
  );
}

export function onCallViews({ dispatch, now }: Pick<Alerting, 'dispatch' | 'now'>) {
  return [...dispatch.routes.values()].flatMap(({ ref, rotations }) =>
    [...rotations.values()].map((rotation) => ({
      route: ref,
      rotation: rotation.name,
      receiver: onCallAt(rotation, now()),
    })),
  );
}

export function ruleViews({ watch }: Pick<Alerting, 'watch'>) {
  return [...watch.rules.values()].map(({ name, ref, severity, isMandatory }) => ({
    name,
    ref: ref ?? null,
    severity,
    isMandatory,
    failure: watch.failureOf(name) ?? null,
  }));
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
