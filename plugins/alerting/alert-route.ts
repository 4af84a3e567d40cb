import { referenceOfSecret } from '../../core/capabilities/secrets.ts';
import { defineKind, type Finding, type Reference } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import { isTimeZone } from '../../libraries/wall-clock/index.ts';
import { instantOfDate, windowProblem } from '../../libraries/wall-clock/recurring-window.ts';
import { type AlertRouteSpec, alertRouteSchema } from '../../schemas/generated/alert-route.ts';
import { parseMatcher } from './routing/matchers.ts';
import { receiverOf } from './routing/route.ts';

/** Who is told about which alerts. */
export const alertRouteKind = defineKind<AlertRouteSpec>({
  kind: 'AlertRoute',
  plural: 'alertroutes',
  description: 'Who is told about which alerts, together with what, how often, and when not.',
  schema: alertRouteSchema,
  path: 'alerts/{name}.yaml',
  columns: [{ title: 'Receiver', pointer: '/spec/receiver' }],
  validationVersion: '1',

  references({ spec }) {
    return spec.receivers.flatMap((receiver, index): readonly Reference[] => {
      const { notifier, secretRef } = receiverOf(receiver);
      if (secretRef === undefined) return [];
      return [referenceOfSecret(secretRef, `/spec/receivers/${index}/${notifier}/secretRef`)];
    });
  },

  validate({ spec }) {
    return [
      ...nameFindings(spec),
      ...matcherFindings(spec),
      ...timeFindings(spec),
      ...rotationFindings(spec),
    ];
  },
});

/** Names that are used must be there, once. */
function nameFindings(spec: AlertRouteSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const receivers = new Set<string>();
  const declare = (name: string, pointer: string) => {
    if (receivers.has(name)) {
      findings.push({
        code: 'NameTwice',
        pointer,
        message: `${name} is declared twice`,
        hint: 'Give one of them another name.',
      });
    }
    receivers.add(name);
  };
  for (const [index, { name }] of spec.receivers.entries()) declare(name, `/spec/receivers/${index}/name`);
  const people = new Set(receivers);
  for (const [index, { name }] of (spec.onCall ?? []).entries()) declare(name, `/spec/onCall/${index}/name`);
  const intervals = new Set((spec.timeIntervals ?? []).map(({ name }) => name));

  const use = (name: string | undefined, among: ReadonlySet<string>, pointer: string, what: string) => {
    if (name === undefined || among.has(name)) return;
    findings.push({
      code: 'UnknownName',
      pointer,
      message: `there is no ${what} ${name}`,
      hint: among.size === 0 ? `Declare it in this AlertRoute.` : `There are: ${[...among].join(', ')}.`,
    });
  };
  for (const [node, at] of nodesOf(spec)) {
    use(node.receiver, receivers, `${at}/receiver`, 'receiver');
    for (const [index, { receiver }] of (node.escalate ?? []).entries()) {
      use(receiver, receivers, `${at}/escalate/${index}/receiver`, 'receiver');
    }
    for (const field of ['muteTimeIntervals', 'activeTimeIntervals'] as const) {
      for (const [index, name] of (node[field] ?? []).entries()) {
        use(name, intervals, `${at}/${field}/${index}`, 'time interval');
      }
    }
  }
  for (const [index, { turns, overrides = [] }] of (spec.onCall ?? []).entries()) {
    const at = `/spec/onCall/${index}`;
    for (const [turn, name] of turns.entries()) use(name, people, `${at}/turns/${turn}`, 'receiver');
    for (const [one, { receiver }] of overrides.entries()) {
      use(receiver, people, `${at}/overrides/${one}/receiver`, 'receiver');
    }
  }
  return findings;
}

function matcherFindings(spec: AlertRouteSpec): readonly Finding[] {
  const lists: (readonly [readonly string[] | undefined, string])[] = nodesOf(spec).map(
    ([node, at]) => [node.matchers, `${at}/matchers`] as const,
  );
  for (const [index, rule] of (spec.inhibitRules ?? []).entries()) {
    lists.push([rule.sourceMatchers, `/spec/inhibitRules/${index}/sourceMatchers`]);
    lists.push([rule.targetMatchers, `/spec/inhibitRules/${index}/targetMatchers`]);
  }
  return lists.flatMap(([matchers = [], at]) =>
    matchers.flatMap((source, index): readonly Finding[] => {
      const matcher = parseMatcher(source);
      if (!('problem' in matcher)) return [];
      return [{ code: 'InvalidMatcher', pointer: `${at}/${index}`, message: matcher.problem }];
    }),
  );
}

function timeFindings(spec: AlertRouteSpec): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, { windows }] of (spec.timeIntervals ?? []).entries()) {
    for (const [one, window] of windows.entries()) {
      const wrong = windowProblem(window);
      if (wrong === undefined) continue;
      findings.push({
        code: 'InvalidWindow',
        pointer: `/spec/timeIntervals/${index}/windows/${one}/${wrong.field}`,
        message: wrong.problem,
        hint:
          wrong.field === 'timeZone'
            ? 'Write an IANA name such as Europe/Berlin or UTC.'
            : 'Write `22:00`, `sat 00:00` or `2026-12-24`, both ends in the same form.',
      });
    }
  }
  for (const [node, at] of nodesOf(spec)) {
    let last = 0;
    for (const [index, { after }] of (node.escalate ?? []).entries()) {
      if (parseDuration(after) > last) last = parseDuration(after);
      else {
        findings.push({
          code: 'EscalationOrder',
          pointer: `${at}/escalate/${index}/after`,
          message: 'each level comes later than the one before it',
          hint: 'Write the levels in order of time, beginning above 0s.',
        });
      }
    }
  }
  return findings;
}

function rotationFindings(spec: AlertRouteSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const isMoment = (text: string, pointer: string) => {
    if (instantOfDate(text) !== undefined) return;
    findings.push({
      code: 'InvalidWindow',
      pointer,
      message: 'no calendar has this day, or no clock this time',
    });
  };
  for (const [index, { start, timeZone = 'UTC', shift, overrides = [] }] of (spec.onCall ?? []).entries()) {
    const at = `/spec/onCall/${index}`;
    if (!isTimeZone(timeZone)) {
      findings.push({
        code: 'InvalidWindow',
        pointer: `${at}/timeZone`,
        message: 'there is no time zone of this name',
        hint: 'Write an IANA name such as Europe/Berlin or UTC.',
      });
    }
    if (parseDuration(shift) < 60_000) {
      findings.push({
        code: 'ShiftTooShort',
        pointer: `${at}/shift`,
        message: `${shift} is no turn`,
        hint: 'Write 1m or more.',
      });
    }
    isMoment(start, `${at}/start`);
    for (const [one, { from, to }] of overrides.entries()) {
      isMoment(from, `${at}/overrides/${one}/from`);
      isMoment(to, `${at}/overrides/${one}/to`);
    }
  }
  return findings;
}

type Node = Pick<AlertRouteSpec, 'matchers' | 'escalate' | 'muteTimeIntervals' | 'activeTimeIntervals'> & {
  readonly receiver?: string;
};

/** The whole and its exceptions, with the pointers to them. */
function nodesOf(spec: AlertRouteSpec): readonly (readonly [Node, string])[] {
  return [
    [spec, '/spec'] as const,
    ...(spec.routes ?? []).map((node, index) => [node, `/spec/routes/${index}`] as const),
  ];
}
