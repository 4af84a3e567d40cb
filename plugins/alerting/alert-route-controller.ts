import type { Notifier } from '../../core/capabilities/notifier.ts';
import {
  type Because,
  type Controller,
  codeOf,
  messageOf,
  type Providers,
  ready,
} from '../../core/plugin.ts';
import type { AlertRouteSpec } from '../../schemas/generated/alert-route.ts';
import type { Alerting, AlertingOptions } from './alerting.ts';
import { compileRoute, type Receiver } from './routing/route.ts';

export interface RouteControllerOptions extends Pick<Alerting, 'dispatch' | 'memory'> {
  readonly notifiers: Providers<Notifier>;
  readonly readSecret: AlertingOptions['readSecret'];
}

/** As many attempts may fail before it is told. */
const patience = 3;

/** Hands routes to alerting, and shows what keeps its receivers from being told. */
export function alertRouteController(options: RouteControllerOptions): Controller<AlertRouteSpec> {
  const { dispatch, memory, notifiers, readSecret } = options;
  const digests = new Map<string, string>();
  return {
    plan: (change) => [
      change.type === 'removed'
        ? {
            action: 'stop telling',
            description: `nobody is told by ${change.previous.metadata.name} any more`,
          }
        : {
            action: 'tell',
            description: `tell ${change.next.spec.receivers.map(({ name }) => name).join(', ')}`,
          },
    ],
    async reconcile({ resource }) {
      const { ref, spec, digest } = resource;
      const route = compileRoute(ref, spec);
      if (digests.get(ref) !== digest) dispatch.setRoute(route);
      digests.set(ref, digest);
      const receivers = [...route.receivers.values()];
      let degraded: Because | undefined;
      for (const receiver of receivers)
        degraded ??= await problemOf(receiver, (secret) => readSecret(secret, ref));
      const waiting = memory.state.outbox.filter((one) => one.route === ref);
      const failing = waiting.find(({ attempts }) => attempts >= patience);
      degraded ??= failing && {
        reason: 'DeliveryFailing',
        message: `${failing.receiver} cannot be told after ${failing.attempts} attempts (${waiting.length} wait): ${failing.error?.message ?? ''}`,
      };
      const silent = receivers.filter(({ notifier }) => notifier === undefined).map(({ name }) => name);
      const message =
        silent.length === 0
          ? `${receivers.length} ${receivers.length === 1 ? 'receiver' : 'receivers'}`
          : `${silent.join(', ')} ${silent.length === 1 ? 'tells' : 'tell'} nobody yet: give a notifier, such as webhook`;
      return ready('Routing', message, {
        facts: { waiting: waiting.length },
        ...(degraded === undefined ? {} : { degraded }),
        ...(degraded === undefined ? {} : { checkAfter: 60_000 }),
      });
    },
    async remove({ resource }) {
      digests.delete(resource.ref);
      dispatch.removeRoute(resource.ref);
      return ready('Forgotten', 'nobody is told by it any more');
    },
  };

  async function problemOf(
    { name, notifier: named, settings, secretRef }: Receiver,
    read: (secret: NonNullable<Receiver['secretRef']>) => Promise<unknown>,
  ): Promise<Because | undefined> {
    if (named === undefined) return undefined;
    if (!notifiers.names().includes(named)) {
      const there = notifiers.names().join(', ') || 'none';
      return {
        reason: 'NotifierMissing',
        message: `${name}: no plugin tells by ${named}; there are: ${there}`,
      };
    }
    const notifier = notifiers.get(named);
    const problem = notifier.problem?.(settings);
    if (problem !== undefined) return { reason: 'ReceiverInvalid', message: `${name}: ${problem}` };
    if (secretRef === undefined) {
      if (notifier.secret !== 'required') return undefined;
      return {
        reason: 'ReceiverInvalid',
        message: `${name} needs a secretRef: ${notifier.secretIs ?? 'its secret'}`,
      };
    }
    try {
      await read(secretRef);
      return undefined;
    } catch (error) {
      return { reason: codeOf(error), message: `${name}: ${messageOf(error)}` };
    }
  }
}
