import { lookup as resolve } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { ArtifactStore, OpenArtifact, OpenedArtifact } from '../../core/capabilities/artifact-store.ts';
import { messageOf, SwitchyardError } from '../../core/plugin.ts';
import { classOf, settingThatForbids } from './address.ts';
import { authorizationFor } from './credentials.ts';
import { artifactMissing, artifactRefused, artifactTooLarge, artifactUnreachable } from './errors.ts';
import type { ArtifactSettings } from './settings.ts';

const redirectLimit = 5;
const redirects = [301, 302, 303, 307, 308];
/** Answers after which another try makes sense: too early, too often, or the server's own trouble. */
const temporary = [408, 425, 429, 500, 502, 503, 504];

/**
 * Reads `http:` and `https:` artifacts.
 *
 * Every address is judged when the connection is made, not before, so that a name which resolves differently the second
 * time leads nowhere. Node's own `fetch` has no place for that, hence `node:http`.
 */
export function httpStore(settings: ArtifactSettings, environment: NodeJS.ProcessEnv): ArtifactStore {
  return {
    async open({ uri, maxBytes, signal }: OpenArtifact): Promise<OpenedArtifact> {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(settings.totalTimeoutMs)]);
      let url = checkedUrl(uri);
      const home = url.origin;
      for (let hop = 0; hop <= redirectLimit; hop++) {
        // Credentials are for the host that the manifest names, not for one that it leads to.
        const authorization =
          url.origin === home
            ? authorizationFor(url, settings, environment, isLoopback(url.hostname))
            : undefined;
        const answer = await get(url, authorization, settings, deadline, signal);
        const status = answer.statusCode ?? 0;
        if (status === 200) return opened(answer, url, maxBytes, settings, signal, deadline);
        answer.destroy();
        if (!redirects.includes(status)) throw refusal(status, url);
        url = redirectTarget(answer, url);
      }
      throw artifactRefused(
        shown(url),
        `it redirects more than ${redirectLimit} times`,
        'Name the final URI.',
      );
    },
  };
}

function checkedUrl(uri: string): URL {
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

function get(
  url: URL,
  authorization: string | undefined,
  settings: ArtifactSettings,
  deadline: AbortSignal,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(hostname) !== 0) checkAddress(hostname, url, settings);
  return new Promise((settle, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      reject(signal.aborted ? signal.reason : unreachable(url, error));
    };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      headers: {
        accept: '*/*',
        // The size and the digest are of the bytes as they are.
        'accept-encoding': 'identity',
        'user-agent': 'switchyard',
        ...(authorization === undefined ? {} : { authorization }),
      },
      // A connection of its own: nothing is left open when the artifact has been read.
      agent: false,
      signal: deadline,
      lookup: guardedLookup(url, settings),
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${settings.connectTimeoutMs} ms`)),
      settings.connectTimeoutMs,
    );
    request.once('error', fail);
    request.once('response', (answer) => {
      clearTimeout(timer);
      settle(answer);
    });
    request.end();
  });
}

/** Resolves a name and refuses it when any of its addresses is not allowed. */
function guardedLookup(url: URL, settings: ArtifactSettings): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      try {
        for (const { address } of addresses) checkAddress(address, url, settings);
      } catch (refused) {
        return callback(refused as Error, '');
      }
      if (options.all === true) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family);
    });
  };
}

function checkAddress(address: string, url: URL, settings: ArtifactSettings): void {
  const setting = settingThatForbids(address, settings);
  if (setting === undefined) return;
  throw artifactRefused(
    shown(url),
    `its host has the ${classOf(address)} address ${address}`,
    setting === null
      ? 'Name a host that can be reached.'
      : `If this machine may read artifacts from there, its operator sets artifacts.${setting} to true.`,
  );
}

function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? address === 'localhost' : classOf(address) === 'loopback';
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

function refusal(status: number, url: URL): SwitchyardError {
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

function opened(
  answer: IncomingMessage,
  url: URL,
  maxBytes: number | undefined,
  settings: ArtifactSettings,
  signal: AbortSignal,
  deadline: AbortSignal,
): OpenedArtifact {
  const encoding = answer.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    answer.destroy();
    throw artifactRefused(
      shown(url),
      `the store sends it encoded as ${encoding}, although asked not to`,
      'Serve the file as it is: its digest is of those bytes.',
    );
  }
  const length = Number(answer.headers['content-length'] ?? Number.NaN);
  const size = Number.isSafeInteger(length) ? length : undefined;
  if (maxBytes !== undefined && size !== undefined && size > maxBytes) {
    answer.destroy();
    throw artifactTooLarge(shown(url), maxBytes, `the store announces ${size}`);
  }
  return {
    size,
    body: content(answer, url, maxBytes ?? Number.POSITIVE_INFINITY, settings, signal, deadline),
  };
}

async function* content(
  answer: IncomingMessage,
  url: URL,
  limit: number,
  settings: ArtifactSettings,
  signal: AbortSignal,
  deadline: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pieces = answer[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let read = 0;
  try {
    for (;;) {
      const piece = await withinIdleTime(answer, pieces, settings.idleTimeoutMs);
      if (piece.done === true) return;
      read += piece.value.byteLength;
      if (read > limit) throw artifactTooLarge(shown(url), limit, 'the store sends more');
      yield piece.value;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (deadline.aborted)
      throw artifactUnreachable(shown(url), `not complete within ${settings.totalTimeoutMs} ms`);
    throw unreachable(url, error);
  } finally {
    answer.destroy();
  }
}

/** Waits for the next piece; the time that the reader takes between two of them does not count. */
async function withinIdleTime(
  answer: IncomingMessage,
  pieces: AsyncIterator<Uint8Array>,
  milliseconds: number,
): Promise<IteratorResult<Uint8Array>> {
  const timer = setTimeout(
    () => answer.destroy(new Error(`nothing came for ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await pieces.next();
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(url: URL, error: unknown): SwitchyardError {
  if (error instanceof SwitchyardError) return error;
  const code = (error as { code?: unknown }).code;
  const message = messageOf(error) || 'the connection failed';
  return artifactUnreachable(shown(url), typeof code === 'string' ? `${message} (${code})` : message, error);
}

/** A URL for messages: its query may be a signature. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
