import { type SecretStore, SecretValue } from '../../core/capabilities/secret-store.ts';
import {
  secretMissing,
  secretPlaceInvalid,
  secretRefused,
  secretStoreUnreachable,
} from '../../core/capabilities/secret-store-errors.ts';
import { type VaultAnswer, vaultClient } from './vault-client.ts';
import { VaultSession } from './vault-session.ts';
import type { VaultSettings } from './vault-settings.ts';

/** Vault tells nobody of a new version: it is asked. */
const lookAgain = 60_000;

type Fields = Readonly<Record<string, unknown>>;

/** Between two reads the login may need to be renewed. */
export interface VaultStore extends SecretStore {
  keepLogin(signal: AbortSignal): Promise<void>;
}

/** Reads from a KV secrets engine, version 2, of HashiCorp Vault or what speaks its API, such as OpenBao. */
export function vaultStore(
  settings: VaultSettings,
  environment: Readonly<Record<string, string | undefined>>,
  now: () => number = Date.now,
): VaultStore {
  const { address, login } = settings;
  const session =
    address === undefined
      ? undefined
      : new VaultSession({ client: vaultClient(address, settings), address, login, environment, now });

  return {
    async keepLogin(signal) {
      await session?.keep(signal);
    },

    async read({ place }, signal) {
      signal.throwIfAborted();
      const { mount, path, version, keys } = placeOf(place);
      if (session === undefined) {
        const hint = 'The operator gives the address under plugins.secrets.vault.address, or VAULT_ADDR.';
        throw secretRefused('secrets.vault.address', 'this machine knows no Vault', hint);
      }
      const query = version === undefined ? '' : `?version=${version}`;
      const where = `${address}/v1/${mount}/data/${path}`;
      const answer = await session.ask({ path: `${mount}/data/${path}${query}` }, signal);
      const { data, metadata } = dataOf(answer, where);
      return {
        values: valuesOf(data, keys, where),
        checkAfter: lookAgain,
        facts: { version: metadata.version ?? null, createdAt: metadata.created_time ?? null },
      };
    },
  };
}

function dataOf({ status, body, errors }: VaultAnswer, where: string): { data: Fields; metadata: Fields } {
  const inner = fieldsOf(body.data);
  const metadata = fieldsOf(inner.metadata);
  if (status === 200 && typeof inner.data === 'object' && inner.data !== null) {
    return { data: inner.data as Fields, metadata };
  }
  const said = errors === '' ? `Vault answers ${status}` : `Vault answers ${status}: ${errors}`;
  switch (status) {
    case 200:
      throw secretPlaceInvalid(
        where,
        'the answer is not one of a KV engine of version 2',
        'See spec.store.vault.mount.',
      );
    case 403:
      throw secretRefused(where, said, 'Give this machine’s role a policy that may read that path.');
    case 404: {
      if (metadata.version !== undefined) {
        const gone = metadata.destroyed === true ? 'destroyed' : `deleted at ${metadata.deletion_time}`;
        const hint = 'Undelete it (`vault kv undelete`), or write a new version.';
        throw secretMissing(where, `version ${metadata.version} was ${gone}`, hint);
      }
      if (/no handler for route/.test(errors))
        throw secretPlaceInvalid(where, said, 'See spec.store.vault.mount.');
      throw secretMissing(
        where,
        'there is nothing at that path',
        'Put it there (`vault kv put`), or correct the path.',
      );
    }
    case 400:
    case 405:
      throw secretPlaceInvalid(where, said);
    default:
      throw secretStoreUnreachable(where, said);
  }
}

function valuesOf(
  data: Fields,
  keys: readonly (readonly [key: string, field: string])[] | undefined,
  where: string,
): ReadonlyMap<string, SecretValue> {
  const values = new Map<string, SecretValue>();
  for (const [key, field] of keys ?? Object.keys(data).map((name) => [name, name] as const)) {
    if (!Object.hasOwn(data, field)) {
      const hint = `There are: ${Object.keys(data).join(', ')}.`;
      throw secretMissing(where, `it has no field "${field}"`, hint);
    }
    const { [field]: value } = data;
    values.set(key, new SecretValue(typeof value === 'string' ? value : JSON.stringify(value)));
  }
  if (values.size === 0) throw secretMissing(where, 'it has no field', 'Write some (`vault kv put`).');
  return values;
}

function placeOf(place: Fields) {
  const { mount = 'secret', path, version, keys } = place;
  if (version !== undefined && !(Number.isInteger(version) && Number(version) > 0)) {
    throw secretPlaceInvalid('spec.store.vault.version', 'it is no version');
  }
  const entries = keys === undefined ? undefined : Object.entries(fieldsOf(keys));
  return {
    mount: steps(mount, 'mount'),
    path: steps(path, 'path'),
    version: version as number | undefined,
    keys: entries?.map(([key, field]) => [key, String(field)] as const),
  };
}

/** Each step as it may stand in a URL, and none that leads elsewhere. */
function steps(value: unknown, field: string): string {
  const parts = typeof value === 'string' ? value.split('/') : [''];
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw secretPlaceInvalid(`spec.store.vault.${field}`, 'it is no path, as apps/slack');
  }
  return parts.map(encodeURIComponent).join('/');
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
