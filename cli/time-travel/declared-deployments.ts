import { parseAllDocuments } from 'yaml';
import type { Repository } from '../../libraries/git/repository.ts';

/** A deployment as a commit declares it. */
export interface DeclaredDeployment {
  readonly environment: string;
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly path: string;
}

/** Bytes of a manifest. */
const largest = 256 * 1024;

/**
 * The deployments below `environments/` at a commit, in order of environment and name. Reads that folder and nothing
 * else, so that it costs the same whatever else the registry holds. What is no valid YAML is left out: the platform did
 * not follow it either.
 */
export async function deploymentsAt(
  repository: Repository,
  commit: string,
  wanted: { readonly environment?: string; readonly model?: string } = {},
): Promise<readonly DeclaredDeployment[]> {
  const { tree } = await repository.commit(commit);
  const root = (await repository.tree(tree)).find(
    ({ name, type }) => name === 'environments' && type === 'tree',
  );
  if (root === undefined) return [];
  const files: { readonly id: string; readonly path: string }[] = [];
  await collect(repository, root.id, 'environments', files);
  const found: DeclaredDeployment[] = [];
  const byId = new Map<string, string[]>();
  for (const { id, path } of files) byId.set(id, [...(byId.get(id) ?? []), path]);
  for await (const { id, bytes } of repository.blobs([...byId.keys()], largest)) {
    if (bytes === undefined) continue;
    const text = new TextDecoder().decode(bytes);
    for (const path of byId.get(id) ?? []) found.push(...deploymentsIn(text, path));
  }
  return found
    .filter(
      ({ environment, model }) =>
        (wanted.environment ?? environment) === environment && (wanted.model ?? model) === model,
    )
    .sort((a, b) => compare(a.environment, b.environment) || compare(a.name, b.name));
}

/** The deployments of one file. */
export function deploymentsIn(text: string, path: string): readonly DeclaredDeployment[] {
  // Asked before the text is parsed: most files of a large registry are something else.
  if (!/^kind:\s*['"]?Deployment/m.test(text) && !text.includes('"Deployment"')) return [];
  const found: DeclaredDeployment[] = [];
  const documents = parseAllDocuments(text, { schema: 'core', prettyErrors: false, uniqueKeys: false });
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0) continue;
    const { kind, metadata, spec } = (document.toJS({ maxAliasCount: 0 }) ?? {}) as Record<
      string,
      Record<string, unknown>
    >;
    if ((kind as unknown) !== 'Deployment' || !metadata || !spec) continue;
    const { name, environment } = metadata;
    const { model, version } = spec;
    if (![name, environment, model, version].every((one) => typeof one === 'string')) continue;
    found.push({ environment, name, model, version, path } as DeclaredDeployment);
  }
  return found;
}

async function collect(
  repository: Repository,
  tree: string,
  folder: string,
  into: { readonly id: string; readonly path: string }[],
): Promise<void> {
  for (const { name, id, type } of await repository.tree(tree)) {
    const path = `${folder}/${name}`;
    if (type === 'tree') await collect(repository, id, path, into);
    else if (type === 'blob' && /\.ya?ml$/.test(name)) into.push({ id, path });
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
