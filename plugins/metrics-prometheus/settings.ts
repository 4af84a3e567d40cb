import { invalidMetricsSetting } from '../../core/capabilities/metrics-source-errors.ts';

/** What the operator of this machine decides: the block `metrics-prometheus` of their configuration. */
export interface PrometheusSettings {
  readonly servers: ReadonlyMap<string, PrometheusServer>;
  /** For one query, in milliseconds. */
  readonly timeoutMs: number;
}

export interface PrometheusServer {
  /** Without a slash at its end; `/api/v1/query` follows. */
  readonly url: string;
  /** The `Authorization` header, read anew each time; undefined where there is none to send. */
  readonly authorization: () => string | undefined;
}

type Block = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

const plugin = 'metrics-prometheus';
const urlVariable = 'SWITCHYARD_PROMETHEUS_URL';
const serverFields = ['url', 'tokenVariable', 'username', 'passwordVariable'];

/** Checks the operator's block. Throws `InvalidMetricsSetting`; never shows a credential. */
export function prometheusSettings(block: Block, environment: Environment): PrometheusSettings {
  for (const name of Object.keys(block)) {
    if (name === 'servers' || name === 'timeoutMs') continue;
    throw invalidMetricsSetting(`${plugin}.${name}`, 'is not a setting: servers, timeoutMs are');
  }
  const { timeoutMs = 10_000 } = block;
  // setTimeout takes 31 bits.
  if (
    typeof timeoutMs !== 'number' ||
    !Number.isInteger(timeoutMs) ||
    timeoutMs < 1 ||
    timeoutMs >= 2 ** 31
  ) {
    throw invalidMetricsSetting(`${plugin}.timeoutMs`, 'must be a whole number of milliseconds');
  }
  const servers = new Map<string, PrometheusServer>();
  const fromEnvironment = environment[urlVariable];
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    servers.set('default', {
      url: checkedUrl(fromEnvironment, urlVariable),
      authorization: bearer('SWITCHYARD_PROMETHEUS_TOKEN', environment),
    });
  }
  if (block.servers !== undefined && !isRecord(block.servers)) {
    throw invalidMetricsSetting(`${plugin}.servers`, 'must map names to { url, tokenVariable? }');
  }
  for (const [name, server] of Object.entries(block.servers ?? {})) {
    servers.set(name, serverOf(server, `${plugin}.servers.${name}`, environment));
  }
  return { servers, timeoutMs };
}

function serverOf(value: unknown, at: string, environment: Environment): PrometheusServer {
  if (!isRecord(value)) throw invalidMetricsSetting(at, 'must be { url, tokenVariable? }');
  for (const name of Object.keys(value)) {
    if (serverFields.includes(name)) continue;
    throw invalidMetricsSetting(`${at}.${name}`, `is not a setting: ${serverFields.join(', ')} are`);
  }
  const url = checkedUrl(value.url, `${at}.url`);
  const { tokenVariable, username, passwordVariable } = value;
  if (tokenVariable !== undefined) {
    return {
      url,
      authorization: guarded(url, at, bearer(variable(tokenVariable, `${at}.tokenVariable`), environment)),
    };
  }
  if (username === undefined && passwordVariable === undefined)
    return { url, authorization: () => undefined };
  if (typeof username !== 'string' || username === '' || username.includes(':')) {
    throw invalidMetricsSetting(`${at}.username`, 'must be a name without a colon');
  }
  const password = variable(passwordVariable, `${at}.passwordVariable`);
  const basic = () => `Basic ${Buffer.from(`${username}:${environment[password] ?? ''}`).toString('base64')}`;
  return { url, authorization: guarded(url, at, basic) };
}

function bearer(name: string, environment: Environment): () => string | undefined {
  return () => {
    const token = environment[name];
    return token === undefined || token === '' ? undefined : `Bearer ${token}`;
  };
}

/** Credentials travel over https or to this machine. */
function guarded(url: string, at: string, read: () => string | undefined): () => string | undefined {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw invalidMetricsSetting(`${at}.url`, 'must be https, or its credentials would travel in clear');
  }
  return read;
}

function checkedUrl(value: unknown, at: string): string {
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    throw invalidMetricsSetting(at, 'must be an http or https URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalidMetricsSetting(at, 'must be an http or https URL');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalidMetricsSetting(at, 'must hold no user, password or query: name a tokenVariable instead');
  }
  return url.href.replace(/\/+$/, '');
}

function variable(value: unknown, at: string): string {
  if (typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value)) return value;
  throw invalidMetricsSetting(at, 'must be the name of an environment variable');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
