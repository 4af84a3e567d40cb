import { gt, lt, SemVer } from 'semver';
import type { Finding, Resource } from '../../core/plugin.ts';
import { lowestVersion, signatureChanges } from '../../libraries/signature-changes/index.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { pointerOfTensor } from './signature.ts';

export type Version = Resource<ModelVersionSpec>;

/** Parents come before: a version graph without circles follows from that alone. */
export function parentFindings({ metadata, spec }: Version): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, parent] of (spec.parents ?? []).entries()) {
    if (lt(parent, metadata.name)) continue;
    findings.push({
      code: 'ParentNotLower',
      pointer: `/spec/parents/${index}`,
      message:
        parent === metadata.name
          ? `${metadata.name} cannot be its own parent`
          : `the parent ${parent} is not lower than ${metadata.name}`,
      hint: 'A version comes from lower ones: correct the parent, or give this version a higher number.',
    });
  }
  return findings;
}

/** Compares the signature with those of the versions before it: a break asks for a major, an addition for a minor. */
export function bumpFindings(version: Version, previous: readonly Version[]): readonly Finding[] {
  const { metadata, spec } = version;
  const findings: Finding[] = [];
  for (const one of previous) {
    const since = one.metadata.name;
    for (const change of signatureChanges(one.spec.signature, spec.signature)) {
      const lowest = lowestVersion(since, change.bump);
      if (lowest === undefined || isAtLeast(numberOf(version), lowest)) continue;
      findings.push({
        code: change.bump === 'major' ? 'BreakingChange' : 'AdditiveChange',
        pointer: pointerOfTensor(spec.signature, change.side, change.tensor),
        message: `${change.message} since ${since}: this asks for ${lowest} or higher, not ${metadata.name}`,
        hint:
          change.bump === 'major'
            ? `Callers written for ${since} would fail. Name this version ${lowest}, or keep the ${change.side} as it was.`
            : `Name this version ${lowest}, so that callers can tell from the number that there is more.`,
      });
    }
  }
  return findings;
}

/** Among the others, the highest lower version of the same line. Pre-releases promise nothing. */
export function versionBefore(version: Version, others: readonly Version[]): Version | undefined {
  const line = lineOf(version.spec);
  let highest: Version | undefined;
  for (const other of others) {
    if (isPrerelease(other) || lineOf(other.spec) !== line) continue;
    if (numberOf(other).compare(numberOf(version)) >= 0) continue;
    if (highest === undefined || numberOf(other).compare(numberOf(highest)) > 0) highest = other;
  }
  return highest;
}

/** The highest version that is no pre-release. */
export function newestOf(versions: readonly Version[]): Version | undefined {
  let newest: Version | undefined;
  for (const version of versions) {
    if (isPrerelease(version)) continue;
    if (newest === undefined || numberOf(version).compare(numberOf(newest)) > 0) newest = version;
  }
  return newest;
}

/** The line that a version continues. */
export function lineOf(spec: ModelVersionSpec): string {
  return spec.line ?? 'main';
}

export function isPrerelease(version: Version): boolean {
  return numberOf(version).prerelease.length > 0;
}

export function majorOf(version: Version): number {
  return numberOf(version).major;
}

const numbers = new WeakMap<Version, SemVer>();

/** A version's number, taken apart once: a model may have a thousand of them, each compared with many. */
function numberOf(version: Version): SemVer {
  const known = numbers.get(version);
  if (known !== undefined) return known;
  const number = new SemVer(version.metadata.name);
  numbers.set(version, number);
  return number;
}

/** 2.0.0-rc.1 counts as 2.0.0 here: it already announces the break. */
function isAtLeast({ major, minor, patch }: SemVer, lowest: string): boolean {
  return !gt(lowest, `${major}.${minor}.${patch}`);
}
