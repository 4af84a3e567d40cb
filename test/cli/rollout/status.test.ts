import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git } from '../../fixtures/registry.ts';
import { run as runIn } from '../run.ts';

/** What a look at the deployment meets: an answer, or a platform that is just being started anew. */
let looks: ('walking' | 'away' | 'served' | 'rolledBack')[];
let server: Server;
let api: string;

const conditionsOf = {
  walking: [
    { type: 'Ready', status: 'True', reason: 'Serving', message: '1.0.0 answers' },
    { type: 'Progressing', status: 'True', reason: 'RollingOut', message: 'step 1 of 2' },
  ],
  served: [{ type: 'Ready', status: 'True', reason: 'Serving', message: '1.1.0 answers' }],
  rolledBack: [{ type: 'Ready', status: 'False', reason: 'RolledBack', message: '1.0.0 answers' }],
};

function deployment(look: keyof typeof conditionsOf) {
  return {
    ref: 'Deployment/production/bird-strike',
    kind: 'Deployment',
    metadata: { name: 'bird-strike', environment: 'production' },
    digest: 'd',
    issues: [],
    status: { conditions: conditionsOf[look], observedDigest: 'd', suspended: false, facts: {} },
  };
}

beforeEach(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (pathname.endsWith('/head'))
      return response.end(JSON.stringify({ repository: '/elsewhere/b', commit: null, applied: null }));
    if (pathname.endsWith('/kinds')) {
      return response.end(
        JSON.stringify({ items: [{ kind: 'Deployment', plural: 'deployments', scope: 'environment' }] }),
      );
    }
    if (pathname.endsWith('/resources')) {
      return response.end(JSON.stringify({ items: [deployment('walking')] }));
    }
    const look = looks.shift() ?? expect.fail('nobody should look any more');
    if (look === 'away') return request.socket.destroy();
    return response.end(JSON.stringify(deployment(look)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

const status = (...words: string[]) =>
  runIn(['rollout', 'status', 'production/bird-strike', '--api', api, ...words], { folder: tmpdir() });

describe('switchyard rollout status', () => {
  it('goes on watching while the control process is started anew', async () => {
    looks = ['walking', 'away', 'served'];
    const { status: code, out, err } = await status('--watch');
    expect(err).toBe('');
    expect(out).toContain('1.1.0 answers');
    expect(code).toBe(0);
    expect(looks).toEqual([]);
  });

  it('says by its exit status that a rollout was rolled back', async () => {
    looks = ['rolledBack'];
    expect((await status('--watch')).status).toBe(1);
  });

  it('says whose registry it is, to whoever stands in another one', async () => {
    looks = ['served', 'served'];
    const registry = await mkdtemp(join(tmpdir(), 'switchyard-registry-'));
    git(registry, 'init', '-q');
    const words = ['rollout', 'status', 'production/bird-strike', '--api', api];
    const { err, out } = await runIn(words, { folder: registry });
    expect(out).toContain('1.1.0 answers');
    expect(err).toContain('another registry');
    expect(err).toContain('/elsewhere/b');
    git(registry, 'remote', 'add', 'origin', '/elsewhere/b');
    expect((await runIn(words, { folder: registry })).err).toBe('');
    await rm(registry, { recursive: true });
  });

  it('does not wait for a platform where it is to look once', async () => {
    looks = ['away'];
    const { status: code, err } = await status();
    expect(err).toContain('ServerUnreachable');
    expect(code).toBe(3);
  });
});
