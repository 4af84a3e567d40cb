import { invalidForgeSetting } from './errors.ts';

/** Where a remote lies, as far as its URL tells. */
export interface Place {
  /** With the port of http, without that of ssh: `git.example.com`. */
  readonly host: string;
  /** `acme/registry`, `group/sub/registry`. */
  readonly path: string;
}

/** Reads `https://…`, `ssh://…` and `git@host:path`. Undefined for a path of this machine. */
export function placeOf(location: string): Place | undefined {
  const short = /^(?:[^/:@\s]+@)?([^/:@\s]{2,}):(?!\/\/)(.+)$/.exec(location);
  if (short !== null && !location.includes('://')) return place(short[1] ?? '', short[2] ?? '');
  if (!/^(https?|ssh):\/\//i.test(location) || !URL.canParse(location)) return undefined;
  const url = new URL(location);
  return place(url.protocol === 'ssh:' ? url.hostname : url.host, decodeURIComponent(url.pathname));
}

function place(host: string, path: string): Place {
  const bare = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return { host: host.toLowerCase(), path: bare };
}

/**
 * The base URL of an API, checked: https, or http to this machine; no user, no query. Throws `InvalidForgeSetting`. It is
 * the operator's alone: a registry that named it could have their token sent anywhere.
 */
export function apiBase(text: string, where: string): string {
  if (!URL.canParse(text)) throw invalidForgeSetting(where, 'must be a URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalidForgeSetting(where, 'must have neither a user nor a query');
  }
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw invalidForgeSetting(where, 'must begin with https://, so that the token does not travel in clear');
  }
  return url.href.replace(/\/+$/, '');
}
