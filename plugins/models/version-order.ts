import { compare, gt, lt, parse, prerelease } from 'semver';
import type { Finding, Resource } from '../../core/plugin.ts';
import { lowestVersion, signatureChanges } from '../../libraries/signature-changes/index.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { pointerOfTensor } from './signature.ts';

type Version = Resource<ModelVersionSpec>;

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
export function bumpFindings(version: Version, others: readonly Version[]): readonly Finding[] {
  const { metadata, spec } = version;
  const findings: Finding[] = [];
  for (const previous of previousOf(version, others)) {
    const since = previous.metadata.name;
    for (const change of signatureChanges(previous.spec.signature, spec.signature)) {
      const lowest = lowestVersion(since, change.bump);
      if (lowest === undefined || isAtLeast(metadata.name, lowest)) continue;
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

/**
 * Compares the signature with the model's, which is the contract of today: the newest version has it, and no version
 * of the newest major breaks it. Older majors and pre-releases have their own.
 */
export function contractFindings(
  version: Version,
  others: readonly Version[],
  model: Resource<ModelSpec>,
): readonly Finding[] {
  const { metadata, spec } = version;
  if (isPrerelease(metadata.name)) return [];
  const released = [version, ...others].filter((one) => !isPrerelease(one.metadata.name));
  const newest =
    released
      .map((one) => one.metadata.name)
      .sort(compare)
      .at(-1) ?? metadata.name;
  if (parse(newest)?.major !== parse(metadata.name)?.major) return [];
  const contract = model.spec.signature;
  const isNewest = newest === metadata.name;
  const changes = isNewest
    ? signatureChanges(contract, spec.signature)
    : signatureChanges(spec.signature, contract).filter(({ bump }) => bump === 'major');
  return changes.map((change) => ({
    code: 'ContractMismatch',
    pointer: pointerOfTensor(spec.signature, change.side, change.tensor),
    message: isNewest
      ? `from the signature of ${model.ref} to that of ${metadata.name}, its newest version, ${change.message}`
      : `from the signature of ${metadata.name} to that of ${model.ref}, ${change.message}`,
    hint: `Bring spec.signature of ${model.origin.path} and that of this version together.`,
  }));
}

/** Its parents, or without parents the highest lower version of the same line. Pre-releases promise nothing. */
function previousOf({ metadata, spec }: Version, others: readonly Version[]): readonly Version[] {
  const released = others.filter((one) => !isPrerelease(one.metadata.name));
  if (spec.parents !== undefined && spec.parents.length > 0) {
    return released.filter((one) => spec.parents?.includes(one.metadata.name));
  }
  const before = released
    .filter((one) => lineOf(one.spec) === lineOf(spec) && lt(one.metadata.name, metadata.name))
    .sort((a, b) => compare(a.metadata.name, b.metadata.name));
  return before.slice(-1);
}

/** The line that a version continues. */
export function lineOf(spec: ModelVersionSpec): string {
  return spec.line ?? 'main';
}

/** 2.0.0-rc.1 counts as 2.0.0 here: it already announces the break. */
function isAtLeast(version: string, lowest: string): boolean {
  const parsed = parse(version);
  if (parsed === null) return false;
  return !gt(lowest, `${parsed.major}.${parsed.minor}.${parsed.patch}`);
}

function isPrerelease(version: string): boolean {
  return prerelease(version) !== null;
}
