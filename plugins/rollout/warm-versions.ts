import type { Course } from './course.ts';
import type { Observation, RolloutState, WarmVersion } from './strategy.ts';

type Now = Pick<Observation, 'now' | 'keepWarm' | 'present' | 'quarantined'>;

/** Those whose time is not over yet, whose manifests are still there, and which are not in quarantine. */
export function stillWarm(warm: readonly WarmVersion[], now: Now): readonly WarmVersion[] {
  return warm.filter(
    (one) => untilOf(one, now) > now.now && now.present.has(one.version) && !now.quarantined.has(one.version),
  );
}

/** When a warm version is released, in milliseconds since 1970. */
export function untilOf({ since }: WarmVersion, { keepWarm }: Pick<Now, 'keepWarm'>): number {
  return since + keepWarm;
}

/** Milliseconds until the first of them is released. */
export function nextRelease(warm: readonly WarmVersion[], now: Now): number | undefined {
  if (warm.length === 0) return undefined;
  return Math.max(0, Math.min(...warm.map((one) => untilOf(one, now))) - now.now);
}

/**
 * The warm versions that may stay while the target is loaded beside what answers, the latest first; undefined where the target
 * alone is too large.
 */
export function roomFor(
  { maxSurge, also = [] }: Pick<Course, 'maxSurge' | 'also'>,
  { warm }: Pick<RolloutState, 'warm'>,
  seen: Observation,
): readonly WarmVersion[] | undefined {
  const others = stillWarm(warm, seen).filter(({ version }) => version !== seen.target);
  if (maxSurge === undefined) return others;
  const sizeOf = (version: string): number => seen.artifacts[version]?.size ?? 0;
  let left = maxSurge - [seen.target, ...also].reduce((sum, version) => sum + sizeOf(version), 0);
  if (left < 0) return undefined;
  const latestFirst = [...others].sort((a, b) => b.since - a.since);
  return latestFirst.filter(({ version }) => {
    left -= sizeOf(version);
    return left >= 0;
  });
}
