import type { GateVerdict, Requirement } from '../../core/capabilities/gate.ts';
import type { Resource } from '../../core/plugin.ts';
import type { PolicySpec } from '../../schemas/generated/policy.ts';
import { glassBreaker, type ProvenLabel } from './break-glass.ts';
import type { ProposedChange } from './changes.ts';
import { eligible } from './eligible.ts';
import type { Person } from './people.ts';
import type { Rule } from './policy.ts';
import { askForApprovals, requireApprovals } from './requirements/approvals.ts';
import { requireCheck, requireChecks } from './requirements/checks.ts';
import { holds, requireCondition } from './requirements/condition.ts';
import { requireThaw } from './requirements/freeze.ts';
import type { Applied, Facts, Require } from './requirements/rule-context.ts';
import { requirePromotionPath, requireSoak } from './requirements/soak.ts';

export interface Case extends Facts {
  /** Of the base, in the order of their names. */
  readonly policies: readonly Resource<PolicySpec>[];
  /** Policies and teams of the base that cannot be read: `policies/production.yaml:7`. */
  readonly broken: readonly string[];
  readonly changes: readonly ProposedChange[];
  readonly labels: readonly ProvenLabel[];
}

/** In the order in which a reviewer wants to read them. */
const parts: readonly Require[] = [
  requireChecks,
  requireApprovals,
  requirePromotionPath,
  requireSoak,
  requireThaw,
  requireCondition,
];

const builtIn = 'built in';

/**
 * Judges a proposal: what holds for every one, then each rule that applies to one of its changes. Rules only ever ask for
 * more. Pure, but for what `served` looks up.
 */
export async function judge(facts: Case): Promise<GateVerdict> {
  const requirements: Requirement[] = [requireCheck(builtIn, 'manifests', facts.checks, false)];
  if (facts.broken.length > 0) requirements.push(broken(facts.broken));
  let isAllowed = requirements.every(({ met }) => met);
  const broke: { label: string; person: Person; unmet: number }[] = [];
  const asked: Rule[] = [];
  for (const applied of appliedRules(facts)) {
    const { rule } = applied;
    asked.push(rule);
    const own = (await Promise.all(parts.map((part) => part(applied, facts)))).flat();
    const unmet = own.filter(({ met }) => !met).length;
    const breaker = unmet === 0 ? undefined : glassBreaker(rule, facts.labels, facts.people);
    if (breaker !== undefined && 'person' in breaker) broke.push({ ...breaker, unmet });
    else if (unmet > 0) isAllowed = false;
    const label = rule.breakGlass?.label ?? '';
    requirements.push(...(breaker && 'problem' in breaker ? withProblem(own, label, breaker.problem) : own));
  }
  const silent = approvalsNobodyAsksFor(facts, asked);
  requirements.push(...silent);
  isAllowed &&= silent.every(({ met }) => met);
  return {
    allowed: isAllowed,
    requirements,
    approvals: countedApprovals(facts, asked),
    ...(isAllowed && broke.length > 0 ? { breakGlass: summed(broke) } : {}),
  };
}

/** Each rule of each policy that applies to one of the changes. One whose `when` cannot be evaluated applies. */
function appliedRules(facts: Case): readonly Applied[] {
  const applied: Applied[] = [];
  for (const { ref, spec } of facts.policies) {
    for (const rule of spec.rules) {
      const changes: ProposedChange[] = [];
      let problem: string | undefined;
      for (const change of facts.changes) {
        const held = rule.when === undefined || holds(rule.when, change, facts);
        if (typeof held === 'string') problem ??= held;
        if (held !== false) changes.push(change);
      }
      if (changes.length === 0) continue;
      const note = problem === undefined ? '' : ` (applies because its \`when\` cannot be told: ${problem})`;
      applied.push({ title: `${ref}, rule ${rule.name}${note}`, rule, changes });
    }
  }
  return applied;
}

/**
 * Where no rule asks for approvals of what judges, or there is no policy at all, one person of any team must have
 * approved who is not the author. Where no team names anybody else, there is nobody to ask.
 */
function approvalsNobodyAsksFor(facts: Case, asked: readonly Rule[]): readonly Requirement[] {
  const isJudging = facts.changes.some(({ judging }) => judging);
  const isAsked = asked.some(({ approvals }) => approvals !== undefined);
  if (isAsked || !(isJudging || facts.policies.length === 0)) return [];
  const others = eligible(undefined, facts.people).people.filter(
    (person) => !facts.authors.includes(person, { name: person.name }),
  );
  if (others.length === 0) return [];
  const why = isJudging ? 'a change of what judges' : 'there is no policy';
  return askForApprovals(`${builtIn}, ${why}`, 1, undefined, facts);
}

/** The approvals that were of use: those of people whom a rule asks, or else of anybody. */
function countedApprovals(
  { reviews, people, authorsProblem }: Case,
  asked: readonly Rule[],
): NonNullable<GateVerdict['approvals']> {
  if (authorsProblem !== undefined) return [];
  const from = asked.flatMap(({ approvals }) => (approvals === undefined ? [] : [approvals.from]));
  const wanted = (from.length === 0 ? [undefined] : from).map((whom) => ({
    whom,
    people: eligible(whom, people).people,
  }));
  return reviews.approvals.flatMap(({ person, review }) => {
    const uses = wanted.filter((one) => one.people.includes(person));
    if (uses.length === 0) return [];
    const named = uses.flatMap(({ whom }) => whom?.teams ?? []);
    const teams = person.teams.filter((team) => named.includes(team));
    const [email] = person.emails;
    const by = { ...review.by, name: person.name, ...(email === undefined ? {} : { email }) };
    return [{ by, at: review.at, ...(teams.length > 0 ? { teams } : {}) }];
  });
}

function summed(
  broke: readonly { label: string; person: Person; unmet: number }[],
): NonNullable<GateVerdict['breakGlass']> {
  const unique = (words: readonly string[]) => [...new Set(words)].join(', ');
  return {
    label: unique(broke.map(({ label }) => label)),
    by: unique(broke.map(({ person }) => person.name)),
    unmet: broke.reduce((sum, { unmet }) => sum + unmet, 0),
  };
}

function withProblem(own: readonly Requirement[], label: string, problem: string): readonly Requirement[] {
  return own.map((one) =>
    one.met ? one : { ...one, message: `${one.message} (the label ${label} does not help: ${problem})` },
  );
}

function broken(places: readonly string[]): Requirement {
  return {
    code: 'PolicyBroken',
    rule: builtIn,
    met: false,
    message: `the base branch has policies or teams that are not valid, so that nobody knows what they ask for: ${places.slice(0, 5).join(', ')}`,
    hint: 'Mend them on the base branch itself: `switchyard check` says what is wrong.',
  };
}
