/**
 * What answers goes on under the manifest that it became stable with, whatever became of that in the registry since: a
 * version that is on trial must neither be pushed to the front nor be stuck in traffic because somebody removed or
 * rewrote the one to go back to.
 */
import type { Because, Resource } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { RolloutState } from './strategy.ts';

type Versions = ReadonlyMap<string, Resource<ModelVersionSpec>>;

/** The versions of the registry, in which the one that answers is as it was when it became stable. */
export function withRemembered(
  versions: Versions,
  { stable, manifest }: Pick<RolloutState, 'stable' | 'manifest'>,
): Versions {
  if (stable === undefined || manifest === undefined) return versions;
  const declared = versions.get(stable.version);
  const isSame = declared?.spec.artifact.digest === manifest.spec.artifact.digest;
  return isSame ? versions : new Map([...versions, [stable.version, manifest]]);
}

/** Keeps the manifest of what answers for as long as the registry has it with the bytes that answer. */
export function remembering(state: RolloutState, versions: Versions): RolloutState {
  const { stable, manifest: before, ...rest } = state;
  if (stable === undefined) return before === undefined ? state : rest;
  const declared = versions.get(stable.version);
  const isIt = declared !== undefined && declared.spec.artifact.digest === stable.digest;
  const isBefore = before?.metadata.name === stable.version;
  const manifest = isIt ? declared : isBefore ? before : undefined;
  return { ...rest, stable, ...(manifest === undefined ? {} : { manifest }) };
}

/**
 * Why other bytes under the name of what answers are not taken where changes walk: answers, measurements and the journal
 * tell versions apart by name, so the two could not be compared, and going back would name neither.
 */
export function exchanged(
  { model, version: target }: Pick<DeploymentSpec, 'model' | 'version'>,
  versions: Versions,
  { stable, manifest }: Pick<RolloutState, 'stable' | 'manifest'>,
): Because | undefined {
  const digest = versions.get(target)?.spec.artifact.digest;
  const isOther = manifest !== undefined && digest !== undefined && digest !== manifest.spec.artifact.digest;
  if (stable?.version !== target || !isOther) return undefined;
  return {
    reason: 'ArtifactChanged',
    message: `${model} ${target} answers with ${short(manifest.spec.artifact.digest)}, and its manifest now names ${short(digest)}: publish those bytes as a version of their own, or restore the manifest`,
  };
}

function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
