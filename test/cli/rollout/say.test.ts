import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mailbox } from '../../../plugins/rollout/mailbox.ts';
import { rolloutRoutes } from '../../../plugins/rollout/routes.ts';
import { answerError } from '../../../server/api/error-answer.ts';
import { HandMadeProposer } from '../../fixtures/hand-made-proposer.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';
import { run } from '../run.ts';

let world: RolloutWorld;
let proposer: HandMadeProposer;
let server: Server;
let api: string;

/** The plugin's own routes over HTTP, and a deployment that is looked at whenever somebody speaks to it. */
beforeEach(async () => {
  world = new RolloutWorld();
  proposer = new HandMadeProposer();
  world.proposer = proposer;
  world.restart();
  const mailbox = new Mailbox((ref) => {
    queueMicrotask(() => {
      world.letters.push(...mailbox.take(ref));
      void world.reconcile();
    });
  });
  const routes = rolloutRoutes({
    mailbox,
    machine: { runs: () => true },
    isKnown: () => true,
    now: () => world.clock.now(),
  });
  const deployment = {
    ref: world.deployment.ref,
    kind: 'Deployment',
    metadata: world.deployment.metadata,
    digest: 'd',
    issues: [],
  };
  server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const piece of incoming) body += piece;
    const { pathname } = new URL(incoming.url ?? '', 'http://localhost');
    outgoing.setHeader('content-type', 'application/json');
    if (pathname.endsWith('/kinds')) {
      const items = [{ kind: 'Deployment', plural: 'deployments', scope: 'environment' }];
      return outgoing.end(JSON.stringify({ items }));
    }
    if (pathname.endsWith('/resources')) return outgoing.end(JSON.stringify({ items: [deployment] }));
    const request = new Request('http://localhost/', { method: 'POST', body });
    const path = pathname.slice('/plugins/rollout/'.length);
    const response = await routes(request, path).catch((error: unknown) =>
      answerError(error, recordingLog(), path),
    );
    outgoing.writeHead(response?.status ?? 404).end(await response?.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const ada = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' };
const committer = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' };
const rollout = (verb: string, ...words: string[]) =>
  run(['rollout', verb, 'production/bird-strike', ...words, '--api', api], {
    folder: tmpdir(),
    environment: { PATH: process.env.PATH, USER: 'root', ...ada, ...committer },
  });

describe('switchyard rollout', () => {
  it('has an abort in the journal under the name that commits have, and tries the version again only for who answers for it', async () => {
    world.declare({ strategy: { canary: { steps: [{ setWeight: 10 }, { pause: {} }] } } });
    await world.deploy('1.0.0');
    await world.deploy('1.1.0');
    expect(await rollout('abort', '--reason', 'wrong in fog')).toEqual({
      status: 0,
      out: 'production/bird-strike: traffic goes back to 1.0.0\n',
      err: '',
    });
    expect(world.journal.find(({ type }) => type === 'rollout.abort')).toMatchObject({
      message: expect.stringContaining('Ada <ada@example.org>: abort production/bird-strike'),
      data: { by: 'Ada <ada@example.org>', reason: 'wrong in fog' },
    });
    const retried = await rollout('retry');
    expect(retried).toMatchObject({ status: 1, out: '' });
    expect(retried.err).toContain('cannot retry: proposal 1 asks for its quarantine: close it');
    expect(retried.err).toContain('RolloutCommandRefused');
    proposer.end(1, 'closed');
    expect((await rollout('retry')).err).toContain('was closed: accept-risk says why');
    expect((await rollout('accept-risk')).err).toContain('--reason');
    expect(await rollout('accept-risk', '--reason', 'the fog was wrong')).toMatchObject({
      status: 0,
      out: 'production/bird-strike: the risk of 1.1.0 is accepted: it is tried again from its first step\n',
    });
  });
});
