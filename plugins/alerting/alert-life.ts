/** How an alert lives: its condition holds, long enough, and holds no more. Pure. */
import type { Alert, Sighting } from './alert.ts';

export interface Patience {
  /** How long a condition must hold before it fires, in milliseconds. */
  readonly forMs: number;
  /** How long it goes on to fire after it holds no more. */
  readonly keepMs: number;
}

/** The condition holds, as far as `now` shows. */
export function seen(before: Alert | undefined, sighting: Sighting, now: number, { forMs }: Patience): Alert {
  const isNew = before === undefined || before.phase === 'resolved';
  const since = isNew ? now : before.since;
  // A clock that was put back must not make what fires wait again.
  const fires = (!isNew && before.phase === 'firing') || now - since >= forMs;
  const { resolvedAt: _, endsAt: __, ...rest } = isNew ? ({} as Partial<Alert>) : before;
  return {
    ...rest,
    ...sighting,
    phase: fires ? 'firing' : 'pending',
    since,
    heldAt: now,
    ...(fires ? { firedAt: (isNew ? undefined : before.firedAt) ?? now } : {}),
  };
}

/** The condition does not hold. Undefined: there is nothing left to remember. */
export function unseen(before: Alert, now: number, { keepMs }: Patience): Alert | undefined {
  if (before.phase === 'pending') return undefined;
  if (before.phase === 'resolved' || now - before.heldAt < keepMs) return before;
  return { ...before, phase: 'resolved', resolvedAt: now };
}

/** Something happened once: it fires for so long, from the last time that it happened. */
export function happened(before: Alert | undefined, sighting: Sighting, at: number, keepMs: number): Alert {
  const isNew = before === undefined || before.phase === 'resolved';
  const isNews = isNew || before.content.revision !== sighting.content.revision;
  return {
    ...sighting,
    phase: 'firing',
    since: isNew ? at : before.since,
    firedAt: isNew ? at : (before.firedAt ?? at),
    heldAt: at,
    endsAt: at + keepMs,
    ...(isNews || before.acknowledged === undefined ? {} : { acknowledged: before.acknowledged }),
  };
}

/** When time alone changes it; undefined where only the world does. */
export function dueOf(
  { phase, since, heldAt, endsAt }: Alert,
  { forMs, keepMs }: Patience,
): number | undefined {
  if (phase === 'resolved') return undefined;
  if (endsAt !== undefined) return endsAt;
  return phase === 'pending' ? since + forMs : heldAt + keepMs;
}
