import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRegistry } from '../../../cli/init/make-registry.ts';
import { removeRunFile, writeRunFile } from '../../../server/run-file.ts';
import { git } from '../../fixtures/registry.ts';
import { run } from '../run.ts';

/** A registry, and the only platform that runs on this machine, of whichever registry `head` says. */
const folder = mkdtempSync(join(tmpdir(), 'switchyard-other-'));
const registry = join(folder, 'a');
const dataFolder = join(folder, 'data');
const environment = { XDG_STATE_HOME: folder, HOME: folder };
const switchedAt = new Date(Date.now() - 1_000).toISOString();
let head: { repository: string; commit: string; applied: string };
let server: Server;
let api: string;

beforeAll(async () => {
  await makeRegistry(registry, 'test');
  mkdirSync(dataFolder);
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (pathname === '/api/v1/head') return response.end(JSON.stringify(head));
    const isSwitch = searchParams.get('type') === 'deployment.switched';
    const data = { model: 'bird-strike', to: '1.0.0' };
    const ref = 'Deployment/production/bird-strike';
    const entry = isSwitch
      ? { sequence: 2, time: switchedAt, type: 'deployment.switched', ref, commit: head.applied, data }
      : {
          sequence: 1,
          time: switchedAt,
          type: 'snapshot.applied',
          ref: null,
          commit: head.applied,
          data: {},
        };
    response.end(JSON.stringify({ items: [entry] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeRunFile(
    {
      pid: process.pid,
      startedAt: switchedAt,
      repository: join(folder, 'b'),
      reference: 'main',
      api,
      inference: api,
      dataFolder,
    },
    environment,
  );
}, 60_000);
afterAll(async () => {
  server.close();
  await removeRunFile(dataFolder, environment);
  rmSync(folder, { recursive: true, force: true });
});

const other = () => ({ repository: join(folder, 'b'), commit: 'b'.repeat(40), applied: 'b'.repeat(40) });
const ask = (...words: string[]) => run(words, { folder: registry, environment });
const of = ['--env', 'production'];

describe.each([
  ['at', ['at', 'now', ...of], 'deployments'],
  ['why', ['why', 'bird-strike', ...of], 'answers'],
])('switchyard %s, while the only platform on this machine runs another registry', (_, words, list) => {
  it('tells none of what that one did', async () => {
    head = other();
    const { out, err, status } = await ask(...words, '-o', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(out)[list]).toMatchObject([{ version: '1.0.0', switchedAt: null }]);
    expect(err).toContain(
      `runs another registry than that of ${registry}: ${join(folder, 'b')}. It was not asked`,
    );
    expect((await ask(...words, '--offline')).err).toBe('');
  });

  it('asks it where --api names it, and says whose it is', async () => {
    head = other();
    const { out, err } = await ask(...words, '--api', api, '-o', 'json');
    expect(JSON.parse(out)[list]).toMatchObject([{ switchedAt }]);
    expect(err).toContain(join(folder, 'b'));
    const told = (await ask(...words, '--api', api)).out;
    expect(told).toContain('when traffic moved is by the platform’s journal');
    expect(told).not.toMatch(/Git alone|no journal/);
  });

  it('asks a platform that runs the same registry from elsewhere', async () => {
    const commit = git(registry, 'rev-parse', 'HEAD');
    head = { repository: 'https://git.example.com/a.git', commit, applied: commit };
    const { out, err } = await ask(...words, '-o', 'json');
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ source: 'journal', [list]: [{ switchedAt }] });
  });
});
