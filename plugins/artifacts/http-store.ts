import type { IncomingMessage } from 'node:http';
import type { ArtifactStore, OpenArtifact, OpenedArtifact } from '../../core/capabilities/artifact-store.ts';
import type { SwitchyardError } from '../../core/plugin.ts';
import { authorizationFor, type CredentialPlaces } from './credentials.ts';
import { artifactMissing, artifactRefused, artifactUnreachable } from './errors.ts';
import { openBody } from './http-body.ts';
import { ask, type HttpTimes, isLoopback, shown } from './http-request.ts';
import type { ArtifactSettings } from './settings.ts';

const redirectLimit = 5;
const redirects = [301, 302, 303, 307, 308];
/** Answers after which another try makes sense: too early, too often, or the server's own trouble. */
const temporary = [408, 425, 429, 500, 502, 503, 504];

/** Reads `http:` and `https:` artifacts. */
export function httpStore(settings: ArtifactSettings, places: CredentialPlaces): ArtifactStore {
  return {
    async open({ uri, ...request }: OpenArtifact): Promise<OpenedArtifact> {
      const headersFor = async (url: URL): Promise<Readonly<Record<string, string>>> => {
        const authorization = await authorizationFor(url, settings, places, isLoopback(url.hostname));
        return authorization === undefined ? {} : { authorization };
      };
      return openOverHttp(checkedUrl(uri), headersFor, request, settings);
    },
  };
}

/**
 * Opens what lies behind a URL.
 *
 * @param headersFor The credentials for a URL: asked for the host that is named alone, not for one that it leads to.
 * @param options.isImmutable Whether what lies there never changes, so that the rest of it can be asked for without a condition.
 */
export async function openOverHttp(
  start: URL,
  headersFor: (url: URL) => Promise<Readonly<Record<string, string>>>,
  { maxBytes, resume, signal }: Pick<OpenArtifact, 'maxBytes' | 'resume' | 'signal'>,
  settings: ArtifactSettings,
  { isImmutable = false }: { readonly isImmutable?: boolean } = {},
): Promise<OpenedArtifact> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(settings.totalTimeoutMs)]);
  const times: HttpTimes = { signal, deadline };
  let url = start;
  let wanted = resume;
  for (let hop = 0; hop <= redirectLimit; hop++) {
    const own = url.origin === start.origin ? await headersFor(url) : {};
    const range: Record<string, string> = {};
    if (wanted !== undefined) {
      range.range = `bytes=${wanted.from}-`;
      if (!isImmutable) range['if-range'] = wanted.validator;
    }
    const answer = await ask(url, { headers: { ...own, ...range } }, settings, times);
    const status = answer.statusCode ?? 0;
    if (status === 200 || (status === 206 && wanted !== undefined)) {
      return openBody(answer, url, { maxBytes, resume: wanted }, settings, times);
    }
    answer.destroy();
    if (status === 416 && wanted !== undefined) {
      // There is no such part any more: what was there has become shorter.
      wanted = undefined;
      continue;
    }
    if (!redirects.includes(status)) throw refusal(status, url);
    url = redirectTarget(answer, url);
  }
  throw artifactRefused(shown(url), `it redirects more than ${redirectLimit} times`, 'Name the final URI.');
}

export function checkedUrl(uri: string): URL {
  const url = parsed(uri);
  // Nothing of a URI that cannot be taken apart is shown: it may hold a password.
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw artifactRefused('artifact.uri', 'it is not an http or https URI', 'Write https:// and the host.');
  }
  if (url.username !== '' || url.password !== '') {
    throw artifactRefused(
      `${url.protocol}//${url.host}`,
      'its URI holds a user or a password',
      'Take it out of the manifest and of Git history, change it, and give it to the machine: see plugins/artifacts/README.md.',
    );
  }
  return url;
}

function parsed(uri: string): URL | null {
  try {
    return new URL(uri);
  } catch {
    return null;
  }
}

/** Only to https, or within one http host: a redirect never takes protection away. */
function redirectTarget(answer: IncomingMessage, from: URL): URL {
  let target: URL;
  try {
    target = new URL(answer.headers.location ?? '', from);
  } catch {
    throw artifactUnreachable(shown(from), 'it redirects to what is no URI');
  }
  const checked = checkedUrl(target.href);
  if (checked.protocol === 'https:' || checked.origin === from.origin) return checked;
  throw artifactRefused(
    shown(from),
    `it redirects to ${checked.protocol}//${checked.host}, which is not https`,
    'Name an https URI that leads to the artifact.',
  );
}

export function refusal(status: number, url: URL): SwitchyardError {
  if (temporary.includes(status)) return artifactUnreachable(shown(url), `the store answers ${status}`);
  if (status === 401 || status === 403 || status === 407) {
    return artifactRefused(
      shown(url),
      `the store answers ${status}`,
      'Give this machine a token for the host: see plugins/artifacts/README.md.',
    );
  }
  return artifactMissing(shown(url), `the store answers ${status}`, 'Correct artifact.uri in the manifest.');
}
