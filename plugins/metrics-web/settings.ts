import { invalidMetricsSetting } from '../../core/capabilities/metrics-source-errors.ts';
import {
  type Authorization,
  authorizationOf,
  type CredentialSources,
  credentialFields,
  timeoutOf,
} from '../../libraries/http-credentials/index.ts';

/** What the operator of this machine decides: the block `metrics-web` of their configuration. */
export interface WebSettings {
  /** Origins that may be asked, with what to show them. */
  readonly origins: ReadonlyMap<string, Authorization>;
  /** For one document, in milliseconds. */
  readonly timeoutMs: number;
}

type Block = Readonly<Record<string, unknown>>;

const plugin = 'metrics-web';

/** Checks the operator's block. Throws `InvalidMetricsSetting`; never shows a credential. */
export function webSettings(block: Block, given: Omit<CredentialSources, 'refuse'>): WebSettings {
  const sources = { ...given, refuse: invalidMetricsSetting };
  for (const name of Object.keys(block)) {
    if (name === 'origins' || name === 'timeoutMs') continue;
    throw invalidMetricsSetting(`${plugin}.${name}`, 'is not a setting: origins, timeoutMs are');
  }
  const { origins: declared = {} } = block;
  const timeoutMs = timeoutOf(block.timeoutMs ?? 10_000, `${plugin}.timeoutMs`, invalidMetricsSetting);
  if (!isRecord(declared)) {
    throw invalidMetricsSetting(`${plugin}.origins`, 'must map origins to {} or { tokenVariable }');
  }
  const origins = new Map<string, Authorization>();
  for (const [text, value] of Object.entries(declared)) {
    const at = `${plugin}.origins["${text}"]`;
    const url = originOf(text, at);
    origins.set(
      url.origin,
      authorizationOf(settingsOf(value ?? {}, at), at, { url: url.origin, from: at }, sources),
    );
  }
  return { origins, timeoutMs };
}

function originOf(text: string, at: string): URL {
  try {
    const url = new URL(text);
    if (/^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '').toLowerCase()) return url;
  } catch {
    // Said below.
  }
  throw invalidMetricsSetting(at, 'must be an origin, as https://quality.example.com');
}

function settingsOf(value: unknown, at: string): Block {
  if (isRecord(value) && Object.keys(value).every((name) => credentialFields.includes(name))) return value;
  throw invalidMetricsSetting(at, `must be {}, or hold of ${credentialFields.join(', ')}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
