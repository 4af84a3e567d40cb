import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { apiTokenMissing, foreignHost, foreignOrigin, mutationsNeedToken, unauthorized } from './errors.ts';

export interface GuardOptions {
  /** Who has it may change things. Without it, only this machine may. */
  readonly token?: string;
  /** Reads need the token too. */
  readonly requireTokenForReads?: boolean;
  /** The address that the server listens on. */
  readonly host: string;
  /** Names under which the server may be reached, beside `localhost`, its own and every address. */
  readonly allowedHosts?: readonly string[];
}

/**
 * Decides who is let in; throws where one is not.
 *
 * - A web page must not reach this server through a name that was made to point here: an unknown host is refused.
 *   Addresses are safe, because a page cannot choose them; so is whoever has the token.
 * - A page of another origin must not change anything: what a browser sends carries its origin.
 * - Changes need the token, where there is one. Where there is none, they come from this machine or not at all.
 */
export function guard(options: GuardOptions): (request: Request, isPublic: boolean) => void {
  const { token, requireTokenForReads = false, host } = options;
  if (requireTokenForReads && !token) throw apiTokenMissing();
  const names = new Set(
    ['localhost', host, ...(options.allowedHosts ?? [])].map((name) => name.toLowerCase()),
  );
  const isLocal = isLoopback(host);
  const isExpected = token ? bearerCheck(token) : undefined;

  return (request, isPublic) => {
    const isMutation = request.method !== 'GET' && request.method !== 'HEAD';
    const authorization = request.headers.get('authorization');
    const hasToken = isExpected !== undefined && authorization !== null && isExpected(authorization);

    const reached = hostOf(request);
    if (!hasToken && !isAllowed(reached, names)) throw foreignHost(reached);
    if (isMutation) refuseForeignPages(request, reached);
    if (isPublic || hasToken) return;

    if (isExpected === undefined) {
      if (isMutation && !isLocal) throw mutationsNeedToken(host);
    } else if (isMutation || requireTokenForReads) {
      throw unauthorized(authorization === null ? 'this needs the API token' : 'this is not the API token');
    }
  };
}

/** `Bearer <token>`, compared in a time that tells nothing of the token. */
function bearerCheck(token: string): (authorization: string) => boolean {
  const expected = sha256(token);
  return (authorization) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    return given !== undefined && timingSafeEqual(sha256(given), expected);
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hostOf(request: Request): string {
  return request.headers.get('host') ?? new URL(request.url).host;
}

function isAllowed(host: string, names: ReadonlySet<string>): boolean {
  const name = withoutPort(host).toLowerCase();
  return names.has(name) || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

/** Browsers name the page's origin with whatever may change something; programs name none. */
function refuseForeignPages(request: Request, reached: string): void {
  const origin = request.headers.get('origin');
  if (origin !== null && (!URL.canParse(origin) || new URL(origin).host !== reached.toLowerCase())) {
    throw foreignOrigin(origin);
  }
  const site = request.headers.get('sec-fetch-site');
  if (site === 'cross-site' || site === 'same-site') throw foreignOrigin(origin ?? site);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
