/**
 * What is noted of the headers that go with each request, since a rule of traffic may choose the version by them. Their values may be
 * secrets: noted are the names, and one digest of all values by scrypt (RFC 7914) with a salt of its own, so that whoever reads the note
 * pays for each guess, and cannot look one up.
 */
import { randomBytes, scryptSync } from 'node:crypto';

export type Headers = Readonly<Record<string, string>>;

export interface NotedHeaders {
  readonly names: readonly string[];
  /** Base64url, as the digest is. */
  readonly salt: string;
  readonly digest: string;
}

/** Tokens are renewed while a file is predicted; the others say how long an answer may take, not which one it is. */
const passing = new Set([
  'authorization',
  'proxy-authorization',
  'switchyard-priority',
  'switchyard-timeout',
]);

export function noteHeaders(
  headers: Headers = {},
  salt = randomBytes(16).toString('base64url'),
): NotedHeaders {
  const names = Object.keys(headers)
    .filter((name) => !passing.has(name))
    .sort();
  const values = JSON.stringify(names.map((name) => headers[name]));
  const digest = names.length === 0 ? '' : scryptSync(values, salt, 32).toString('base64url');
  return { names, salt, digest };
}

/** How headers differ from those that were noted; undefined where they do not. Shows no value. */
export function headersDiffer(noted: NotedHeaders, headers: Headers | undefined): string | undefined {
  const given = noteHeaders(headers, noted.salt);
  const [were, are] = [noted, given].map(({ names }) => names.join(', ') || 'none');
  if (were !== are) return `its headers were ${were}, and are ${are}`;
  return given.digest === noted.digest ? undefined : `a value of its headers (${were}) was another`;
}
