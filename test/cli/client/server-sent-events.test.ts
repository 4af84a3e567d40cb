import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerSentEvents, type ServerSentEvent } from '../../../cli/client/server-sent-events.ts';

async function read(...chunks: (string | Uint8Array)[]): Promise<ServerSentEvent[]> {
  async function* body() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  }
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(body())) events.push(event);
  return events;
}

describe('an event stream', () => {
  it('gives each message with its name, its id and its data', async () => {
    expect(await read('id: 7\nevent: resource.status\ndata: {"ref":"a"}\n\ndata: b\n\n')).toEqual([
      { id: '7', event: 'resource.status', data: '{"ref":"a"}' },
      { id: '7', event: 'message', data: 'b' },
    ]);
  });

  it('joins lines of data, and ignores comments, empty messages and a message that was cut off', async () => {
    expect(await read(': hello\n\ndata: a\ndata:b\n\nevent: x\n\ndata: cut')).toEqual([
      { id: undefined, event: 'message', data: 'a\nb' },
    ]);
  });

  it('reads the same however the bytes are cut', async () => {
    const bytes = new TextEncoder().encode(
      'id: 1\r\nevent: é\r\ndata: zwölf 🐦\r\n\r\ndata: two\rdata: lines\r\r\n',
    );
    const whole = await read(bytes);
    expect(whole.map((event) => event.data)).toEqual(['zwölf 🐦', 'two\nlines']);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((end, index) => bytes.slice(places[index], end));
        expect(await read(...parts)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });
});
