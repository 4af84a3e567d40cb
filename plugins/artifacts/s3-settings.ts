/** Which buckets artifacts may come from, where they are and what opens them: the operator's setting `s3`. */
import {
  type CredentialSources,
  storageKeyFields,
  storageKeysOf,
  travelsSafely,
} from '../../libraries/http-credentials/index.ts';
import type { BucketPlace, Credentials } from '../../libraries/object-storage/index.ts';
import { invalidArtifactSetting } from './errors.ts';

/** What the operator says of one bucket, or of all others under the name `*`. */
export type BucketSettings = Readonly<Record<string, unknown>>;

export interface KnownBucket {
  readonly place: BucketPlace;
  /** Read anew each time. None where anybody may read the bucket. */
  readonly credentials: () => Promise<Credentials | undefined>;
}

/** All other buckets. */
export const anyBucket = '*';
export const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const fields = ['endpoint', 'region', 'pathStyle', 'allowHttp', 'anonymous', ...storageKeyFields];

/** Checks the block. Throws `InvalidArtifactSetting`; never shows a credential. */
export function s3Settings(value: unknown): Readonly<Record<string, BucketSettings>> {
  if (value === undefined) return { [anyBucket]: {} };
  if (!isBlock(value) || Object.keys(value).length === 0) {
    throw invalidArtifactSetting('s3', 'must map names of buckets, or "*", to { endpoint, region, … }');
  }
  for (const [name, block] of Object.entries(value)) {
    const at = `s3["${name}"]`;
    if (name !== anyBucket && !bucketName.test(name))
      throw invalidArtifactSetting(at, 'is no name of a bucket');
    if (!isBlock(block)) throw invalidArtifactSetting(at, 'must be { endpoint, region, … }');
    for (const field of Object.keys(block)) {
      if (fields.includes(field)) continue;
      throw invalidArtifactSetting(`${at}.${field}`, `is not a setting: ${fields.join(', ')} are`);
    }
    // Whether there are secrets is known when one is read.
    const sources = { environment: {}, secret: async () => ({ reveal: () => '' }) };
    knownBucket({ [name]: block }, name === anyBucket ? 'any' : name, sources);
  }
  return value as Readonly<Record<string, BucketSettings>>;
}

/** How a bucket is reached and opened; undefined where the operator names others alone. */
export function knownBucket(
  settings: Readonly<Record<string, BucketSettings>>,
  bucket: string,
  sources: Omit<CredentialSources, 'refuse'>,
): KnownBucket | undefined {
  const named = Object.hasOwn(settings, bucket) ? bucket : anyBucket;
  const block = settings[named];
  if (block === undefined) return undefined;
  const at = `s3["${named}"]`;
  const { environment } = sources;
  const { region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1' } = block;
  if (typeof region !== 'string' || !/^[a-z0-9-]{1,40}$/.test(region))
    throw invalidArtifactSetting(`${at}.region`, 'must be a region, such as eu-central-1');
  const given =
    block.endpoint ?? (environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || undefined);
  const { anonymous = false, allowHttp = false } = block;
  if (typeof anonymous !== 'boolean')
    throw invalidArtifactSetting(`${at}.anonymous`, 'must be true or false');
  if (typeof allowHttp !== 'boolean')
    throw invalidArtifactSetting(`${at}.allowHttp`, 'must be true or false');
  if (anonymous && storageKeyFields.some((field) => field in block))
    throw invalidArtifactSetting(`${at}.anonymous`, 'cannot stand beside keys');
  const endpoint = endpointOf(given ?? `https://s3.${region}.amazonaws.com`, at, anonymous || allowHttp);
  // A certificate for `*.endpoint` does not hold for a name with dots before it.
  const { pathStyle = given !== undefined || bucket.includes('.') } = block;
  if (typeof pathStyle !== 'boolean')
    throw invalidArtifactSetting(`${at}.pathStyle`, 'must be true or false');
  return {
    place: { endpoint, bucket, region, pathStyle },
    credentials: anonymous ? async () => undefined : keysOf(block, at, sources),
  };
}

/** The same places, without what opens them. */
export function anonymously(
  settings: Readonly<Record<string, BucketSettings>>,
): Readonly<Record<string, BucketSettings>> {
  const places = Object.entries(settings).map(([name, { endpoint, region, pathStyle }]) => {
    const told = Object.entries({ endpoint, region, pathStyle }).filter(([, value]) => value !== undefined);
    return [name, { ...Object.fromEntries(told), anonymous: true }] as const;
  });
  return Object.fromEntries(places);
}

function keysOf(
  block: BucketSettings,
  at: string,
  sources: Omit<CredentialSources, 'refuse'>,
): () => Promise<Credentials> {
  const read = storageKeysOf(block, at, { ...sources, refuse: invalidArtifactSetting });
  return async () => {
    const keys = await read();
    if (keys !== undefined) return keys;
    throw new Error(
      'there is no accessKey with a secretKey: name them in artifacts.s3, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or say anonymous: true',
    );
  };
}

function endpointOf(value: unknown, at: string, allowHttp: boolean): string {
  const where = `${at}.endpoint`;
  if (typeof value !== 'string' || !URL.canParse(value))
    throw invalidArtifactSetting(where, 'must be a URL, such as https://s3.eu-central-1.amazonaws.com');
  const url = new URL(value);
  if (!['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '')
    throw invalidArtifactSetting(where, 'must be an https URL without a query');
  if (url.username !== '' || url.password !== '')
    throw invalidArtifactSetting(
      where,
      'must hold no credentials: name accessKeyVariable and secretKeyVariable',
    );
  // Keys sign and are never sent, but a session token is, and who listens can ask for the same again.
  if (!allowHttp && !travelsSafely(url.href))
    throw invalidArtifactSetting(
      where,
      'must be https; allowHttp: true says that this network may be trusted',
    );
  return url.href.replace(/\/+$/, '');
}

function isBlock(value: unknown): value is BucketSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
