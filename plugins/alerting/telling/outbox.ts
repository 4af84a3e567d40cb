/** What is still to be told, in order. Pure: whoever changes it writes it down before anything is sent. */
import type { Notification } from '../../../core/capabilities/notifier.ts';
import type { Ref } from '../../../core/plugin.ts';
import { merged } from './notification.ts';

/** One notification on its way to one receiver. JSON; times in milliseconds since 1970. */
export interface Delivery {
  readonly route: Ref;
  readonly receiver: string;
  readonly notification: Notification;
  readonly createdAt: number;
  readonly attempts: number;
  readonly nextAt: number;
  /** Why the last attempt failed. */
  readonly error?: { readonly code: string; readonly message: string };
  /** It alone is refused: others go on to its receiver. */
  readonly isRefused?: boolean;
  /** Nothing new is told: the journal need not have it. */
  readonly isRepeat?: boolean;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  /** A human must help first. */
  readonly isLasting: boolean;
  readonly retryAfterMs?: number;
}

const firstMs = 1_000;
const longestMs = 5 * 60_000;
const firstLastingMs = 60_000;
const longestLastingMs = 60 * 60_000;
/** Nothing waits longer for its next attempt, whatever a receiver asks for. What seems to was put off by a clock that was set back since. */
const longestWaitMs = longestLastingMs;

/** Adds a delivery. One that waits for the same group and receiver takes it in, unless it is being sent. */
export function put(
  outbox: readonly Delivery[],
  delivery: Delivery,
  most: number,
  isSending: (id: string) => boolean,
): readonly Delivery[] {
  const at = outbox.findIndex(
    (one) =>
      one.route === delivery.route &&
      one.receiver === delivery.receiver &&
      one.notification.group === delivery.notification.group &&
      !isSending(one.notification.id),
  );
  const older = outbox[at];
  // Behind others it waits as long as they do: a receiver that is down is not asked for each.
  const waiting = outbox.filter((one) => sameReceiver(one, delivery) && one.isRefused !== true);
  const nextAt = Math.max(delivery.nextAt, ...waiting.slice(0, 1).map((one) => one.nextAt));
  if (older === undefined) return [...outbox, { ...delivery, nextAt }];
  const notification = merged(older.notification, delivery.notification, most);
  const isSame = notification === older.notification;
  return outbox.with(at, { ...older, notification, ...(isSame ? {} : { isRepeat: false }) });
}

/** What may be sent now: the first that is due of each receiver that is not being told something already. */
export function due(
  outbox: readonly Delivery[],
  now: number,
  isBusy: (receiver: string) => boolean,
): readonly Delivery[] {
  const first = new Map<string, Delivery>();
  for (const delivery of outbox) {
    const key = receiverKey(delivery);
    const isDue = delivery.nextAt <= now || delivery.nextAt > now + longestWaitMs;
    if (isDue && !first.has(key) && !isBusy(key)) first.set(key, delivery);
  }
  return [...first.values()];
}

export function receiverKey({ route, receiver }: Pick<Delivery, 'route' | 'receiver'>): string {
  return `${route} ${receiver}`;
}

export function sent(outbox: readonly Delivery[], id: string): readonly Delivery[] {
  return outbox.filter(({ notification }) => notification.id !== id);
}

/** Waits before it is tried again, and with it all that goes to the same receiver, unless only this one is refused. */
export function failed(
  outbox: readonly Delivery[],
  id: string,
  failure: Failure,
  now: number,
  random: () => number = Math.random,
): readonly Delivery[] {
  const one = outbox.find(({ notification }) => notification.id === id);
  if (one === undefined) return outbox;
  const attempts = one.attempts + 1;
  const [first, longest] = failure.isLasting ? [firstLastingMs, longestLastingMs] : [firstMs, longestMs];
  const whole = Math.min(longest, first * 2 ** Math.min(attempts - 1, 30));
  const asked = Math.min(failure.retryAfterMs ?? 0, longestWaitMs);
  const nextAt = now + Math.max(asked, Math.round(whole * (0.8 + 0.2 * random())));
  const { code, message } = failure;
  return outbox.map((other) => {
    if (other === one)
      return { ...one, attempts, nextAt, error: { code, message }, isRefused: failure.isLasting };
    if (failure.isLasting || !sameReceiver(other, one)) return other;
    return { ...other, nextAt: Math.max(other.nextAt, nextAt) };
  });
}

export function nextDue(outbox: readonly Delivery[]): number | undefined {
  let next: number | undefined;
  for (const { nextAt } of outbox) next = Math.min(next ?? nextAt, nextAt);
  return next;
}

function sameReceiver(one: Delivery, other: Delivery): boolean {
  return receiverKey(one) === receiverKey(other);
}
