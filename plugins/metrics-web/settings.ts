import { invalidMetricsSetting } from '../../core/capabilities/metrics-source-errors.ts';

/** What the operator of this machine decides: the block `metrics-web` of their configuration. */
export interface WebSettings {
  /** Origins that may be asked, with the `Authorization` header for them, read anew each time. */
  readonly origins: ReadonlyMap<string, () => string | undefined>;
  /** For one document, in milliseconds. */
  readonly timeoutMs: number;
}

type Block = Readonly<Record<string, unknown>>;

const plugin = 'metrics-web';

/** Checks the operator's block. Throws `InvalidMetricsSetting`; never shows a credential. */
export function webSettings(
  block: Block,
  environment: Readonly<Record<string, string | undefined>>,
): WebSettings {
  for (const name of Object.keys(block)) {
    if (name === 'origins' || name === 'timeoutMs') continue;
    throw invalidMetricsSetting(`${plugin}.${name}`, 'is not a setting: origins, timeoutMs are');
  }
  const { timeoutMs = 10_000, origins: declared = {} } = block;
  // setTimeout takes 31 bits.
  if (
    typeof timeoutMs !== 'number' ||
    !Number.isInteger(timeoutMs) ||
    timeoutMs < 1 ||
    timeoutMs >= 2 ** 31
  ) {
    throw invalidMetricsSetting(`${plugin}.timeoutMs`, 'must be a whole number of milliseconds');
  }
  if (!isRecord(declared)) {
    throw invalidMetricsSetting(`${plugin}.origins`, 'must map origins to {} or { tokenVariable }');
  }
  const origins = new Map<string, () => string | undefined>();
  for (const [text, value] of Object.entries(declared)) {
    const at = `${plugin}.origins["${text}"]`;
    const url = originOf(text, at);
    const name = tokenVariableOf(value ?? {}, at);
    if (name !== undefined && url.protocol !== 'https:' && !isLoopback(url.hostname)) {
      throw invalidMetricsSetting(at, 'must be https, or its credentials would travel in clear');
    }
    origins.set(url.origin, () => {
      const token = name === undefined ? undefined : environment[name];
      return token === undefined || token === '' ? undefined : `Bearer ${token}`;
    });
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

function tokenVariableOf(value: unknown, at: string): string | undefined {
  const names = isRecord(value) ? Object.keys(value) : ['?'];
  if (!isRecord(value) || names.some((name) => name !== 'tokenVariable')) {
    throw invalidMetricsSetting(at, 'must be {} or { tokenVariable }');
  }
  const { tokenVariable } = value;
  if (tokenVariable === undefined) return undefined;
  if (typeof tokenVariable === 'string' && /^[A-Za-z_]\w*$/.test(tokenVariable)) return tokenVariable;
  throw invalidMetricsSetting(`${at}.tokenVariable`, 'must be the name of an environment variable');
}

function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
