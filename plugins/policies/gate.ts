import type { Actor } from '../../core/capabilities/forge.ts';
import type { Gate, GateQuestion, GateVerdict } from '../../core/capabilities/gate.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { messageOf, type Resource } from '../../core/plugin.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import { countReviews } from './approvals.ts';
import { Authors, authorsOf } from './authors.ts';
import { provenLabels } from './break-glass.ts';
import { contextFor } from './case-context.ts';
import { changesOf } from './changes.ts';
import { judge } from './judge.ts';
import { peopleOf } from './people.ts';
import { policiesOf } from './policy.ts';
import { provenAuthor } from './proven-author.ts';
import { servingHistory } from './serving-history.ts';

export interface GateOptions {
  readonly registry: Pick<Registry, 'journal' | 'repository'>;
  /** Told of each proposal that a person lets pass although a rule is not met. */
  brokeGlass(question: GateQuestion, verdict: GateVerdict): Promise<void>;
}

/** Judges proposals by the policies and teams of their base: a proposal that changes them is judged by the old ones. */
export function policyGate({ registry, brokeGlass }: GateOptions): Gate {
  return {
    async judge(question) {
      const { subject, reviews, checks, forge, now } = question;
      const { base, proposal } = subject;
      const people = peopleOf(base.resources.values());
      const { actors, problem } = await whoMadeIt(question, registry.repository);
      const authors = new Authors(actors, people, forge);
      const asked = { people, forge, at: now };
      const changes = changesOf(subject);
      const author = problem === undefined ? provenAuthor(proposal, actors, asked) : undefined;
      const verdict = await judge({
        policies: policiesOf(base.resources.values()),
        broken: brokenPlaces(question),
        people,
        changes,
        authors,
        ...(problem === undefined ? {} : { authorsProblem: problem }),
        reviews: countReviews({ ...asked, reviews, head: proposal.head, authors }),
        labels: provenLabels(proposal, asked),
        checks,
        served: servingHistory(registry, base, now),
        environments: environmentsOf(base.resources.values()),
        now,
        contextFor: contextFor({ proposal, changes, files: subject.files, author, checks, now }),
      });
      if (verdict.breakGlass !== undefined) await brokeGlass(question, verdict);
      return verdict;
    },
  };
}

async function whoMadeIt(
  { subject }: GateQuestion,
  repository: Registry['repository'],
): Promise<{ readonly actors: readonly Actor[]; readonly problem?: string }> {
  const { proposal, base } = subject;
  try {
    return { actors: await authorsOf(proposal, base.commit, repository) };
  } catch (thrown) {
    return { actors: [proposal.author], problem: messageOf(thrown) };
  }
}

/** A policy or team that is not valid asks for nothing, so that nothing may pass while there is one. */
function brokenPlaces({ subject }: GateQuestion): readonly string[] {
  return subject.base.issues
    .filter(({ severity, ref = '', path }) => {
      return severity === 'error' && (/^(Policy|Team)\//.test(ref) || /^(policies|teams)\//.test(path));
    })
    .map(({ path, line }) => `${path}:${line}`);
}

function environmentsOf(resources: Iterable<Resource>): ReadonlyMap<string, Resource<EnvironmentSpec>> {
  const found = new Map<string, Resource<EnvironmentSpec>>();
  for (const resource of resources) {
    if (resource.kind === 'Environment') {
      found.set(resource.metadata.name, resource as Resource<EnvironmentSpec>);
    }
  }
  return found;
}
