import type { GateQuestion, GateVerdict } from '../../../core/capabilities/gate.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import type { EnvironmentSpec } from '../../../schemas/generated/environment.ts';
import { provenPerson } from '../approvals.ts';
import { authorsOf } from '../authors.ts';
import { changesOf, isJudgingPath, type ProposedChange } from '../changes.ts';
import { type People, peopleOf } from '../people.ts';
import { provenAuthor } from '../proven-author.ts';
import { servingHistory } from '../serving-history.ts';
import type { RecordedCase, RecordedChange } from './case-file.ts';
import { pathOf } from './run-case.ts';

/**
 * What a proposal is to its policies, in the words of a recorded case: with what is left out where a case says it by
 * default. `verdict` is what the policies said of it, and what the case then expects.
 */
export async function recordCase(
  question: GateQuestion,
  verdict: GateVerdict,
  registry: Pick<Registry, 'journal' | 'repository'>,
): Promise<RecordedCase> {
  const { subject, now, forge } = question;
  const { proposal, base } = subject;
  const people = peopleOf(base.resources.values());
  const asked = { people, forge, at: now };
  const changes = changesOf(subject);
  const actors = await authorsOf(proposal, base.commit, registry.repository).catch(() => undefined);
  const author = actors === undefined ? undefined : provenAuthor(proposal, actors, asked);
  const paths = new Set(changes.map(({ path }) => path));
  const files = subject.files.map(({ path }) => path).filter((path) => !paths.has(path));
  const reviews = reviewsOf(question, people);
  const labels = labelsOf(question, people);
  const served = await servedOf(changes, question, registry);
  return {
    name: `${proposal.title} (proposal ${proposal.number})`,
    title: proposal.title,
    changes: changes.map((change) => recordedChange(change, base.resources)),
    // The name of a member means the member, proven.
    author: author?.name ?? unprovenName(proposal.author.name, people),
    ...(proposal.fromFork ? { fork: true } : {}),
    ...(files.length === 0 ? {} : { files }),
    checks: checksOf(question),
    ...(reviews.length === 0 ? {} : { reviews }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(served.length === 0 ? {} : { served }),
    now: time(now),
    expect: {
      allowed: verdict.allowed,
      unmet: [...new Set(verdict.requirements.filter(({ met }) => !met).map(({ code }) => code))],
      ...(verdict.breakGlass === undefined ? {} : { breakGlass: verdict.breakGlass.by }),
    },
  };
}

function recordedChange(
  { kind, type, name, environment, model, labels, from, to, path, judging }: ProposedChange,
  resources: GateQuestion['subject']['base']['resources'],
): RecordedChange {
  const isDeployment = kind === 'Deployment';
  const known = resources.get(`Model/${model}`)?.metadata.labels ?? {};
  const isJudging = ['Policy', 'Team', 'Platform'].includes(kind) || isJudgingPath(path);
  const change = { kind, type, name, environment, model, from, to };
  return {
    ...(isDeployment ? {} : { kind }),
    ...(type === (isDeployment ? 'promote' : 'edit') ? {} : { type }),
    ...(name === (isDeployment ? model : '') ? {} : { name }),
    ...(environment === '' ? {} : { environment }),
    ...(model === '' ? {} : { model }),
    ...(from === '' ? {} : { from }),
    ...(to === '' ? {} : { to }),
    ...(JSON.stringify(labels) === JSON.stringify(known) ? {} : { labels }),
    ...(path === pathOf(kind, change) ? {} : { path }),
    ...(judging === isJudging ? {} : { judging }),
  };
}

function checksOf({ checks }: GateQuestion): NonNullable<RecordedCase['checks']> {
  return Object.fromEntries(
    checks.map(({ name, outcome, facts }) => [
      name,
      facts === undefined || Object.keys(facts).length === 0 ? outcome : { outcome, facts: { ...facts } },
    ]),
  );
}

function reviewsOf(
  { reviews, subject, forge, now }: GateQuestion,
  people: People,
): NonNullable<RecordedCase['reviews']> {
  return reviews.map(({ by, verdict, head, proof }) => {
    const proven = provenPerson(by, proof, { people, forge, at: now });
    const isStranger = 'problem' in proven && proven.reason === 'stranger';
    return {
      by: 'person' in proven ? proven.person.name : isStranger ? unprovenName(by.name, people) : by.name,
      ...(verdict === 'approve' ? {} : { verdict }),
      ...(head === subject.proposal.head ? {} : { stale: true }),
      ...('problem' in proven && !isStranger ? { proven: false } : {}),
    };
  });
}

function labelsOf(
  { subject, forge, now }: GateQuestion,
  people: People,
): NonNullable<RecordedCase['labels']> {
  const { labels, head, pushes } = subject.proposal;
  return labels.map(({ name, by, proof, head: seen, at }) => {
    const proven = by === undefined ? undefined : provenPerson(by, proof, { people, forge, at: now });
    const newest = Math.max(0, ...pushes.map((push) => Date.parse(push.at)));
    const isStale = seen === undefined ? !(Date.parse(at ?? '') > newest) : seen !== head;
    return {
      name,
      ...(proven !== undefined && 'person' in proven ? { by: proven.person.name } : {}),
      ...(isStale ? { stale: true } : {}),
    };
  });
}

/** Where the versions that are deployed have served: in their own environment, and in the one that it promotes from. */
async function servedOf(
  changes: readonly ProposedChange[],
  { subject: { base }, now }: GateQuestion,
  registry: Pick<Registry, 'journal' | 'repository'>,
): Promise<NonNullable<RecordedCase['served']>> {
  const history = servingHistory(registry, base, now);
  const served: NonNullable<RecordedCase['served']>[number][] = [];
  for (const { kind, environment, model, to } of changes) {
    if (kind !== 'Deployment' || to === '') continue;
    for (const place of pathTo(environment, base.resources)) {
      const { periods } = await history(place, model, to);
      for (const { since, until } of periods) {
        const ended = until === null ? {} : { until: time(until) };
        served.push({ environment: place, version: to, model, since: time(since), ...ended });
      }
    }
  }
  return served;
}

/** An environment and all that it promotes from, one after the other. */
function pathTo(
  environment: string,
  resources: GateQuestion['subject']['base']['resources'],
): readonly string[] {
  const path: string[] = [];
  for (let place: string | undefined = environment; place !== undefined && !path.includes(place); ) {
    path.push(place);
    const spec: unknown = resources.get(`Environment/${place}`)?.spec;
    place = (spec as EnvironmentSpec | undefined)?.promotesFrom;
  }
  return path;
}

/** A name that means no member. */
function unprovenName(name: string, people: People): string {
  return people.byName(name) === undefined ? name : `${name} (not proven)`;
}

/** RFC 3339 to the second, as cases have it. */
function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
