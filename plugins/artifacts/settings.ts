import { invalidArtifactSetting } from './errors.ts';

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
  /** Bearer tokens by host (`models.example.com`, `models.example.com:8443`), or the environment variable that holds one. */
  readonly credentials: Readonly<Record<string, Credential>>;
}

export type Credential = { readonly token: string } | { readonly tokenVariable: string };

export const defaultArtifactSettings: ArtifactSettings = {
  allowLoopback: true,
  allowPrivate: false,
  allowLinkLocal: false,
  connectTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  totalTimeoutMs: 3_600_000,
  credentials: {},
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

function credentials(value: unknown): Readonly<Record<string, Credential>> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArtifactSetting('credentials', 'must map hosts to { token } or { tokenVariable }');
  }
  const checked: Record<string, Credential> = {};
  for (const [host, entry] of Object.entries(value)) {
    const { token, tokenVariable } = (entry ?? {}) as { token?: unknown; tokenVariable?: unknown };
    if (typeof token === 'string' && token !== '') checked[host.toLowerCase()] = { token };
    else if (typeof tokenVariable === 'string' && tokenVariable !== '')
      checked[host.toLowerCase()] = { tokenVariable };
    else throw invalidArtifactSetting(`credentials["${host}"]`, 'must hold a token or a tokenVariable');
  }
  return checked;
}
