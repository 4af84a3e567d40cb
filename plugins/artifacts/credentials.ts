import { artifactRefused } from './errors.ts';
import type { ArtifactSettings } from './settings.ts';

/**
 * The `Authorization` header for a URL, from the operator's settings or environment; undefined where they name none.
 * Throws `ArtifactRefused` where a token would travel in clear.
 */
export function authorizationFor(
  url: URL,
  settings: Pick<ArtifactSettings, 'credentials'>,
  environment: NodeJS.ProcessEnv,
  isLoopback: boolean,
): string | undefined {
  const token = tokenFor(url.host, settings, environment);
  if (token === undefined) return undefined;
  if (url.protocol === 'https:' || isLoopback) return `Bearer ${token}`;
  throw artifactRefused(
    `${url.origin}${url.pathname}`,
    'its credentials would travel in clear',
    'Use an https URI, or take the token for this host out of the configuration.',
  );
}

function tokenFor(
  host: string,
  { credentials }: Pick<ArtifactSettings, 'credentials'>,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const configured = credentials[host];
  if (configured !== undefined) {
    return 'token' in configured ? configured.token : environment[configured.tokenVariable] || undefined;
  }
  const variable = tokenVariableOf(host);
  return variable === undefined ? undefined : environment[variable] || undefined;
}

/**
 * The environment variable for a host: `SWITCHYARD_ARTIFACT_TOKEN_MODELS_EXAMPLE_COM`. A dot or the colon before a port
 * becomes `_` and a hyphen `__`: no two hosts share a variable, so none can be given another's token.
 */
export function tokenVariableOf(host: string): string | undefined {
  if (!/^[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*(:\d+)?$/.test(host)) return undefined;
  return `SWITCHYARD_ARTIFACT_TOKEN_${host.replaceAll('-', '__').replaceAll(/[.:]/g, '_').toUpperCase()}`;
}
