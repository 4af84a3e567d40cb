import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { parseManifests } from '../../core/manifest/parse.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import { type Profile, writeProfile } from '../../libraries/profile/index.ts';
import { type Edit, editYaml } from '../../libraries/yaml-edit/index.ts';
import { fileNotWritable } from '../errors.ts';
import { writeOver } from '../whole-file.ts';
import type { DatasetVersion } from './dataset-version.ts';
import { manifestNotEdited } from './errors.ts';

export interface WrittenReference {
  /** From the registry's root. */
  readonly profile: string;
  readonly manifest: string;
  readonly bytes: number;
  readonly isChanged: boolean;
}

/** Writes a profile beside the manifest of its dataset, which then names it: one line of the manifest changes. */
export async function writeReference(profile: Profile, of: DatasetVersion): Promise<WrittenReference> {
  const { root, dataset, version } = of;
  const text = writeProfile(profile);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const written = version.profile?.path ?? `profiles/${dataset.metadata.name}@${version.version}.json`;
  const path = pathFromManifest(dataset, written) ?? posix.join(posix.dirname(dataset.origin.path), written);
  const manifest = join(root, dataset.origin.path);
  const before = await readFile(manifest, 'utf8');
  const after = named(before, manifest, of, { path: written, digest });
  await save(join(root, path), text);
  if (after !== before) await save(manifest, after);
  return {
    profile: path,
    manifest: dataset.origin.path,
    bytes: Buffer.byteLength(text),
    isChanged: after !== before,
  };
}

function named(
  text: string,
  manifest: string,
  { dataset, version, index }: DatasetVersion,
  profile: NonNullable<DatasetVersion['version']['profile']>,
): string {
  const pointer = `/spec/versions/${index}/profile`;
  const edit: Edit =
    version.profile === undefined
      ? { op: 'set', pointer, value: profile, inBraces: true }
      : { op: 'set', pointer: `${pointer}/digest`, value: profile.digest };
  const { documents } = parseManifests(Buffer.from(text));
  const document = documents.findIndex(({ value }) => {
    const { kind, metadata } = (value ?? {}) as { kind?: string; metadata?: { name?: string } };
    return kind === dataset.kind && metadata?.name === dataset.metadata.name;
  });
  try {
    return editYaml(text, [edit], { document });
  } catch (error) {
    throw manifestNotEdited(manifest, error);
  }
}

async function save(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw fileNotWritable(path, error);
  });
  await writeOver(path, text);
}
