import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run as runIn } from '../run.ts';

const ready = { type: 'Ready', status: 'True', reason: 'Serving', message: '1.0.0 answers' };
const delayed = {
  type: 'Degraded',
  status: 'True',
  reason: 'RolloutDelayed',
  message: '1.1.0 cannot be fetched',
};

let conditions: readonly object[];
let server: Server;
let api: string;

beforeEach(async () => {
  const commit = 'c'.repeat(40);
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const answers: Record<string, object> = {
      head: { repository: '/registry', reference: 'refs/heads/main', commit, applied: commit },
      issues: { items: [] },
      resources: {
        items: [
          {
            ref: 'Deployment/dev/bird-strike',
            kind: 'Deployment',
            metadata: { name: 'bird-strike', environment: 'dev' },
            digest: 'd',
            issues: [],
            status: { conditions, observedDigest: 'd', suspended: false, facts: {} },
          },
        ],
      },
    };
    const answer = answers[pathname.split('/').at(-1) ?? ''];
    response.statusCode = answer === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

const status = (...words: string[]) => runIn(['status', '--api', api, ...words], { folder: tmpdir() });

describe('switchyard status', () => {
  it('names what is ready and yet not all that is declared, and is not content with it', async () => {
    conditions = [ready, delayed];
    const { status: code, out } = await status();
    expect(out).toMatch(/1 in all, 1 ready, 1 degraded/);
    expect(out).toMatch(
      /DEGRADED +REASON +MESSAGE\nDeployment\/dev\/bird-strike +RolloutDelayed +1\.1\.0 cannot be fetched\n/,
    );
    expect(code).toBe(1);
    const { degraded } = JSON.parse((await status('-o', 'json')).out) as { degraded: unknown };
    expect(degraded).toEqual([
      { ref: 'Deployment/dev/bird-strike', reason: delayed.reason, message: delayed.message },
    ]);
  });

  it('tells of what is neither ready nor all that is declared once, as not ready', async () => {
    conditions = [{ ...ready, status: 'False', reason: 'ModelFailed', message: 'it ended' }, delayed];
    const { status: code, out } = await status();
    expect(out).toContain('NOT READY');
    expect(out).not.toContain('DEGRADED');
    expect(code).toBe(1);
  });

  it('is content with what is on its way', async () => {
    conditions = [ready, { ...delayed, type: 'Progressing', reason: 'RollingOut', message: 'step 1 of 2' }];
    expect(await status()).toMatchObject({ status: 0, out: expect.stringContaining('1 progressing') });
  });
});
