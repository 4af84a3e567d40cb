import { invalidMetricsSetting } from '../../core/capabilities/metrics-source-errors.ts';
import {
  type Authorization,
  authorizationOf,
  type CredentialSources,
  credentialFields,
  timeoutOf,
} from '../../libraries/http-credentials/index.ts';

/** What the operator of this machine decides: the block `metrics-prometheus` of their configuration. */
export interface PrometheusSettings {
  readonly servers: ReadonlyMap<string, PrometheusServer>;
  /** For one query, in milliseconds. */
  readonly timeoutMs: number;
}

export interface PrometheusServer {
  /** Without a slash at its end; `/api/v1/query` follows. */
  readonly url: string;
  readonly authorization: Authorization;
}

type Block = Readonly<Record<string, unknown>>;
type Sources = Omit<CredentialSources, 'refuse'>;

const plugin = 'metrics-prometheus';
const urlVariable = 'SWITCHYARD_PROMETHEUS_URL';
const tokenVariable = 'SWITCHYARD_PROMETHEUS_TOKEN';
const serverFields = ['url', ...credentialFields];

/** Checks the operator's block. Throws `InvalidMetricsSetting`; never shows a credential. */
export function prometheusSettings(block: Block, given: Sources): PrometheusSettings {
  const sources = { ...given, refuse: invalidMetricsSetting };
  for (const name of Object.keys(block)) {
    if (name === 'servers' || name === 'timeoutMs') continue;
    throw invalidMetricsSetting(`${plugin}.${name}`, 'is not a setting: servers, timeoutMs are');
  }
  const timeoutMs = timeoutOf(block.timeoutMs ?? 10_000, `${plugin}.timeoutMs`, invalidMetricsSetting);
  const servers = new Map<string, PrometheusServer>();
  const fromEnvironment = sources.environment[urlVariable];
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    const token = sources.environment[tokenVariable];
    // Without a token there is nothing that could travel in clear.
    const settings = token === undefined || token === '' ? {} : { tokenVariable };
    const url = checkedUrl(fromEnvironment, urlVariable);
    servers.set('default', {
      url,
      authorization: authorizationOf(settings, urlVariable, { url, from: urlVariable }, sources),
    });
  }
  if (block.servers !== undefined && !isRecord(block.servers)) {
    throw invalidMetricsSetting(`${plugin}.servers`, 'must map names to { url, tokenVariable? }');
  }
  for (const [name, server] of Object.entries(block.servers ?? {})) {
    servers.set(name, serverOf(server, `${plugin}.servers.${name}`, sources));
  }
  return { servers, timeoutMs };
}

function serverOf(value: unknown, at: string, sources: CredentialSources): PrometheusServer {
  if (!isRecord(value)) throw invalidMetricsSetting(at, 'must be { url, tokenVariable? }');
  for (const name of Object.keys(value)) {
    if (serverFields.includes(name)) continue;
    throw invalidMetricsSetting(`${at}.${name}`, `is not a setting: ${serverFields.join(', ')} are`);
  }
  const url = checkedUrl(value.url, `${at}.url`);
  return { url, authorization: authorizationOf(value, at, { url, from: `${at}.url` }, sources) };
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
