import { messageOf } from '../../core/plugin.ts';
import { authorizationOf, type CredentialSources } from '../../libraries/http-credentials/index.ts';
import { artifactRefused, artifactUnreachable, invalidArtifactSetting } from './errors.ts';
import type { ArtifactSettings } from './settings.ts';

/** Where credentials come from: the operator's environment, and the registry's secrets where there are any. */
export type CredentialPlaces = Omit<CredentialSources, 'refuse'>;

/**
 * The `Authorization` header for a URL, from the operator's settings or environment; undefined where they name none.
 * Throws `ArtifactRefused` where it would travel in clear, and `ArtifactUnreachable` where a secret cannot be read now.
 */
export async function authorizationFor(
  url: URL,
  settings: Pick<ArtifactSettings, 'credentials'>,
  places: CredentialPlaces,
  isLoopback: boolean,
): Promise<string | undefined> {
  const where = `${url.origin}${url.pathname}`;
  let header: string | undefined;
  try {
    header = await headerFor(url.host, settings, places);
  } catch (error) {
    throw artifactUnreachable(where, `the credentials for ${url.host} cannot be read: ${messageOf(error)}`);
  }
  if (header === undefined) return undefined;
  if (url.protocol === 'https:' || isLoopback) return header;
  throw artifactRefused(
    where,
    'its credentials would travel in clear',
    'Use an https URI, or take the credentials for this host out of the configuration.',
  );
}

async function headerFor(
  host: string,
  { credentials }: Pick<ArtifactSettings, 'credentials'>,
  places: CredentialPlaces,
): Promise<string | undefined> {
  const configured = credentials[host];
  if (configured !== undefined) {
    if (typeof configured.token === 'string') return `Bearer ${configured.token}`;
    return authorizationOf(configured, at(host), serverOf(host), {
      ...places,
      refuse: invalidArtifactSetting,
    })();
  }
  const variable = tokenVariableOf(host);
  const token = variable === undefined ? undefined : places.environment[variable];
  return token ? `Bearer ${token}` : undefined;
}

const at = (host: string) => `credentials["${host}"]`;
/** Whether it travels safely is judged by the URL that is asked. */
const serverOf = (host: string) => ({ url: `https://${host}`, from: at(host) });

/**
 * The environment variable for a host: `SWITCHYARD_ARTIFACT_TOKEN_MODELS_EXAMPLE_COM`. A dot or the colon before a port
 * becomes `_` and a hyphen `__`: no two hosts share a variable, so none can be given another's token.
 */
export function tokenVariableOf(host: string): string | undefined {
  if (!/^[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*(:\d+)?$/.test(host)) return undefined;
  return `SWITCHYARD_ARTIFACT_TOKEN_${host.replaceAll('-', '__').replaceAll(/[.:]/g, '_').toUpperCase()}`;
}
