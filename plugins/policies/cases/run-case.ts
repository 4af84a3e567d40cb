import type { Label, Review } from '../../../core/capabilities/forge.ts';
import type { GateVerdict } from '../../../core/capabilities/gate.ts';
import { type Resource, refOf } from '../../../core/plugin.ts';
import type { EnvironmentSpec } from '../../../schemas/generated/environment.ts';
import type { TeamSpec } from '../../../schemas/generated/team.ts';
import { countReviews } from '../approvals.ts';
import { Authors } from '../authors.ts';
import { provenLabels } from '../break-glass.ts';
import { contextFor } from '../case-context.ts';
import { isJudgingPath, type ProposedChange } from '../changes.ts';
import { judge } from '../judge.ts';
import { folded, People, saysWho } from '../people.ts';
import { policiesOf } from '../policy.ts';
import type { RecordedCase, RecordedChange } from './case-file.ts';

/** What a registry says, as far as cases need it. */
export interface CaseRegistry {
  readonly resources: readonly Resource[];
  /** Policies and teams that are not valid: `policies/production.yaml:7`. */
  readonly broken: readonly string[];
}

export interface CaseResult {
  readonly verdict: GateVerdict;
  /** What is not as expected, a sentence each; empty where the case passes. */
  readonly problems: readonly string[];
}

/** The forge that recorded people act on: each has an account there, so that reviews are counted as on a real one. */
const forge = 'record';
const head = '0'.repeat(40);
const earlier = '1'.repeat(40);

/** Judges a recorded case by the policies and teams of a registry, by the code that judges proposals. */
export async function runCase(recorded: RecordedCase, registry: CaseRegistry): Promise<CaseResult> {
  const { resources } = registry;
  const people = withAccounts(resources);
  const now = Date.parse(recorded.now ?? '2026-01-05T12:00:00Z');
  const author = { name: recorded.author ?? 'Somebody' };
  const authors = new Authors([author], people, forge);
  const asked = { people, forge, at: now };
  const changes = recorded.changes.map((change) => changeOf(change, resources));
  const checks = checksOf(recorded);
  const labels = (recorded.labels ?? []).map((label) => labelOf(label));
  const proposal = {
    number: 1,
    title: recorded.title ?? recorded.name,
    labels,
    fromFork: recorded.fork ?? false,
    author,
  };
  const files = [...new Set([...changes.map(({ path }) => path), ...(recorded.files ?? [])])].map((path) => ({
    path,
  }));
  const reviews = (recorded.reviews ?? []).map((review) => reviewOf(review));
  const verdict = await judge({
    policies: policiesOf(resources),
    broken: registry.broken,
    people,
    changes,
    authors,
    reviews: countReviews({ ...asked, reviews, head, authors }),
    labels: provenLabels({ labels, head, pushes: [] }, asked),
    checks,
    served: async (environment, model, version) => ({
      source: 'record',
      periods: (recorded.served ?? [])
        .filter((one) => one.environment === environment && one.version === version)
        .filter((one) => (one.model ?? changes[0]?.model) === model)
        .map(({ since, until }) => ({
          since: Date.parse(since),
          until: until === undefined ? null : Date.parse(until),
        }))
        .sort((a, b) => b.since - a.since),
    }),
    environments: environmentsOf(resources),
    now,
    contextFor: contextFor({ proposal, changes, files, author: people.byName(author.name), checks, now }),
  });
  const problems = problemsOf(recorded, verdict);
  const strangers = problems.length === 0 ? [] : strangersOf(recorded, people);
  return { verdict, problems: [...problems, ...strangers] };
}

/** Everything that differs from what is expected. */
function problemsOf({ expect }: RecordedCase, verdict: GateVerdict): readonly string[] {
  const problems: string[] = [];
  const { requirements } = verdict;
  if (verdict.allowed !== expect.allowed) {
    problems.push(
      `should ${expect.allowed ? '' : 'not '}be allowed, and is ${verdict.allowed ? '' : 'not'}`.trimEnd(),
    );
  }
  const unmet = new Set(requirements.filter(({ met }) => !met).map(({ code }) => code));
  const met = new Set(requirements.filter((one) => one.met).map(({ code }) => code));
  if (expect.unmet !== undefined) {
    for (const code of expect.unmet) if (!unmet.has(code)) problems.push(`${code} should not be met`);
    for (const code of unmet) if (!expect.unmet.includes(code)) problems.push(`${code} is not met`);
  }
  for (const code of expect.met ?? []) if (!met.has(code)) problems.push(`${code} should be met`);
  const rules = requirements.map(({ rule }) => rule.replace(/^Policy\/(.*), rule ([^ ]+).*$/, '$1/$2'));
  for (const rule of expect.rules ?? []) {
    if (!rules.includes(rule)) problems.push(`the rule ${rule} should apply`);
  }
  if (expect.breakGlass !== undefined && (verdict.breakGlass?.by ?? null) !== expect.breakGlass) {
    problems.push(
      `${verdict.breakGlass?.by ?? 'nobody'} lets it pass by a label, and ${expect.breakGlass ?? 'nobody'} should`,
    );
  }
  const times = requirements.flatMap(({ met: isMet, metAt }) =>
    isMet || metAt === undefined ? [] : [metAt],
  );
  if (expect.metAt !== undefined && Math.max(...times.map(Date.parse)) !== Date.parse(expect.metAt)) {
    problems.push(`should be met at ${expect.metAt}, and is at ${times.sort().at(-1) ?? 'no time'}`);
  }
  return problems;
}

