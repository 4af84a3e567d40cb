import { parseAllDocuments } from 'yaml';
import type { Repository } from '../../../libraries/git/repository.ts';
import { alreadyDeployed, nothingToRollBackTo, versionQuarantined } from '../errors.ts';
import { type Asked, type Change, given, versionKey } from './change.ts';
import {
  type Deployment,
  deploymentIn,
  environmentNamed,
  modelNamed,
  versionNamed,
  versionsOf,
} from './look-up.ts';
import { versionEdit } from './promote.ts';

export interface RollbackAsked extends Asked {
  readonly model: string;
  /** The environment. */
  readonly in: string;
  readonly to?: string;
  readonly deployment?: string;
  /** What the deployment was on before, the latest first: `versionsBefore` reads it from Git. Needed without `to`. */
  readonly before?: readonly string[];
}

/** Sets a deployment back to the version that it had, or to the one that is named. */
export function rollback(asked: RollbackAsked): Change {
  const { base, model } = asked;
  modelNamed(base, model);
  environmentNamed(base, asked.in);
  const deployment = deploymentIn(base, model, asked.in, asked.deployment);
  const current = deployment.spec.version;
  const place = `${asked.in}/${deployment.metadata.name}`;
  const to = asked.to ?? lastUsable(asked, current);
  if (to === undefined) throw nothingToRollBackTo(place, current);
  const version = versionNamed(base, model, to);
  if (version.spec.quarantine !== undefined) {
    throw versionQuarantined(model, to, version.spec.quarantine.reason);
  }
  if (to === current) throw alreadyDeployed(place, to);
  return {
    intent: {
      key: versionKey(deployment.ref),
      type: 'rollback',
      title: `Roll ${model} back to ${to} in ${asked.in}`,
      files: [versionEdit(deployment, to)],
      trailers: {
        'Switchyard-Model': model,
        'Switchyard-Version': to,
        'Switchyard-Previous-Version': current,
        'Switchyard-Environment': asked.in,
        'Switchyard-Deployment': deployment.metadata.name,
      },
      author: asked.author,
      ...given(asked),
    },
    warnings: [],
  };
}

function lastUsable({ base, model, before = [] }: RollbackAsked, current: string): string | undefined {
  const usable = new Set(
    versionsOf(base, model)
      .filter(({ spec }) => spec.quarantine === undefined)
      .map(({ metadata }) => metadata.name),
  );
  return before.find((version) => version !== current && usable.has(version));
}

/**
 * The versions that a deployment had before, the latest first and each once, from the history of its file. Costs one read
 * for each commit that changed it.
 */
export async function versionsBefore(
  repository: Repository,
  commit: string,
  { metadata, origin, spec }: Deployment,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const { id } of await repository.log(commit, { path: origin.path, limit: 200 })) {
    const bytes = await repository.readFile(id, origin.path, 256 * 1024);
    if (bytes === undefined) continue;
    for (const document of documentsOf(Buffer.from(bytes).toString('utf8'))) {
      if (document?.kind !== 'Deployment' || document.metadata?.name !== metadata.name) continue;
      const { model, version } = document.spec ?? {};
      if (model === spec.model && typeof version === 'string') found.add(version);
    }
  }
  found.delete(spec.version);
  return [...found];
}

interface Document {
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown } | null;
  readonly spec?: { readonly model?: unknown; readonly version?: unknown } | null;
}

/** What an old commit holds may be anything: what cannot be read is passed over. */
function documentsOf(text: string): readonly (Document | null)[] {
  try {
    const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', uniqueKeys: false });
    return Array.isArray(documents)
      ? documents.map((document): Document | null => document.toJS({ maxAliasCount: 0 }))
      : [];
  } catch {
    return [];
  }
}
