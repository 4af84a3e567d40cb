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
  /** What is known to have answered: then it alone is told of, with that version. */
  readonly answered?: { readonly environment: string; readonly deployment: string; readonly version: string };
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
  const { answered } = question;
  const declaredThen = (await deploymentsAt(repository, commit, question)).filter(
    ({ environment, name }) =>
      answered === undefined || (environment === answered.environment && name === answered.deployment),
  );
  // A rollout under way: the journal knows that traffic had not moved yet.
  const moved = declaredThen.map((deployment) => {
    const switched = switchOf(before, deployment);
    return {
      ...deployment,
      version: answered?.version ?? switched?.version ?? deployment.version,
      switchedAt: switched?.time ?? null,
    };
  });
  const since = await sinceWhen(repository, commit, moved);
  const deployments = await Promise.all(
    moved.map(async (deployment, index) => ({
      ...deployment,
      facts: (await versionFacts(repository, commit, deployment.model, deployment.version)) ?? null,
      since: since[index] ?? null,
    })),
  );
  return { time, commit, source, deployments };
}

/**
 * For each deployment the commit of the base branch that brought its version there, at or before a commit. All are looked
 * for in one walk over the folder that they have in common, which ends when each is found.
 */
async function sinceWhen(
  repository: Repository,
  commit: string,
  deployments: readonly DeclaredDeployment[],
): Promise<readonly (Provenance | null)[]> {
  const found: (Provenance | null)[] = deployments.map(() => null);
  const open = new Set(deployments.keys());
  const newest: (Commit | undefined)[] = deployments.map(() => undefined);
  const files = new DeclaredFiles(repository);
  const path = commonFolder(deployments.map((one) => one.path));
  let seen = 0;
  for (let limit = 64; open.size > 0; limit *= 4) {
    const commits = await repository.log(commit, { path, limit });
    const fresh = commits.slice(seen);
    seen = commits.length;
    const wanted = [...open].map((index) => deployments[index]?.path ?? '');
    const held = await Promise.all(fresh.map((one) => files.at(one.id, wanted)));
    for (const [place, one] of fresh.entries()) {
      for (const index of [...open]) {
        const deployment = deployments[index] as DeclaredDeployment;
        const there = held[place]?.get(deployment.path)?.find((other) => isSame(other, deployment));
        if (there?.version === deployment.version && there.model === deployment.model) {
          newest[index] = one;
          continue;
        }
        const last = newest[index];
        if (last === undefined) continue; // not yet moved there
        found[index] = await provenanceOf(repository, last);
        open.delete(index);
      }
      if (open.size === 0) break;
    }
    if (commits.length < limit) break;
  }
  for (const index of open) {
    const last = newest[index];
    found[index] = last === undefined ? null : await provenanceOf(repository, last);
  }
  return found;
}

/** Deployments by file and commit; what was read once is not read again, since most commits leave most files alone. */
class DeclaredFiles {
  readonly #repository: Repository;
  readonly #parsed = new Map<string, readonly DeclaredDeployment[]>();
  readonly #trees = new Map<string, ReturnType<Repository['tree']>>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  async at(
    commit: string,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, readonly DeclaredDeployment[]>> {
    const { tree } = await this.#repository.commit(commit);
    const entries = await Promise.all(
      paths.map(async (path) => [path, await this.#deployments(tree, path)] as const),
    );
    return new Map(entries);
  }

  async #deployments(root: string, path: string): Promise<readonly DeclaredDeployment[]> {
    let id: string | undefined = root;
    for (const name of path.split('/')) {
      if (id === undefined) return [];
      id = (await this.#tree(id)).find((entry) => entry.name === name)?.id;
    }
    if (id === undefined) return [];
    const key = `${id} ${path}`;
    const known = this.#parsed.get(key);
    if (known !== undefined) return known;
    let declared: readonly DeclaredDeployment[] = [];
    for await (const { bytes } of this.#repository.blobs([id], largest)) {
      if (bytes !== undefined) declared = deploymentsIn(new TextDecoder().decode(bytes), path);
    }
    this.#parsed.set(key, declared);
    return declared;
  }

  #tree(id: string): ReturnType<Repository['tree']> {
    const known = this.#trees.get(id) ?? this.#repository.tree(id);
    this.#trees.set(id, known);
    return known;
  }
}

function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths;
  if (others.length === 0) return first;
  const parts = first.split('/').slice(0, -1);
  while (parts.length > 1 && !others.every((path) => path.startsWith(`${parts.join('/')}/`))) parts.pop();
  return parts.join('/');
}

function isSame(one: DeclaredDeployment, other: DeclaredDeployment): boolean {
  return one.name === other.name && one.environment === other.environment;
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
