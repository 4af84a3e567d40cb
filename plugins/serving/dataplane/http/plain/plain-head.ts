/**
 * Reads the heads of plain requests: those that say what they are in the one way in which nearly all clients say it. What it takes
 * means the same to `node:http`; all else is left to that, legal or not. So it has no mind of its own about where
 * a request ends, and there is nothing to smuggle past it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isHost } from '../../../../../libraries/unread-http/index.ts';

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
/** A line that is kept may keep the whole head that it was cut from: so many of heads so long are no burden to a connection. */
const mostKept = 24;
const longestKept = 2 * 1024;

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

/** A header as it was written, and what it says. */
export interface HeaderLine {
  readonly written: string;
  readonly name: string;
  readonly value: string;
}

/**
 * The head, without the empty line at its end; undefined where it is not plain. `lines` are those of heads before on the same
 * connection, and take up those of this one: from one request to the next hardly more than a length and a trace differ.
 */
export function readPlainHead(text: string, lines: HeaderLine[] = []): PlainHead | undefined {
  if (text.length > longestHead) return undefined;
  const firstEnd = text.indexOf('\r\n');
  const first = requestLine.exec(firstEnd < 0 ? text : text.slice(0, firstEnd));
  if (first === null || firstEnd < 0) return undefined;
  const headers: IncomingHttpHeaders = {};
  let count = 0;
  for (let at = firstEnd + 2; at < text.length; count++) {
    const next = text.indexOf('\r\n', at);
    const end = next < 0 ? text.length : next;
    const written = text.slice(at, end);
    let line = lines[count];
    if (line?.written !== written) {
      line = readLine(written);
      if (line === undefined || count === mostHeaders) return undefined;
      if (count < mostKept && text.length <= longestKept) lines[count] = line;
    }
    // Also what every object has is taken to be there already.
    if (line.name in headers) return undefined;
    headers[line.name] = line.value;
    at = end + 2;
  }
  const { connection, host, 'content-length': length } = headers;
  if (host === undefined) return undefined;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  if (length !== undefined && !digits.test(length)) return undefined;
  const bodyLength = Number(length ?? 0);
  const [, method = '', url = ''] = first;
  if (bodyLength > 0 && method !== 'POST') return undefined;
  return { method, url, headers, bodyLength };
}

function readLine(written: string): HeaderLine | undefined {
  const colon = written.indexOf(':');
  if (colon < 0) return undefined;
  const name = written.slice(0, colon).toLowerCase();
  const value = written.slice(colon + 1);
  if (!token.test(name) || !visible.test(value) || notPlain.has(name)) return undefined;
  // Behind a length, `node:http` takes spaces, but no tabs.
  if (name === 'content-length' && value.includes('\t')) return undefined;
  const trimmed = value.trim();
  if (name === 'host' && !isHost(trimmed)) return undefined;
  return { written, name, value: trimmed };
}
