import { valid } from 'semver';
import type { Examined } from '../../../core/capabilities/registry.ts';
import type { Resource } from '../../../core/plugin.ts';
import { didYouMean } from '../../../libraries/did-you-mean/index.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { newestUsable, type Version, versionNamed, versionsOf } from '../changes/look-up.ts';
import { lineEmpty, noSuchLine, versionQuarantined } from '../errors.ts';

/** The newest usable version of a line. Throws `NoSuchLine`, with what was probably meant. */
export function headOfLine(base: Examined, { metadata, spec }: Resource<ModelSpec>, line: string): Version {
  const head = newestUsable(base, metadata.name, line);
  if (head !== undefined) return head;
  const declared: readonly string[] = spec.lines ?? ['main'];
  if (declared.includes(line)) throw lineEmpty(metadata.name, line);
  const used = versionsOf(base, metadata.name).map(lineOf);
  throw noSuchLine(metadata.name, line, didYouMean(line, [...declared, ...used]));
}

/** What a person names to be merged: a line, or one version of it by its number. Throws `VersionQuarantined`, too. */
export function headMeant(base: Examined, owner: Resource<ModelSpec>, word: string): Version {
  if (valid(word) === null) return headOfLine(base, owner, word);
  const version = versionNamed(base, owner.metadata.name, word);
  const { quarantine } = version.spec;
  if (quarantine !== undefined) throw versionQuarantined(owner.metadata.name, word, quarantine.reason);
  return version;
}

export function lineOf({ spec }: Version): string {
  return spec.line ?? 'main';
}

/** `eu 1.2.0`: how a version is called where two lines meet. */
export function headName(version: Version): string {
  return `${lineOf(version)} ${version.metadata.name}`;
}
