import type { Observation, WarmVersion } from './strategy.ts';

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
