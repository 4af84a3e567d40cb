import type { JournalEntry } from '../../core/plugin.ts';
import type { Commit, Repository } from '../../libraries/git/repository.ts';
import { type DeclaredDeployment, deploymentsAt, deploymentsIn } from './declared-deployments.ts';
import { type Provenance, provenanceOf } from './provenance.ts';
import { type VersionFacts, versionFacts } from './version-facts.ts';

/** What was serving at a moment. */
export interface ServedAt {
  /** RFC 3339: the moment that was asked about. */
  readonly time: string;
  /** The commit of the base branch that held then; null before the first. */
  readonly commit: string | null;
  /** `journal`: what a platform did. `git`: what the base branch declared; a platform follows within seconds. */
  readonly source: 'journal' | 'git';
  readonly deployments: readonly ServedDeployment[];
}

export interface ServedDeployment extends DeclaredDeployment {
  readonly facts: VersionFacts | null;
  /** The commit that brought this version there. */
  readonly since: Provenance | null;
  /** What the journal adds: when traffic had moved. RFC 3339. */
  readonly switchedAt: string | null;
}

/** Bytes of a manifest. */
const largest = 256 * 1024;

export interface AtQuestion {
  /** Seconds since 1970. */
  readonly time: number;
  readonly environment?: string;
  readonly model?: string;
  /** What a platform did until then, newest first: `snapshot.applied` and `deployment.switched`. Empty for a clone alone. */
  readonly journal: readonly JournalEntry[];
}

/**
 * What answered at a moment: by the journal, where there is one that reaches back; else what the base branch declared. The
 * time of a commit is the committer's own word; the journal's is the platform's.
 */
export async function servedAt(
  repository: Repository,
  head: string,
  question: AtQuestion,
): Promise<ServedAt> {
  const time = new Date(question.time * 1000).toISOString();
  const before = question.journal.filter((entry) => entry.time <= time);
  const applied = before.find(({ type, commit }) => type === 'snapshot.applied' && commit !== null)?.commit;
  const known = applied === undefined ? undefined : await repository.resolve(applied ?? '');
  const [declared] = known ? [] : await repository.log(head, { until: question.time, limit: 1 });
  const commit = known ?? declared?.id ?? null;
  const source = known === undefined ? 'git' : 'journal';
  if (commit === null) return { time, commit, source, deployments: [] };
  const deployments: ServedDeployment[] = [];
  for (const deployment of await deploymentsAt(repository, commit, question)) {
    const switched = switchOf(before, deployment);
    // A rollout under way: the journal knows that traffic had not moved yet.
    const version = switched?.version ?? deployment.version;
    deployments.push({
      ...deployment,
      version,
      facts: (await versionFacts(repository, commit, deployment.model, version)) ?? null,
      since: await sinceWhen(repository, commit, deployment, version),
      switchedAt: switched?.time ?? null,
    });
  }
  return { time, commit, source, deployments };
}

/** The commit of the base branch that brought a version to a deployment, at or before a commit. */
export async function sinceWhen(
  repository: Repository,
  commit: string,
  { path, environment, name, model }: Pick<DeclaredDeployment, 'path' | 'environment' | 'name' | 'model'>,
  version: string,
): Promise<Provenance | null> {
  let found: Commit | undefined;
  for (let limit = 8; ; limit *= 8) {
    const commits = await repository.log(commit, { path, limit });
    for (const one of commits) {
      const bytes = await repository.readFile(one.id, path, largest);
      const declared = bytes === undefined ? [] : deploymentsIn(new TextDecoder().decode(bytes), path);
      const there = declared.find((other) => other.name === name && other.environment === environment);
      if (there?.version !== version || there.model !== model) {
        // Not yet moved there, or older than the move.
        if (found === undefined) continue;
        return provenanceOf(found);
      }
      found = one;
    }
    if (commits.length < limit) return found === undefined ? null : provenanceOf(found);
  }
}

function switchOf(
  journal: readonly JournalEntry[],
  { environment, name, model }: DeclaredDeployment,
): { readonly version: string; readonly time: string } | undefined {
  const ref = `Deployment/${environment}/${name}`;
  const entry = journal.find(({ type, ref: about }) => type === 'deployment.switched' && about === ref);
  if (entry === undefined || entry.data.model !== model || typeof entry.data.to !== 'string')
    return undefined;
  return { version: entry.data.to, time: entry.time };
}
