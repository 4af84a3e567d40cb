/** `/plugins/alerting/…`: what fires, and what people say to it. Answers are JSON. */
import { parseDuration } from '../../libraries/duration/index.ts';
import { methodNotAllowed } from '../../libraries/json-requests/index.ts';
import type { Alerting } from './alerting.ts';
import { alertCommandInvalid } from './errors.ts';
import { requestBody, textIn } from './request-body.ts';
import { allMatch, parseMatcher } from './routing/matchers.ts';
import { alertView, alertViews, onCallViews, receiverViews, ruleViews, silenceView } from './views.ts';

type Answer = (request: Request, name: string) => Promise<Response> | Response;

export function alertingRoutes(alerting: Alerting) {
  const { memory, quieting, dispatch, now } = alerting;
  const answers: Readonly<Record<string, readonly [method: string, answer: Answer]>> = {
    alerts: ['GET', () => Response.json({ items: alertViews(alerting) })],
    'alerts/*/acknowledge': [
      'POST',
      async (request, id) => {
        const body = await requestBody(request, ['by', 'reason']);
        const alert = await quieting.acknowledge(id, textIn(body, 'by', 254), textIn(body, 'reason', 1000));
        return Response.json(alertView(alert, alerting));
      },
    ],
    silences: [
      'GET',
      () => Response.json({ items: memory.state.silences.map((one) => silenceView(one, now())) }),
    ],
    'silences/add': [
      'POST',
      async (request) => {
        const body = await requestBody(request, ['matchers', 'duration', 'by', 'reason']);
        const silence = await quieting.silence({
          matchers: matchersIn(body.matchers),
          until: now() + durationIn(body.duration),
          by: textIn(body, 'by', 254),
          reason: textIn(body, 'reason', 1000),
        });
        return Response.json(silenceView(silence, now()), { status: 201 });
      },
    ],
    'silences/*/end': [
      'POST',
      async (request, id) => {
        const body = await requestBody(request, ['by']);
        return Response.json(silenceView(await quieting.endSilence(id, textIn(body, 'by', 254)), now()));
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
        const { route, receiver } = await dispatch.test(name, textIn(body, 'by', 254));
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
