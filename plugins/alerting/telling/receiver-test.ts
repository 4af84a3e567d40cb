/** Tries whether a receiver hears, past the outbox. */
import { randomUUID } from 'node:crypto';
import type { Notification } from '../../../core/capabilities/notifier.ts';
import type { Ref } from '../../../core/plugin.ts';
import { receiverAmbiguous, receiverSilent, receiverUnknown } from '../errors.ts';
import type { Recording } from '../journal.ts';
import type { Receiver, Route } from '../routing/route.ts';
import type { Courier } from './courier.ts';

export interface ReceiverTest {
  readonly routes: ReadonlyMap<Ref, Route>;
  readonly courier: Pick<Courier, 'tell'>;
  readonly record: Recording;
  /** Where the registry is, as notifications say it. */
  readonly registry: Notification['registry'];
  readonly now: number;
}

/** Tells a receiver that this is a test. Throws what its notifier throws. */
export async function testReceiver(
  name: string,
  by: string,
  { routes, courier, record, registry, now }: ReceiverTest,
): Promise<{ readonly route: Ref; readonly receiver: Receiver }> {
  const { route, receiver } = receiverNamed(routes, name);
  if (receiver.notifier === undefined) throw receiverSilent(receiver.name);
  const at = new Date(now).toISOString();
  const notification: Notification = {
    id: randomUUID(),
    group: `test ${route.ref} ${receiver.name}`,
    status: 'test',
    receiver: receiver.name,
    groupLabels: { alertname: 'test' },
    alerts: [
      {
        id: 'test',
        status: 'firing',
        name: 'test',
        severity: 'info',
        labels: { alertname: 'test', severity: 'info' },
        summary: `${by} tests the receiver ${receiver.name} of ${route.ref}`,
        since: at,
        evidence: [],
        help: [{ text: 'Nothing fires. Look at what does', command: 'switchyard alerts' }],
      },
    ],
    omitted: 0,
    at,
    registry,
    escalation: 0,
  };
  await courier.tell(route.ref, receiver, notification);
  await record({
    type: 'alert.tested',
    ref: route.ref,
    commit: null,
    message: `${by} tested the receiver ${receiver.name}`,
    data: { receiver: receiver.name, by },
  });
  return { route: route.ref, receiver };
}

function receiverNamed(
  routes: ReadonlyMap<Ref, Route>,
  name: string,
): { readonly route: Route; readonly receiver: Receiver } {
  const all = [...routes.values()].flatMap((route) =>
    [...route.receivers.values()].map((receiver) => ({
      route,
      receiver,
      full: `${route.ref.slice(route.ref.indexOf('/') + 1)}/${receiver.name}`,
    })),
  );
  const found = all.filter(({ receiver, full }) => receiver.name === name || full === name);
  const [only] = found;
  if (only === undefined)
    throw receiverUnknown(
      name,
      all.map(({ full }) => full),
    );
  if (found.length > 1)
    throw receiverAmbiguous(
      name,
      found.map(({ full }) => full),
    );
  return only;
}
