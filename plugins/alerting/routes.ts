/** `/plugins/alerting/…`: what fires, and what people say to it. Answers are JSON. */
import { parseDuration } from '../../libraries/duration/index.ts';
import type { Alert } from './alert.ts';
import type { Alerting } from './alerting.ts';
import { alertCommandInvalid, methodNotAllowed } from './errors.ts';
import { requestBody, textIn } from './request-body.ts';
import { allMatch, parseMatcher } from './routing/matchers.ts';
import { onCallAt } from './routing/rotation.ts';
import { type Silence, silencer } from './routing/silence.ts';

type Answer = (request: Request, name: string) => Promise<Response> | Response;

export function alertingRoutes(alerting: Alerting) {
  const answers: Readonly<Record<string, readonly [method: string, answer: Answer]>> = {
    alerts: ['GET', () => Response.json({ items: alertViews(alerting) })],
    'alerts/*/acknowledge': [
      'POST',
      async (request, id) => {
        const body = await requestBody(request, ['by', 'reason']);
        const alert = await alerting.acknowledge(id, textIn(body, 'by', 254), textIn(body, 'reason', 1000));
        return Response.json(viewOf(alert, alerting, () => undefined));
      },
    ],
    silences: [
      'GET',
      () => Response.json({ items: alerting.state.silences.map((one) => silenceView(one, alerting.now())) }),
    ],
    'silences/add': [
      'POST',
      async (request) => {
        const body = await requestBody(request, ['matchers', 'duration', 'by', 'reason']);
        const silence = await alerting.silence({
          matchers: matchersIn(body.matchers),
          until: alerting.now() + durationIn(body.duration),
          by: textIn(body, 'by', 254),
          reason: textIn(body, 'reason', 1000),
        });
        return Response.json(silenceView(silence, alerting.now()), { status: 201 });
      },
    ],
    'silences/*/end': [
      'POST',
      async (request, id) => {
        const body = await requestBody(request, ['by']);
        return Response.json(
          silenceView(await alerting.endSilence(id, textIn(body, 'by', 254)), alerting.now()),
        );
      },
    ],
    receivers: [
      'GET',
      () => Response.json({ items: receiverViews(alerting), onCall: onCallViews(alerting) }),
    ],
    'receivers/*/test': [
      'POST',
      async (request, name) => {
        const body = await requestBody(request, ['by']);
        const { route, receiver } = await alerting.test(name, textIn(body, 'by', 254));
        return Response.json({ route, receiver: receiver.name, notifier: receiver.notifier });
      },
    ],
    rules: ['GET', () => Response.json({ items: ruleViews(alerting) })],
  };
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const parts =
      path
        .split('?', 1)[0]
        ?.split('/')
        .filter((part) => part !== '') ?? [];
    const [first = '', name = ''] = parts;
    const exact = answers[parts.join('/')];
    const within = parts.length > 2 ? answers[`${first}/*/${parts.at(-1)}`] : undefined;
    const [method, answer] = exact ?? within ?? [];
    if (method === undefined || answer === undefined) return undefined;
    if (request.method !== method) throw methodNotAllowed(request.method, method);
    // The name of a receiver may be `route/receiver`.
    return answer(request, parts.length > 3 ? parts.slice(1, -1).join('/') : name);
  };
}

function alertViews(alerting: Alerting) {
  const silenced = silencer(alerting.state.silences, alerting.now());
  const ranks = { firing: 0, pending: 1, resolved: 2 } as const;
  return [...alerting.state.alerts.values()]
    .sort((a, b) => ranks[a.phase] - ranks[b.phase] || b.since - a.since)
    .slice(0, 5000)
    .map((alert) => viewOf(alert, alerting, silenced));
}

function viewOf(
  alert: Alert,
  alerting: Alerting,
  silenced: (labels: Alert['labels']) => Silence | undefined,
) {
  const { id, rule, severity, phase, labels, ref, content, since, firedAt, resolvedAt, acknowledged } = alert;
  const told = [...alerting.state.groups.values()].filter((group) => group.told[id] !== undefined);
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

function silenceView({ id, matchers, from, until, by, reason }: Silence, now: number) {
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

function receiverViews({ routes, state }: Alerting) {
  return [...routes.values()].flatMap(({ ref, receivers }) =>
    [...receivers.values()].map(({ name, notifier }) => {
      const waiting = state.outbox.filter((one) => one.route === ref && one.receiver === name);
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

function onCallViews(alerting: Alerting) {
  return [...alerting.routes.values()].flatMap(({ ref, rotations }) =>
    [...rotations.values()].map((rotation) => ({
      route: ref,
      rotation: rotation.name,
      receiver: onCallAt(rotation, alerting.now()),
    })),
  );
}

function ruleViews(alerting: Alerting) {
  return [...alerting.rules.values()].map(({ name, ref, severity, isMandatory }) => ({
    name,
    ref: ref ?? null,
    severity,
    isMandatory,
    failure: alerting.failureOf(name) ?? null,
  }));
}

function matchersIn(given: unknown): readonly string[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > 16) {
    throw alertCommandInvalid('body matchers', 'matchers is a list of 1 to 16 texts');
  }
  const matchers = given.map((source: unknown, index) => {
    const where = `body matchers[${index}]`;
    if (typeof source !== 'string' || source.length > 512)
      throw alertCommandInvalid(where, 'a matcher is a text');
    const matcher = parseMatcher(source);
    if ('problem' in matcher) throw alertCommandInvalid(where, matcher.problem);
    return matcher;
  });
  // A label that is not there is empty: `team!="risk"` alone would also silence all that no team has.
  if (allMatch(matchers, {})) {
    throw alertCommandInvalid(
      'body matchers',
      'each of the matchers also takes alerts without its label: add one that does not, such as alertname="rolled-back"',
    );
  }
  return matchers.map(({ source }) => source);
}

const longestSilenceMs = 90 * 24 * 3_600_000;

function durationIn(given: unknown): number {
  let duration = 0;
  try {
    duration = parseDuration(String(given));
  } catch {
    // told below
  }
  if (duration < 1_000 || duration > longestSilenceMs) {
    throw alertCommandInvalid('body duration', 'duration is a time such as 2h, at most 90d');
  }
  return duration;
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
