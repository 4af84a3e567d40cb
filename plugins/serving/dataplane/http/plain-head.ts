/**
 * Reads the heads of plain requests: those that say what they are in the one way in which nearly all clients say it. What it takes
 * means the same to `node:http`; all else is left to that, legal or not. So it has no mind of its own about where
 * a request ends, and there is nothing to smuggle past it.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface PlainHead {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Bytes of body behind it. */
  readonly bodyLength: number;
}

/** `node:http` takes 16 KiB and says what is wrong with more. */
export const longestHead = 8 * 1024;
const mostHeaders = 100;

const requestLine = /^(GET|HEAD|POST) (\/[!-"$-~]*) HTTP\/1\.1$/;
const token = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const visible = /^[\t -~]*$/;
const digits = /^\d{1,15}$/;

/** Headers that change where a message or a connection ends, or that are told apart by how often they come. */
const notPlain: ReadonlySet<string> = new Set([
  'expect',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The head, without the empty line at its end; undefined where it is not plain. */
export function readPlainHead(text: string): PlainHead | undefined {
  if (text.length > longestHead) return undefined;
  const firstEnd = text.indexOf('\r\n');
  const line = requestLine.exec(firstEnd < 0 ? text : text.slice(0, firstEnd));
  if (line === null || firstEnd < 0) return undefined;
  const headers: IncomingHttpHeaders = {};
  let count = 0;
  for (let at = firstEnd + 2; at < text.length; ) {
    const next = text.indexOf('\r\n', at);
    const end = next < 0 ? text.length : next;
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > end || ++count > mostHeaders) return undefined;
    const name = text.slice(at, colon).toLowerCase();
    const value = text.slice(colon + 1, end);
    // Also what every object has is taken to be there already.
    if (!token.test(name) || !visible.test(value) || name in headers || notPlain.has(name)) return undefined;
    headers[name] = value.trim();
    at = end + 2;
  }
  const { connection, host, 'content-length': length } = headers;
  if (host === undefined) return undefined;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  if (length !== undefined && !digits.test(length)) return undefined;
  const bodyLength = Number(length ?? 0);
  const [, method = '', url = ''] = line;
  if (bodyLength > 0 && method !== 'POST') return undefined;
  return { method, url, headers, bodyLength };
}