/** Who was meant to count and is in no team: the likely reason where teams were changed and cases were not. */
function strangersOf({ reviews = [], labels = [] }: RecordedCase, people: People): readonly string[] {
  const named = [...reviews.filter(({ proven }) => proven !== false), ...labels].flatMap(
    ({ by }) => by ?? [],
  );
  return [...new Set(named)]
    .filter((name) => people.byName(name) === undefined)
    .map(
      (name) => `no team has a member called ${name}: where your people changed, name them in the case, too`,
    );
}

/** The people of the teams, each with an account on the forge of recorded cases. */
function withAccounts(resources: readonly Resource[]): People {
  const teams = resources.filter(({ kind }) => kind === 'Team') as Resource<TeamSpec>[];
  return new People(
    teams.map((team) => ({
      ...team,
      spec: {
        ...team.spec,
        members: team.spec.members.map((member) =>
          saysWho(member)
            ? { ...member, accounts: { ...member.accounts, [forge]: folded(member.name) } }
            : member,
        ),
      },
    })),
  );
}

function reviewOf(review: NonNullable<RecordedCase['reviews']>[number]): Review {
  const { by, verdict = 'approve', stale = false, proven = true } = review;
  return {
    by: { name: by, account: by },
    verdict,
    head: stale ? earlier : head,
    at: '2026-01-01T00:00:00Z',
    body: '',
    proof: { type: proven ? 'forge' : 'none' },
  };
}

function labelOf({ name, by, stale }: NonNullable<RecordedCase['labels']>[number]): Label {
  const who = by === undefined ? {} : { by: { name: by, account: by } };
  return { name, ...who, head: stale === true ? earlier : head, proof: { type: 'forge' } };
}

function checksOf({ checks = {} }: RecordedCase) {
  const all = { manifests: 'pass' as const, ...checks };
  return Object.entries(all).map(([name, said]) => {
    const { outcome, facts = {} } = typeof said === 'string' ? { outcome: said } : said;
    return { name, outcome, facts, summary: '', at: '2026-01-01T00:00:00Z', durationMs: 0 };
  });
}

function changeOf(change: RecordedChange, resources: readonly Resource[]): ProposedChange {
  const { kind = 'Deployment', environment = '', model = '', from = '', to = '' } = change;
  const path = change.path ?? pathOf(kind, change);
  const ref = refOf('Model', model);
  return {
    kind,
    type: change.type ?? (kind === 'Deployment' ? 'promote' : 'edit'),
    name: change.name ?? (kind === 'Deployment' ? model : ''),
    environment,
    model,
    labels: change.labels ?? resources.find((one) => one.ref === ref)?.metadata.labels ?? {},
    from,
    to,
    path,
    judging: change.judging ?? (['Policy', 'Team', 'Platform'].includes(kind) || isJudgingPath(path)),
  };
}

/** Where such a manifest lives by convention. */
export function pathOf(
  kind: string,
  { name = '', environment = '', model = '', to = '' }: RecordedChange,
): string {
  switch (kind) {
    case 'Deployment':
      return `environments/${environment}/${name || model}.yaml`;
    case 'ModelVersion':
      return `models/${model}/versions/${name || to}.yaml`;
    case 'Model':
      return `models/${model}/model.yaml`;
    case 'Environment':
      return `environments/${name || environment}/environment.yaml`;
    case 'Platform':
      return 'platform.yaml';
    case 'Policy':
      return `policies/${name}.yaml`;
    default:
      return `${kind.toLowerCase()}s/${name}.yaml`;
  }
}

function environmentsOf(resources: readonly Resource[]): ReadonlyMap<string, Resource<EnvironmentSpec>> {
  const environments = resources.filter(({ kind }) => kind === 'Environment') as Resource<EnvironmentSpec>[];
  return new Map(environments.map((environment) => [environment.metadata.name, environment]));
}
