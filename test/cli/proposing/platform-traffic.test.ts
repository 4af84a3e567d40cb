import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withPlatformTraffic } from '../../../cli/proposing/platform-traffic.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import type { ShownProposal } from '../../../plugins/proposals/proposals.ts';
import { writeRunFile } from '../../../server/run-file.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';

const touched = ['Deployment/production/bird-strike'];
const traffic = {
  requests: 10,
  touched: [{ ref: 'Deployment/production/bird-strike', requests: 7 }],
  from: '2026-01-05T11:00:00.000Z',
  to: '2026-01-05T12:00:00.000Z',
};

function shown(of: typeof traffic | null, base = 'b'): ShownProposal {
  const environments = [{ name: 'production', touched, deployments: 2, isDefault: true, traffic: of }];
  const judgement = { number: 7, head: 'a', base, blastRadius: { environments } };
  return { proposal: {}, reviews: [], judgement } as unknown as ShownProposal;
}

let folder: ReturnType<typeof temporaryFolder>;
let server: Server;
let api: string;
let asked: string[];
/** What the platform says of the proposal; undefined: it fails. */
let there: ShownProposal | undefined;

beforeEach(async () => {
  folder = temporaryFolder();
  asked = [];
  there = shown(traffic);
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.statusCode = there === undefined ? 500 : 200;
    response.end(JSON.stringify(there ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  folder.remove();
});

function terminal(environment: Readonly<Record<string, string>> = {}): Terminal {
  const signal = new AbortController().signal;
  return { signal, environment: { XDG_STATE_HOME: folder.path, ...environment } } as unknown as Terminal;
}

describe('what a running platform counts', () => {
  const root = '/nowhere/registry';
  const running = (repository: string) =>
    writeRunFile(
      {
        pid: process.pid,
        startedAt: '2026-01-05T00:00:00Z',
        repository,
        reference: 'refs/heads/main',
        api,
        inference: api,
        dataFolder: folder.path,
      },
      terminal().environment,
    );

  it('is shown by the command, where that platform runs the same registry', async () => {
    await running(root);
    expect(await withPlatformTraffic(shown(null), root, terminal())).toEqual(shown(traffic));
    expect(asked).toEqual(['/plugins/proposals/proposals/7']);
  });

  it('is shown where SWITCHYARD_API names the platform', async () => {
    expect(await withPlatformTraffic(shown(null), root, terminal({ SWITCHYARD_API: api }))).toEqual(
      shown(traffic),
    );
  });

  it('is not shown of another base, another registry, or by a platform that fails', async () => {
    await running('/nowhere/another');
    expect(await withPlatformTraffic(shown(null), root, terminal())).toEqual(shown(null));
    expect(asked).toEqual([]);
    await running(root);
    expect(await withPlatformTraffic(shown(null, 'c'), root, terminal())).toEqual(shown(null, 'c'));
    there = undefined;
    expect(await withPlatformTraffic(shown(null), root, terminal())).toEqual(shown(null));
    expect(asked).toHaveLength(2);
  });
});
