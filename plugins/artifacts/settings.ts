import { isAbsolute } from 'node:path';
import { parseByteSize } from '../../libraries/byte-size/index.ts';
import { authorizationOf, credentialFields } from '../../libraries/http-credentials/index.ts';
import { invalidArtifactSetting } from './errors.ts';
import { anyBucket, type BucketSettings, s3Settings } from './s3-settings.ts';

/** What the operator of this machine decides, never the registry: the block `artifacts` of their configuration. */
export interface ArtifactSettings {
  /** Whether an artifact may come from this machine itself. */
  readonly allowLoopback: boolean;
  /** Whether it may come from a private network (10.0.0.0/8 and its like). */
  readonly allowPrivate: boolean;
  /** Whether it may come from a link-local address, where clouds keep their metadata services. */
  readonly allowLinkLocal: boolean;
  /** From the request to the answer's headers, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Between two pieces of the content, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** For the whole artifact, in milliseconds. */
  readonly totalTimeoutMs: number;
  /** What opens a host (`models.example.com`, `models.example.com:8443`). */
  readonly credentials: Readonly<Record<string, Credential>>;
  /** Bytes that one artifact may have, whatever its manifest declares. */
  readonly maxSize: number;
  /** Where buckets are and what opens them, by their names; `*` is all others. */
  readonly s3: Readonly<Record<string, BucketSettings>>;
  /** Where the content of Git LFS pointers is, where the repository does not say so. */
  readonly lfs: { readonly url?: string; readonly folder?: string };
}

/** A bearer token, or a name and a password; each from an environment variable or a Secret of the registry. */
export interface Credential extends Readonly<Record<string, unknown>> {
  readonly token?: string | SecretNamed;
  readonly tokenVariable?: string;
  readonly username?: string;
  readonly password?: SecretNamed;
  readonly passwordVariable?: string;
}

type SecretNamed = { readonly secretRef: { readonly name: string; readonly key: string } };

export const defaultArtifactSettings: ArtifactSettings = {
  allowLoopback: true,
  allowPrivate: false,
  allowLinkLocal: false,
  connectTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  totalTimeoutMs: 3_600_000,
  credentials: {},
  maxSize: 16 * 1024 ** 3,
  s3: { [anyBucket]: {} },
  lfs: {},
};

/** Checks the operator's block. Throws `InvalidArtifactSetting`; never shows a credential. */
export function artifactSettings(block: Readonly<Record<string, unknown>>): ArtifactSettings {
  for (const name of Object.keys(block)) {
    if (!(name in defaultArtifactSettings)) {
      throw invalidArtifactSetting(
        name,
        `is not a setting: ${Object.keys(defaultArtifactSettings).join(', ')} are`,
      );
    }
  }
  return {
    allowLoopback: flag(block, 'allowLoopback'),
    allowPrivate: flag(block, 'allowPrivate'),
    allowLinkLocal: flag(block, 'allowLinkLocal'),
    connectTimeoutMs: milliseconds(block, 'connectTimeoutMs'),
    idleTimeoutMs: milliseconds(block, 'idleTimeoutMs'),
    totalTimeoutMs: milliseconds(block, 'totalTimeoutMs'),
    credentials: credentials(block.credentials),
    maxSize: bytes(block, 'maxSize'),
    s3: s3Settings(block.s3),
    lfs: lfsSettings(block.lfs),
  };
}

type Block = Readonly<Record<string, unknown>>;

function flag(block: Block, name: 'allowLoopback' | 'allowPrivate' | 'allowLinkLocal'): boolean {
  const value = block[name] ?? defaultArtifactSettings[name];
  if (typeof value === 'boolean') return value;
  throw invalidArtifactSetting(name, 'must be true or false');
}

function milliseconds(block: Block, name: 'connectTimeoutMs' | 'idleTimeoutMs' | 'totalTimeoutMs'): number {
  const value = block[name] ?? defaultArtifactSettings[name];
  // setTimeout takes 31 bits.
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw invalidArtifactSetting(name, 'must be a whole number of milliseconds from 1 on');
}

function lfsSettings(value: unknown = {}): ArtifactSettings['lfs'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidArtifactSetting('lfs', 'must be { url, folder }');
  const { url, folder, ...others } = value as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw invalidArtifactSetting(`lfs.${unknown}`, 'is not a setting: url, folder are');
  const isUrl = typeof url === 'string' && /^https?:\/\/[^@\s?#]+$/.test(url) && URL.canParse(url);
  if (url !== undefined && !isUrl)
    throw invalidArtifactSetting('lfs.url', 'must be an https URL without credentials');
  if (folder !== undefined && (typeof folder !== 'string' || !isAbsolute(folder)))
    throw invalidArtifactSetting('lfs.folder', 'must be the absolute path of a folder');
  return {
    ...(url === undefined ? {} : { url: url as string }),
    ...(folder === undefined ? {} : { folder }),
  };
}

function bytes(block: Block, name: 'maxSize'): number {
  const size = parseByteSize(block[name] ?? defaultArtifactSettings[name]);
  if (size !== undefined && size >= 1) return size;
  throw invalidArtifactSetting(name, 'must be bytes, or a size such as 16GiB');
}

function credentials(value: unknown): ArtifactSettings['credentials'] {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArtifactSetting('credentials', 'must map hosts to what opens them: { tokenVariable }');
  }
  const checked: Record<string, Credential> = {};
  for (const [host, entry] of Object.entries(value)) checked[host.toLowerCase()] = credential(host, entry);
  return checked;
}

function credential(host: string, entry: unknown): Credential {
  const at = `credentials["${host}"]`;
  if (typeof entry !== 'object' || entry === null || !URL.canParse(`https://${host}`)) {
    throw invalidArtifactSetting(
      at,
      'must be { tokenVariable }, { token }, or { username, passwordVariable }',
    );
  }
  const fields = Object.keys(entry);
  const unknown = fields.find((field) => !credentialFields.includes(field));
  if (unknown !== undefined || fields.length === 0) {
    throw invalidArtifactSetting(at, `must hold some of ${credentialFields.join(', ')}`);
  }
  const { token } = entry as Credential;
  if (typeof token === 'string' && token !== '' && fields.length === 1) return { token };
  authorizationOf(
    entry as Credential,
    at,
    { url: `https://${host}`, from: at },
    {
      environment: {},
      // Whether there are secrets is known when one is read.
      secret: async () => ({ reveal: () => '' }),
      refuse: invalidArtifactSetting,
    },
  );
  return entry as Credential;
}
