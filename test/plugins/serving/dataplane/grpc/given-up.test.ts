/** Clients with little time give up more calls than they wait for, where a model is overloaded. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Serving, startServing } from '../fixtures/in-process.ts';

let serving: Serving;
let port: number;

beforeAll(async () => {
  serving = await startServing();
  port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
});

afterAll(() => serving.stop());

const [major] = process.versions.node.split('.').map(Number);
const whyNot = major! < 24 ? 'Node before 24 cuts such a connection, and cannot be told not to' : undefined;

it.skipIf(whyNot !== undefined)(
  `a connection is kept though two thousand of its calls are given up${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
  async () => {
    const session = connect(`http://127.0.0.1:${port}`);
    const problems: unknown[] = [];
    session.on('error', (error) => problems.push(error));
    session.on('goaway', (code) => problems.push(`told to go away: ${code}`));
    const begin = () =>
      session.request({
        ':method': 'POST',
        ':path': '/inference.GRPCInferenceService/ServerLive',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
    for (let round = 0; round < 100; round++) {
      const calls = Array.from({ length: 20 }, begin);
      // A call that the server has not heard of is not given up.
      await new Promise((resolve) => session.ping(resolve));
      const ended = calls.map((call) => once(call, 'close'));
      for (const call of calls) call.close(8);
      await Promise.all(ended);
      expect(problems).toEqual([]);
    }
    const call = begin();
    call.end(Buffer.alloc(5));
    const [headers] = (await once(call, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(200);
    session.destroy();
  },
);
