import { compare, inc, parse } from 'semver';
import {
  lowestVersion,
  type Signature,
  signatureChanges,
} from '../../../libraries/signature-changes/index.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { versionExists, versionInvalid, versionTooLow } from '../errors.ts';

export interface NextVersionAsked {
  readonly model: string;
  readonly wanted: string | undefined;
  readonly taken: readonly string[];
  /** What the new version comes from: one for a retrain, two for a merge. */
  readonly previous: readonly Previous[];
  readonly signature: Signature;
  readonly lineage: ModelVersionSpec['lineage'];
}

interface Previous {
  readonly name: string;
  readonly signature: Signature;
  readonly lineage: ModelVersionSpec['lineage'];
}

/**
 * The number of a new version: what breaks callers asks for a major, what adds for a minor; so does other data, code or
 * settings, since answers will differ. Only the same lineage again (another export of it) is a patch. Of several versions
 * that it comes from, the one that asks for the highest number decides.
 */
export function nextVersion(asked: NextVersionAsked): string {
  const { model, wanted, taken, previous } = asked;
  if (wanted !== undefined) {
    const version = parse(wanted);
    if (version === null || version.version !== wanted) throw versionInvalid(wanted);
    if (taken.includes(wanted)) throw versionExists(model, wanted);
    for (const one of previous) {
      const { bump, reason } = bumpSince(one, asked.signature);
      refuseTooLow(wanted, one.name, bump, reason);
    }
    return wanted;
  }
  if (previous.length === 0) return firstFree('1.0.0', taken);
  const numbers = previous.map((one) => firstFree(nextAfter(one, asked), taken));
  return numbers.sort(compare).at(-1) as string;
}

function nextAfter(previous: Previous, { signature, lineage }: NextVersionAsked): string {
  const { bump } = bumpSince(previous, signature);
  const lowest = bump === undefined ? undefined : lowestVersion(previous.name, bump);
  if (lowest !== undefined) return lowest;
  const isSameLineage = lineage !== undefined && isSame(lineage, previous.lineage);
  return inc(previous.name, isSameLineage ? 'patch' : 'minor') ?? '1.0.0';
}

function bumpSince(previous: Previous, signature: Signature) {
  const changes = signatureChanges(previous.signature, signature);
  const breaks = changes.some((change) => change.bump === 'major');
  const bump = breaks ? ('major' as const) : changes.length > 0 ? ('minor' as const) : undefined;
  return { bump, reason: changes[0]?.message };
}

function refuseTooLow(
  wanted: string,
  previous: string,
  bump: 'major' | 'minor' | undefined,
  reason: string | undefined,
): void {
  const lowest = bump === undefined ? undefined : lowestVersion(previous, bump);
  // 2.0.0-rc.1 announces 2.0.0 and is high enough for what asks for it.
  const core = wanted.replace(/[-+].*$/, '');
  if (lowest !== undefined && compare(core, lowest) < 0) {
    throw versionTooLow(wanted, previous, lowest, reason ?? 'the signature changed');
  }
  if (compare(wanted, previous) <= 0) {
    throw versionTooLow(wanted, previous, inc(previous, 'patch') ?? previous, 'versions of a line only grow');
  }
}

/** Another line may have taken the number: then the next patch. */
function firstFree(version: string, taken: readonly string[]): string {
  let free = version;
  while (taken.includes(free)) free = inc(free, 'patch') ?? free;
  return free;
}

function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) =>
    isSame((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}
