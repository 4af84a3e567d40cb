import { posix } from 'node:path';
import type { FileEdit } from '../../../core/capabilities/proposer.ts';
import type { Resource } from '../../../core/plugin.ts';
import type { Signature } from '../../../libraries/signature-changes/index.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { contractEdits } from './contract-edits.ts';
import type { Version } from './look-up.ts';
import { type VersionMetadata, versionManifest } from './version-manifest.ts';

export type Parents = NonNullable<ModelVersionSpec['parents']>;

export interface NewVersion {
  readonly owner: Resource<ModelSpec>;
  /** The versions that there are. */
  readonly all: readonly Version[];
  readonly manifest: { readonly metadata: VersionMetadata; readonly spec: ModelVersionSpec };
  /** The file, where it is committed beside the model. */
  readonly artifact?: Uint8Array;
}

/** The files of a new version: its manifest, its artifact, and the model's contract where the version changes it. */
export function newVersionFiles({ owner, all, manifest, artifact }: NewVersion): readonly FileEdit[] {
  const folder = posix.dirname(owner.origin.path);
  const { metadata, spec } = manifest;
  const text = versionManifest(metadata, spec);
  const files: FileEdit[] = [
    { path: `${folder}/versions/${metadata.name}.yaml`, content: Buffer.from(text).toString('base64') },
  ];
  if (artifact !== undefined) {
    const path = `${folder}/artifacts/${metadata.name}.onnx`;
    files.push({ path, content: Buffer.from(artifact).toString('base64') });
  }
  return [...files, ...contractEdits(owner, all, metadata.name, spec.signature as Signature)];
}

/** Where an artifact lies that is committed beside the model, from the manifest of its version. */
export function artifactUri(name: string): string {
  return `file:../artifacts/${name}.onnx`;
}
