import { parseDocument } from 'yaml';
import type { Commit, Repository } from '../../libraries/git/repository.ts';
import { deploymentsAt, deploymentsIn } from './declared-deployments.ts';
import { type Provenance, provenanceOf } from './provenance.ts';

/** One commit of the base branch, with what it meant for a model. */
export interface HistoryEntry extends Provenance {
  readonly changes: readonly ModelChange[];
}

export type ModelChange =
  | {
      readonly type: 'deployed';
      readonly environment: string;
      readonly deployment: string;
      readonly from: string | null;
      readonly to: string;
    }
  | {
      readonly type: 'undeployed';
      readonly environment: string;
      readonly deployment: string;
      readonly from: string;
    }
  | { readonly type: 'configured'; readonly environment: string; readonly deployment: string }
  | { readonly type: 'registered'; readonly version: string }
  | { readonly type: 'quarantined'; readonly version: string; readonly reason: string }
  | { readonly type: 'released'; readonly version: string }
  | { readonly type: 'amended'; readonly what: string }
  | { readonly type: 'removed'; readonly what: string };

const largest = 1024 * 1024;

/**
 * What happened to a model on the base branch, newest first: versions that came or were quarantined, and every move of a
 * deployment. Looks at the model's folder and at the files of its deployments: those of today, and those that are named
 * after the model by convention, so that what was removed since is told too.
 */
export async function modelHistory(
  repository: Repository,
  head: string,
  model: string,
  limit: number,
): Promise<readonly HistoryEntry[]> {
  const folder = `models/${model}`;
  const deployments = await deploymentFiles(repository, head, model);
  const found = new Map<string, Commit>();
  const paths = [folder, ...deployments];
  for (const commits of await Promise.all(paths.map((path) => repository.log(head, { path, limit })))) {
    for (const commit of commits) found.set(commit.id, commit);
  }
  const newest = [...found.values()].sort(newestFirst).slice(0, limit);
  return Promise.all(
    newest.map(async (commit) => ({
      ...(await provenanceOf(repository, commit)),
      changes: await changesOf(repository, commit, model, deployments),
    })),
  );
}

async function deploymentFiles(
  repository: Repository,
  head: string,
  model: string,
): Promise<ReadonlySet<string>> {
  const paths = new Set<string>();
  for (const { path } of await deploymentsAt(repository, head, { model })) paths.add(path);
  const { tree } = await repository.commit(head);
  const environments = (await repository.tree(tree)).find(({ name }) => name === 'environments');
  if (environments?.type === 'tree') {
    for (const { name, type } of await repository.tree(environments.id)) {
      if (type === 'tree') paths.add(`environments/${name}/${model}.yaml`);
    }
  }
  return paths;
}

async function changesOf(
  repository: Repository,
  commit: Commit,
  model: string,
  deployments: ReadonlySet<string>,
): Promise<readonly ModelChange[]> {
  const parent = commit.parents[0] ?? null;
  const changes: ModelChange[] = [];
  for (const { path, before, after } of await repository.changedPaths(parent, commit.id)) {
    const isVersion = path.startsWith(`models/${model}/versions/`);
    if (!isVersion && !deployments.has(path)) {
      if (!path.startsWith(`models/${model}/`)) continue;
      const what = path.slice(`models/${model}/`.length);
      changes.push({ type: after === null ? 'removed' : 'amended', what });
      continue;
    }
    const [old, now] = [await textOf(repository, before), await textOf(repository, after)];
    changes.push(...(isVersion ? versionChanges(path, old, now) : deploymentChanges(path, model, old, now)));
  }
  return changes;
}

function deploymentChanges(
  path: string,
  model: string,
  before: string,
  after: string,
): readonly ModelChange[] {
  const old = deploymentsIn(before, path);
  const now = deploymentsIn(after, path);
  const changes: ModelChange[] = [];
  for (const one of now) {
    if (one.model !== model) continue;
    const { environment, name: deployment } = one;
    const same = old.find((other) => other.name === deployment && other.environment === environment);
    const from = same?.model === model ? same.version : null;
    if (from === one.version) changes.push({ type: 'configured', environment, deployment });
    else changes.push({ type: 'deployed', environment, deployment, from, to: one.version });
  }
  for (const one of old) {
    if (one.model !== model) continue;
    const { environment, name: deployment, version: from } = one;
    const stays = now.some(
      (other) => other.name === deployment && other.environment === environment && other.model === model,
    );
    if (!stays) changes.push({ type: 'undeployed', environment, deployment, from });
  }
  return changes;
}

function versionChanges(path: string, before: string, after: string): readonly ModelChange[] {
  const version = /([^/]+)\.ya?ml$/.exec(path)?.[1] ?? path;
  if (after === '') return [{ type: 'removed', what: `versions/${version}` }];
  if (before === '') return [{ type: 'registered', version }];
  const [old, now] = [quarantineOf(before), quarantineOf(after)];
  if (now !== undefined && old === undefined) return [{ type: 'quarantined', version, reason: now }];
  if (now === undefined && old !== undefined) return [{ type: 'released', version }];
  return [{ type: 'amended', what: `versions/${version}` }];
}

function quarantineOf(text: string): string | undefined {
  const document = parseDocument(text, { schema: 'core', prettyErrors: false });
  const reason = document.errors.length > 0 ? undefined : document.getIn(['spec', 'quarantine', 'reason']);
  return reason === undefined ? undefined : String(reason);
}

async function textOf(repository: Repository, blob: string | null): Promise<string> {
  if (blob === null) return '';
  for await (const { bytes } of repository.blobs([blob], largest)) {
    return bytes === undefined ? '' : new TextDecoder().decode(bytes);
  }
  return '';
}

function newestFirst(a: Commit, b: Commit): number {
  return b.committer.time - a.committer.time || (a.id < b.id ? 1 : -1);
}
