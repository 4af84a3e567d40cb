import { existsSync } from 'node:fs';
import { remoteInvalid } from './errors.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface RemoteUrl {
  /** Without user name and password of HTTP, without password of SSH: safe to store, log and put on a command line. */
  readonly url: string;
  readonly transport: 'http' | 'ssh' | 'file';
  /** What stood in the URL. */
  readonly credentials: Credentials | undefined;
}

/** Reads a location that is a URL. Undefined for a path of this machine. Throws `RemoteInvalid` for other schemes. */
export function parseRemote(location: string): RemoteUrl | undefined {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location)?.[1]?.toLowerCase();
  if (scheme === undefined) return parseShortSsh(location);
  if (!URL.canParse(location)) throw remoteInvalid(redactUrl(location), 'it cannot be read as a URL');
  const url = new URL(location);
  switch (scheme) {
    case 'http':
    case 'https':
      if (url.search !== '') throw remoteInvalid(redactUrl(location), 'Git cannot use its query');
      return withoutCredentials(url);
    case 'ssh':
      if (url.hostname.startsWith('-'))
        throw remoteInvalid(redactUrl(location), 'its host begins with a dash');
      url.password = '';
      return { url: url.href, transport: 'ssh', credentials: undefined };
    case 'file':
      return { url: url.href, transport: 'file', credentials: undefined };
    default:
      throw remoteInvalid(redactUrl(location), `${scheme}:// is not understood`);
  }
}

/** Takes passwords, tokens and what else stands before the `@` or behind the `?` of a URL out of any text. */
export function redactUrl(text: string): string {
  const withoutQuery = text.replace(/([a-z][a-z0-9+.-]+:\/\/[^\s?'"]+)\?[^\s'"]*/gi, '$1?***');
  return withoutQuery.replace(/([a-z][a-z0-9+.-]+:\/\/)[^/\s@]+@/gi, (whole, scheme: string) =>
    /^ssh:/i.test(scheme) && !whole.slice(scheme.length).includes(':') ? whole : `${scheme}***@`,
  );
}

/** Takes these secrets, in the spellings in which they travel, out of any text. */
export function redactSecrets(text: string, credentials: Credentials | undefined): string {
  let clean = redactUrl(text);
  if (credentials === undefined) return clean;
  const { username, password } = credentials;
  const basic = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  // Some hosts take a token as the user name, without a password.
  const secret = password || username;
  for (const spelling of [basic, secret, encodeURIComponent(secret)]) {
    clean = clean.replaceAll(spelling, '***');
  }
  return clean;
}

function withoutCredentials(url: URL): RemoteUrl {
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  url.hash = '';
  const credentials = username === '' && password === '' ? undefined : { username, password };
  return { url: url.href, transport: 'http', credentials };
}

/** `git@host:path`, as Git reads it: the first colon comes before any slash. A path that is there wins. */
function parseShortSsh(location: string): RemoteUrl | undefined {
  const parts = /^(?:([^/:@\s]+)@)?([^/:@\s]{2,}):(?!\/\/|:)(.+)$/.exec(location);
  if (parts === null || location.startsWith('-') || existsSync(location)) return undefined;
  return { url: location, transport: 'ssh', credentials: undefined };
}
