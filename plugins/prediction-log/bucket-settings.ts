/** Where the log's files are kept beside this machine: the setting `bucket`. */
import {
  type CredentialSources,
  storageKeyFields,
  storageKeysOf,
  travelsSafely,
} from '../../libraries/http-credentials/index.ts';
import type { Credentials } from '../../libraries/object-storage/index.ts';
import { invalidLogSetting } from './errors.ts';
import { bytesOf } from './size-setting.ts';

export interface BucketSettings {
  readonly endpoint: string;
  readonly bucket: string;
  /** What the keys of all objects begin with: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly pathStyle: boolean;
  /** Bytes of what is in the bucket that may lie on this machine, too. */
  readonly cacheSize: number;
  /** How long the bucket may be silent, in milliseconds. */
  readonly timeoutMs: number;
}

type Block = Readonly<Record<string, unknown>>;

const fields = [
  ...['endpoint', 'name', 'prefix', 'region', 'pathStyle', 'allowHttp', 'cacheSize', 'timeoutMs'],
  ...storageKeyFields,
];

/** Checks the block. Throws `InvalidLogSetting`; never shows a credential. */
export function bucketSettings(value: unknown): BucketSettings {
  const block = blockIn(value);
  for (const name of Object.keys(block)) {
    if (fields.includes(name)) continue;
    throw invalidLogSetting(`bucket.${name}`, `is not a setting: ${fields.join(', ')} are`);
  }
  const { name, prefix = '', region = 'us-east-1', pathStyle = true, timeoutMs = 30_000 } = block;
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
    throw invalidLogSetting('bucket.name', 'must be the name of a bucket');
  if (typeof prefix !== 'string' || !/^([\w.-]+(\/[\w.-]+)*\/?)?$/.test(prefix) || prefix.length > 400)
    throw invalidLogSetting('bucket.prefix', 'must be letters, digits and . _ - between slashes');
  if (typeof region !== 'string' || !/^[a-z0-9-]{1,40}$/.test(region))
    throw invalidLogSetting('bucket.region', 'must be a region, such as eu-central-1');
  if (typeof pathStyle !== 'boolean') throw invalidLogSetting('bucket.pathStyle', 'must be true or false');
  if (
    !(typeof timeoutMs === 'number' && Number.isInteger(timeoutMs) && timeoutMs >= 100 && timeoutMs < 2 ** 31)
  )
    throw invalidLogSetting('bucket.timeoutMs', 'must be a whole number from 100 on');
  return {
    endpoint: endpointIn(block),
    bucket: name,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    region,
    pathStyle,
    cacheSize: bytesOf(block.cacheSize ?? 10 * 1024 ** 3, 'bucket.cacheSize', 1024 ** 2),
    timeoutMs,
  };
}

/** Reads the credentials anew each time. Throws `InvalidLogSetting` where the block says them wrongly. */
export function bucketCredentials(
  value: unknown,
  sources: Omit<CredentialSources, 'refuse'>,
): () => Promise<Credentials> {
  const read = storageKeysOf(blockIn(value), 'bucket', { ...sources, refuse: invalidLogSetting });
  return async () => {
    const keys = await read();
    if (keys === undefined) throw new Error('its accessKey or secretKey is empty or not there');
    return keys;
  };
}

function endpointIn({ endpoint, allowHttp = false }: Block): string {
  let url: URL;
  try {
    url = new URL(String(endpoint));
  } catch {
    throw invalidLogSetting(
      'bucket.endpoint',
      'must be an https URL, such as https://s3.eu-central-1.amazonaws.com',
    );
  }
  if (!['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '')
    throw invalidLogSetting('bucket.endpoint', 'must be an https URL without a query');
  if (url.username !== '' || url.password !== '')
    throw invalidLogSetting(
      'bucket.endpoint',
      'must hold no credentials: name accessKeyVariable and secretKeyVariable',
    );
  if (typeof allowHttp !== 'boolean') throw invalidLogSetting('bucket.allowHttp', 'must be true or false');
  if (!allowHttp && !travelsSafely(url.href))
    throw invalidLogSetting(
      'bucket.endpoint',
      'must be https, or predictions would travel in clear; allowHttp: true says that this network may read them',
    );
  return url.href.replace(/\/+$/, '');
}

function blockIn(value: unknown): Block {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Block;
  throw invalidLogSetting('bucket', 'must be { endpoint, name, … }');
}
