/** A `Host` that is not as it is to be is told so, whichever way the request came. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { converse, type Peer, startInferencePort } from './plain/peers.ts';

let peer: Peer;

beforeAll(async () => {
  peer = await startInferencePort();
});

afterAll(() => peer.close());

const ways = [
  ['at once', (text: string) => [text]],
  // What does not come in one piece is never plain.
  ['in two pieces', (text: string) => [text.slice(0, 9), text.slice(9)]],
] as const;

it.each(
  ways.flatMap(([way, cut]) =>
    (
      [
        ['', 'it has no Host'],
        ['Host: x\r\nHost: x\r\n', 'it has more than one Host'],
        ['Host: a@x\r\n', 'its Host is no name of a host'],
      ] as const
    ).map(([lines, why]) => ({ way, cut, lines, why })),
  ),
)(
  'a request that comes $way is told that $why, and nothing behind it is answered',
  async ({ cut, lines, why }) => {
    const text = `GET /v2 HTTP/1.1\r\n${lines}\r\nGET /stolen HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await converse(
      peer.port,
      cut(text).map((piece) => Buffer.from(piece)),
    );
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(head).toMatch(/^content-type: application\/json\r$/m);
    expect(head).toMatch(/^connection: close\r?$/m);
    expect(JSON.parse(body)).toEqual({
      error: `the request cannot be read as HTTP: ${why}`,
      code: 'MalformedRequest',
      hint: expect.stringContaining('one Host'),
    });
  },
);
