/**
 * Which addresses an artifact may come from. A manifest is written by many hands; without this it could make the control
 * process read what only this machine reaches (a cloud's metadata service, a database's status page).
 */
import { BlockList, isIP } from 'node:net';
import type { ArtifactSettings } from './settings.ts';

export type AddressClass = 'public' | 'private' | 'loopback' | 'link-local' | 'unusable';

/** The class of an IP address, also of an IPv4 one that is written as IPv6. */
export function classOf(address: string): AddressClass {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  for (const [name, list] of classes) if (list.check(address, family)) return name;
  return 'public';
}

/** The setting that keeps artifacts from this address; null where none can allow it, undefined where it is allowed. */
export function settingThatForbids(
  address: string,
  settings: Pick<ArtifactSettings, 'allowLoopback' | 'allowPrivate' | 'allowLinkLocal'>,
): keyof ArtifactSettings | null | undefined {
  const kind = classOf(address);
  if (kind === 'public') return undefined;
  if (kind === 'unusable') return null;
  const setting = (
    { loopback: 'allowLoopback', private: 'allowPrivate', 'link-local': 'allowLinkLocal' } as const
  )[kind];
  return settings[setting] ? undefined : setting;
}

/** In order of how much they forbid: the first that holds the address names its class. */
const classes: readonly (readonly [AddressClass, BlockList])[] = [
  // Metadata services of the clouds live here: 169.254.169.254, fd00:ec2::254, 100.100.100.200.
  ['link-local', listOf('169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32', '100.100.100.200/32')],
  ['unusable', listOf('0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'ff00::/8')],
  ['loopback', listOf('127.0.0.0/8', '::1/128')],
  [
    'private',
    listOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'),
  ],
];

function listOf(...networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
    // The same IPv4 network behind a NAT64 gateway (RFC 6052).
    if (isIP(address) === 4) list.addSubnet(`64:ff9b::${address}`, 96 + Number(prefix), 'ipv6');
  }
  return list;
}
