/**
 * The `Host` of a request, which is to be there once and to be the name of a host: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.
 * Of two, a proxy may go by the other one than a server; `node:http` takes the first, whatever it says.
 */
import type { IncomingMessage } from 'node:http';

const literal = String.raw`\[[\dA-Fa-fv:.\w~!$&'()*+,;=-]+\]`;
const name = String.raw`(?:[\w.~!$&'()*+,;=-]|%[\dA-Fa-f]{2})*`;
const host = new RegExp(String.raw`^(?:${literal}|${name})(?::\d*)?$`);

/** Whether it is a host, and a port behind it where it has one. It may be empty. */
export function isHost(value: string): boolean {
  return host.test(value);
}

/** What is wrong with it; undefined where nothing is. */
export function hostProblem(
  request: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'httpVersion'>,
): string | undefined {
  const value = request.headers.host;
  if (value === undefined) return request.httpVersion === '1.1' ? 'it has no Host' : undefined;
  let count = 0;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const header = request.rawHeaders[index]!;
    if (header.length === 4 && header.toLowerCase() === 'host') count++;
  }
  if (count > 1) return 'it has more than one Host';
  return isHost(value) ? undefined : 'its Host is no name of a host';
}
