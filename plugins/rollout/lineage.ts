import type { ProvenVersion, RolloutState, StableVersion } from './strategy.ts';

const mostKept = 10;

/**
 * What answered before the version that answers now. Going back to one of them takes it and all that came after it out: what
 * was left is not what one goes back to.
 */
export function lineageAfter(
  { stable, lineage = [] }: Pick<RolloutState, 'stable' | 'lineage'>,
  next: StableVersion,
): readonly ProvenVersion[] {
  if (stable === undefined || stable.version === next.version) return lineage;
  const place = lineage.findIndex(({ digest }) => digest === next.digest);
  if (place >= 0) return lineage.slice(0, place);
  if (stable.digest === undefined) return lineage;
  return [...lineage, { version: stable.version, digest: stable.digest }].slice(-mostKept);
}

/** Whether to declare this artifact is to go back. */
export function isReturn(
  { lineage = [] }: Pick<RolloutState, 'lineage'>,
  digest: string | undefined,
): boolean {
  return digest !== undefined && lineage.some((one) => one.digest === digest);
}
