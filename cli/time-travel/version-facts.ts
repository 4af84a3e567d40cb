import { parseDocument } from 'yaml';
import type { Repository } from '../../libraries/git/repository.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { type Provenance, provenanceOf } from './provenance.ts';

/** What is known of a version: what it is, and what it was made of. */
export interface VersionFacts {
  readonly model: string;
  readonly version: string;
  readonly artifact: ModelVersionSpec['artifact'];
  readonly line: string;
  readonly parents: readonly string[];
  readonly lineage: ModelVersionSpec['lineage'] | null;
  /** Of the dataset's version that it was trained on, where the registry declares it. */
  readonly dataDigest: string | null;
  readonly quarantine: string | null;
}

const largest = 1024 * 1024;

/** Undefined where the commit holds no such version. */
export async function versionFacts(
  repository: Repository,
  commit: string,
  model: string,
  version: string,
): Promise<VersionFacts | undefined> {
  const path = versionPath(model, version);
  const spec = (await readSpec(repository, commit, path)) as ModelVersionSpec | undefined;
  if (spec === undefined) return undefined;
  const dataset = spec.lineage?.dataset;
  const versions =
    dataset === undefined
      ? undefined
      : ((await readSpec(repository, commit, `datasets/${dataset.name}.yaml`)) as
          | { readonly versions?: readonly { readonly version: string; readonly digest: string }[] }
          | undefined);
  return {
    model,
    version,
    artifact: spec.artifact,
    line: spec.line ?? 'main',
    parents: spec.parents ?? [],
    lineage: spec.lineage ?? null,
    dataDigest: versions?.versions?.find((one) => one.version === dataset?.version)?.digest ?? null,
    quarantine: spec.quarantine?.reason ?? null,
  };
}

/** The commit that registered a version, from the whole history of its manifest. */
export async function registrationOf(
  repository: Repository,
  commit: string,
  model: string,
  version: string,
): Promise<Provenance | null> {
  const path = versionPath(model, version);
  const first = (await repository.log(commit, { path, limit: 1_000_000 })).at(-1);
  return first === undefined ? null : provenanceOf(repository, first);
}

/** Where a version's manifest lives by convention. */
export function versionPath(model: string, version: string): string {
  return `models/${model}/versions/${version}.yaml`;
}

/** The `spec` of the manifest at a path; undefined where there is none, or it cannot be read. */
export async function readSpec(repository: Repository, commit: string, path: string): Promise<unknown> {
  const bytes = await repository.readFile(commit, path, largest);
  if (bytes === undefined) return undefined;
  const document = parseDocument(new TextDecoder().decode(bytes), {
    schema: 'core',
    prettyErrors: false,
    uniqueKeys: false,
  });
  if (document.errors.length > 0) return undefined;
  const value = document.toJS({ maxAliasCount: 0 }) as { readonly spec?: unknown } | null;
  return value?.spec;
}
