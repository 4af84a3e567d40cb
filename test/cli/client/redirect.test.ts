import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../run.ts';

const heard: string[] = [];
let elsewhere: Server;
let asked: Server;

beforeAll(async () => {
  elsewhere = createServer(async (request, response) => {
    heard.push(`${request.headers.authorization} ${await text(request)}`);
    response.end('{}');
  });
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  asked = createServer((request, response) => {
    request.resume();
    response.writeHead(307, { location: `${addressOf(elsewhere)}${request.url}?key=of-another` }).end();
  });
  await once(asked.listen(0, '127.0.0.1'), 'listening');
});

afterAll(() => {
  for (const server of [asked, elsewhere]) {
    server.close();
    server.closeAllConnections();
  }
});

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

it.each([
  [['get', 'deployments']],
  [['events', '--follow']],
  [['reconcile', 'Deployment/production/bird-strike']],
  [['jobs', 'result', 'a1']],
])('what is meant for a platform goes nowhere else, of %j', async (words) => {
  const environment = { SWITCHYARD_API_TOKEN: 'hunter2' };
  const { status, err } = await run([...words, '--api', addressOf(asked)], { folder: tmpdir(), environment });
  expect([status, err]).toEqual([1, expect.stringContaining('code: RedirectRefused')]);
  expect(err).toContain(`what answers there sends on to ${addressOf(elsewhere)}\n`);
  expect(heard).toEqual([]);
});
