import {
  defineKind,
  type Finding,
  type Reference,
  type Related,
  type Resource,
  refOf,
} from '../../core/plugin.ts';
import { meantBy } from '../../libraries/did-you-mean/index.ts';
import { windowProblem } from '../../libraries/wall-clock/recurring-window.ts';
import { type PolicySpec, policySchema } from '../../schemas/generated/policy.ts';
import { eligible, type Whom } from './eligible.ts';
import { compileExpression } from './expression.ts';
import { peopleOf } from './people.ts';

export type Rule = PolicySpec['rules'][number];

const everyTeam = 'Team/*';

/** Rules that say what a proposal must meet before it may merge. */
export const policyKind = defineKind<PolicySpec>({
  kind: 'Policy',
  plural: 'policies',
  shortNames: ['pol'],
  description: 'Rules that say what a proposal must meet before it may merge.',
  schema: policySchema,
  path: 'policies/{name}.yaml',
  columns: [{ title: 'Description', pointer: '/spec/description' }],
  validationVersion: '1',

  references({ spec }) {
    const references: Reference[] = [{ to: everyTeam, pointer: '/spec', optional: true, wakes: false }];
    for (const [index, rule] of spec.rules.entries()) {
      const at = `/spec/rules/${index}`;
      for (const [whom, pointer] of whomOf(rule, at)) {
        for (const [team, name] of (whom.teams ?? []).entries()) {
          references.push({ to: refOf('Team', name), pointer: `${pointer}/teams/${team}`, wakes: false });
        }
      }
      if (rule.soak?.in !== undefined) {
        const to = refOf('Environment', rule.soak.in);
        references.push({ to, pointer: `${at}/soak/in`, wakes: false });
      }
    }
    return references;
  },

  validate({ spec }, related) {
    const findings: Finding[] = [];
    const names = new Set<string>();
    for (const [index, rule] of spec.rules.entries()) {
      const at = `/spec/rules/${index}`;
      if (names.has(rule.name)) {
        findings.push({
          code: 'RuleTwice',
          pointer: `${at}/name`,
          message: `two rules of this policy are called ${rule.name}`,
          hint: 'Give one of them another name: verdicts name rules.',
        });
      }
      names.add(rule.name);
      findings.push(...ruleFindings(rule, at, related));
    }
    return findings;
  },
});

function ruleFindings(rule: Rule, at: string, related: Related): readonly Finding[] {
  const { checks, approvals, soak, promotionPath, freeze, condition } = rule;
  const findings: Finding[] = [
    ...expressionFindings(rule.when, `${at}/when`),
    ...expressionFindings(condition?.expression, `${at}/condition/expression`),
    ...(freeze ?? []).flatMap((window, index) => {
      const wrong = windowProblem(window);
      if (wrong === undefined) return [];
      const hint =
        wrong.field === 'timeZone'
          ? 'Write an IANA name such as Europe/Berlin or UTC.'
          : 'Write `22:00`, `fri 16:00` or `2026-12-20`, both ends in the same form.';
      const pointer = `${at}/freeze/${index}/${wrong.field}`;
      return [{ code: 'InvalidFreeze', pointer, message: wrong.problem, hint }];
    }),
    ...whomFindings(rule, at, related),
  ];
  if (!checks && !approvals && !soak && promotionPath !== true && !freeze && !condition) {
    findings.push({
      code: 'EmptyRule',
      pointer: at,
      severity: 'warning',
      message: `the rule ${rule.name} asks for nothing`,
      hint: 'Add checks, approvals, soak, promotionPath, freeze or condition.',
    });
  }
  return findings;
}

function expressionFindings(source: string | undefined, pointer: string): readonly Finding[] {
  if (source === undefined) return [];
  const expression = compileExpression(source);
  return 'code' in expression ? [{ ...expression, pointer }] : [];
}

function whomFindings(rule: Rule, at: string, related: Related): readonly Finding[] {
  const people = peopleOf(related.matching(everyTeam));
  const findings: Finding[] = [];
  for (const [whom, pointer] of whomOf(rule, at)) {
    for (const [index, name] of (whom.people ?? []).entries()) {
      if (people.byName(name) !== undefined) continue;
      const meant = meantBy(
        name,
        people.all.map((person) => person.name),
      );
      findings.push({
        code: 'UnknownPerson',
        pointer: `${pointer}/people/${index}`,
        message: `no team names ${name}`,
        hint: meant === undefined ? 'Add the person to a team first.' : `Did you mean ${meant}?`,
      });
    }
  }
  const { approvals } = rule;
  if (approvals === undefined || findings.length > 0) return findings;
  const count = approvals.count ?? 1;
  const there = eligible(approvals.from, people).people.length;
  if (there >= count) return findings;
  findings.push({
    code: 'NobodyToApprove',
    pointer: `${at}/approvals`,
    severity: 'warning',
    message: `${count} approvals are needed, and only ${there} ${there === 1 ? 'person' : 'people'} could give one`,
    hint: 'Ask for fewer, or add people to the teams: the author of a change cannot approve it.',
  });
  return findings;
}

/** Everywhere that a rule names people, with the pointer to it. */
function whomOf(rule: Rule, at: string): readonly (readonly [Whom, string])[] {
  const found: [Whom, string][] = [];
  if (rule.approvals?.from !== undefined) found.push([rule.approvals.from, `${at}/approvals/from`]);
  if (rule.breakGlass !== undefined) found.push([rule.breakGlass.by, `${at}/breakGlass/by`]);
  return found;
}

/** The policies among these resources, in the order of their names. */
export function policiesOf(resources: Iterable<Resource>): readonly Resource<PolicySpec>[] {
  const found: Resource<PolicySpec>[] = [];
  for (const resource of resources)
    if (resource.kind === 'Policy') found.push(resource as Resource<PolicySpec>);
  return found.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
