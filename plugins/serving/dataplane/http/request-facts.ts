/** What a request says of itself beside its body. */
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestFacts {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** As it came: path and query. */
  readonly url?: string | undefined;
  /** Of the span that it is traced by; where it has none, what its caller sent says whose it is. */
  readonly traceparent?: string;
}

/** Where nobody asked. */
export const unasked: RequestFacts = { headers: {} };

export function headerOf({ headers }: RequestFacts, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** The first cookie of that name, without the quotes that may be around its value. */
export function cookieOf({ headers }: RequestFacts, name: string): string | undefined {
  const { cookie } = headers;
  if (cookie === undefined) return undefined;
  for (const pair of cookie.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    const value = pair.slice(equals + 1).trim();
    return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return undefined;
}

/** The first parameter of that name in the query. */
export function queryOf({ url = '' }: RequestFacts, name: string): string | undefined {
  const begin = url.indexOf('?');
  if (begin < 0) return undefined;
  const end = url.indexOf('#', begin);
  for (const pair of url.slice(begin + 1, end < 0 ? undefined : end).split('&')) {
    const equals = pair.indexOf('=');
    const written = equals < 0 ? pair : pair.slice(0, equals);
    if (written !== name && decoded(written) !== name) continue;
    return equals < 0 ? '' : decoded(pair.slice(equals + 1));
  }
  return undefined;
}

function decoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
