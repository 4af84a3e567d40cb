import { STATUS_CODES } from 'node:http';

/** A whole answer in bytes, for a connection whose request nobody could read; it says that the connection is closed behind it. */
export function closingAnswer(
  status: number,
  headers: Iterable<readonly [name: string, value: string]>,
  text: string,
): Buffer {
  const lines = [
    ...headers,
    ['content-length', String(Buffer.byteLength(text))],
    ['Date', new Date().toUTCString()],
    ['Connection', 'close'],
  ].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`);
}
