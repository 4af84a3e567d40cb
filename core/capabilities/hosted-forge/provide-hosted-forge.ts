import type { Host } from '../../plugin.ts';
import { forge } from '../forge.ts';
import type { Registry } from '../registry.ts';
import { type DeliveryOptions, receiveDeliveries } from './deliveries.ts';
import type { ForgeHost } from './forge-host.ts';
import { hostedForge } from './hosted-forge.ts';

export interface ProvidedForge
  extends Pick<DeliveryOptions, 'secret' | 'proves' | 'identity' | 'understand'> {
  /** Of the provider: `github`. */
  readonly name: string;
  readonly followed: Registry;
  /** Called when the forge is first asked. */
  readonly forgeHost: () => ForgeHost;
}

/** Provides the forge of a host, and takes its webhooks: they say that there is something to look at. */
export function provideHostedForge(host: Host, { name, followed, forgeHost, ...about }: ProvidedForge): void {
  const { log } = host;
  const deliveries = receiveDeliveries({ ...about, look: () => followed.look(), log });
  host.webhooks((delivery) => deliveries.receive(delivery));
  host.provide(
    forge,
    name,
    hostedForge({ host: forgeHost, registry: followed, log, onHint: deliveries.onHint }),
  );
}
