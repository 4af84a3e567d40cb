import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VersionState, VersionToServe } from '../../../../core/capabilities/serving-runtime.ts';
import { canMount } from '../../../fixtures/mounting.ts';
import { until } from '../../../fixtures/until.ts';
import { Peer } from '../peer.ts';
import { desired, ServingWorld } from '../world.ts';

const signal = new AbortController().signal;
let world: ServingWorld;
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  world = new ServingWorld();
  await world.start();
});
afterEach(async () => {
  await world.close();
  for (const close of closers.splice(0)) await close();
});

async function served(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  closers.push(
    () =>
      new Promise((settle) => {
        server.closeAllConnections();
        server.close(() => settle());
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function remote(uri: string, bytes: Uint8Array): VersionToServe {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { ...world.version('1.0.0'), artifact: { uri, digest, size: bytes.length } };
}

async function stateWhere(
  version: VersionToServe,
  condition: (state: VersionState) => boolean,
  where = world,
): Promise<VersionState> {
  let state: VersionState | undefined;
  await until(async () => {
    state = (await where.runtime.serve(desired([version]), signal)).versions[version.version];
    return state !== undefined && condition(state);
  });
  return state as VersionState;
}

const model = Buffer.alloc(100_000, 7);

describe('an artifact that does not come as declared', () => {
  test('with another digest is a final failure, and nothing of it stays', async () => {
    const uri = await served((_request, response) => void response.end(Buffer.alloc(100_000, 8)));
    const state = await stateWhere(remote(uri, model), ({ phase }) => phase === 'failed');
    expect(state).toMatchObject({ reason: 'DigestMismatch', retryable: false });
    expect(existsSync(world.paths.table)).toBe(false);
  });

  test('larger than declared is a final failure', async () => {
    const uri = await served((_request, response) => void response.end(Buffer.alloc(100_001, 7)));
    const state = await stateWhere(remote(uri, model), ({ phase }) => phase === 'failed');
    expect(state).toMatchObject({ reason: 'ArtifactTooLarge', retryable: false });
  });

  test('that is not there is a final failure, until the manifest names another place', async () => {
    const uri = await served((request, response) => {
      if (request.url === '/right') response.end(model);
      else response.writeHead(404).end();
    });
    const wrong = await stateWhere(remote(`${uri}/wrong`, model), ({ phase }) => phase === 'failed');
    expect(wrong).toMatchObject({ reason: 'ArtifactMissing', retryable: false });
    const right = await stateWhere(remote(`${uri}/right`, model), ({ phase }) => phase === 'loading');
    expect(right.reason).toBe('NoInferenceProcess');
  });

  test('that breaks off is fetched again by itself, and its owner is woken', async () => {
    let asked = 0;
    const uri = await served((_request, response) => {
      asked++;
      if (asked > 2) return void response.end(model);
      response.writeHead(200, { 'content-length': model.length });
      response.write(model.subarray(0, 50_000), () => response.destroy());
    });
    const version = remote(uri, model);
    const broken = await stateWhere(version, ({ phase }) => phase === 'failed');
    expect(broken).toMatchObject({ reason: 'ArtifactUnreachable', retryable: true });
    await until(() => asked === 3);
    await until(() => existsSync(world.paths.table));
    expect(world.woken).toContain('Deployment/production/bird-strike');
  });

  test('from a store that does not exist is an error that lists those there are', async () => {
    const version = {
      ...world.version('1.0.0'),
      artifact: { ...world.version('1.0.0').artifact, uri: 'ftp://b/k' },
    };
    await expect(world.runtime.serve(desired([version]), signal)).rejects.toMatchObject({
      code: 'ProviderMissing',
    });
    const none = { ...version, artifact: { ...version.artifact, uri: '//nowhere' } };
    await expect(world.runtime.serve(desired([none]), signal)).rejects.toMatchObject({
      code: 'ArtifactSchemeMissing',
    });
  });

  test('is not fetched any further once nobody wants it', async () => {
    let isAsked = false;
    let isClosed = false;
    const uri = await served((_request, response) => {
      response.writeHead(200, { 'content-length': model.length });
      response.write('begin');
      isAsked = true;
      response.on('close', () => {
        isClosed = true;
      });
    });
    await world.runtime.serve(desired([remote(uri, model)]), signal);
    await until(() => isAsked);
    await world.runtime.serve(desired([world.version('2.0.0')]), signal);
    await until(() => isClosed);
  });
});

describe('a server of artifacts that hangs', () => {
  const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;

  /** A world that has little patience. */
  async function impatient(settings: Readonly<Record<string, unknown>> = {}): Promise<ServingWorld> {
    const own = new ServingWorld(settings, { connectTimeoutMs: 200, idleTimeoutMs: 200 });
    await own.start();
    closers.push(() => own.close());
    return own;
  }

  test.each([
    ['takes the connection and says nothing', [], 'no answer within 200 ms'],
    ['stops in the middle', [50_000], 'nothing came for 200 ms'],
  ])('and %s is given up, said so, and asked for the rest', async (_, [sent], said) => {
    const ranges: unknown[] = [];
    const uri = await served((request, response) => {
      ranges.push(request.headers.range);
      const headers = { etag: '"one"', 'content-length': model.length };
      if (ranges.length > 1) {
        if (sent === undefined) return void response.end(model);
        const part = `bytes ${sent}-${model.length - 1}/${model.length}`;
        const rest = { ...headers, 'content-length': model.length - sent, 'content-range': part };
        response.writeHead(206, rest).end(model.subarray(sent));
      } else if (sent !== undefined) response.writeHead(200, headers).write(model.subarray(0, sent));
    });
    const own = await impatient();
    const version = remote(uri, model);
    const fetching = await stateWhere(version, () => true, own);
    expect(fetching.message).toMatch(new RegExp(`^fetching 100000 bytes since ${time}$`));
    const failed = await stateWhere(version, ({ phase }) => phase === 'failed', own);
    expect(failed).toMatchObject({ reason: 'ArtifactUnreachable', retryable: true });
    expect(failed.message).toMatch(new RegExp(`${said}.*; it fails since ${time}, and is tried again$`));
    await until(() => existsSync(own.paths.table));
    expect(ranges).toEqual([undefined, sent && `bytes=${sent}-`]);
  });

  test('keeps others waiting where it has the only turn, and they say so', async () => {
    const uri = await served((request, response) => {
      if (request.url === '/2') response.end(model);
    });
    const own = await impatient({ downloads: 1 });
    const [hangs, waits] = [remote(`${uri}/1`, Buffer.alloc(10)), remote(`${uri}/2`, model)];
    const both = desired([hangs, { ...waits, version: '2.0.0' }]);
    const { versions } = await own.runtime.serve(both, signal);
    expect(versions['2.0.0']).toMatchObject({
      phase: 'fetching',
      message: 'waits until others are fetched: as many downloads are under way as may be',
    });
    await until(async () => (await own.runtime.serve(both, signal)).versions['2.0.0']?.phase === 'loading');
  });
});

describe('an artifact that two versions declare', () => {
  /** The same content, as another model has it. */
  const ofOther = (version: VersionToServe): VersionToServe => ({
    ...version,
    resource: { ...version.resource, ref: 'ModelVersion/other/1.0.0' },
  });
  const serve = async (name: string, versions: readonly VersionToServe[]) => {
    const status = await world.runtime.serve(desired(versions, { name }), signal);
    return status.versions[versions[0]!.version]!;
  };

  test('at two places that both fail is asked for no more often than at one', async () => {
    const asked: (string | undefined)[] = [];
    const uri = await served((request, response) => {
      asked.push(request.url);
      response.writeHead(500).end();
    });
    const [one, other] = [remote(`${uri}/one`, model), ofOther(remote(`${uri}/other`, model))];
    for (const end = performance.now() + 1_500; performance.now() < end; await sleep(10)) {
      await serve('one', [one]);
      await serve('other', [other]);
    }
    expect(new Set(asked)).toEqual(new Set(['/one', '/other']));
    expect(asked.length).toBeLessThan(6);
  });

  test('is fetched from where it is, though the other place has none', async () => {
    const uri = await served((request, response) => {
      if (request.url === '/right') response.end(model);
      else response.writeHead(404).end();
    });
    const wrong = ofOther(remote(`${uri}/wrong`, model));
    await until(async () => (await serve('wrong', [wrong])).phase === 'failed');
    await until(async () => (await serve('right', [remote(`${uri}/right`, model)])).phase === 'loading');
    expect(await serve('wrong', [wrong])).toMatchObject({ phase: 'loading' });
  });

  test('is fetched from one place to its end, though another is named meanwhile', async () => {
    const begun: ServerResponse[] = [];
    const uri = await served((_request, response) => {
      response.writeHead(200, { 'content-length': model.length });
      response.write(model.subarray(0, 50_000));
      begun.push(response);
    });
    const [one, other] = [remote(`${uri}/one`, model), ofOther(remote(`${uri}/other`, model))];
    await serve('one', [one]);
    await until(() => begun.length === 1);
    for (let time = 0; time < 5; time++) {
      await serve('other', [other]);
      await serve('one', [one]);
      await sleep(20);
    }
    expect(begun.map(({ closed }) => closed)).toEqual([false]);
    begun[0]!.end(model.subarray(50_000));
    await until(async () => (await serve('other', [other])).phase === 'loading');
    expect(await serve('one', [one])).toMatchObject({ phase: 'loading' });
  });

  test('with another size by one of them fails for that one alone', async () => {
    let asked = 0;
    const uri = await served((_request, response) => {
      asked++;
      response.end(model);
    });
    const right = remote(`${uri}/right`, model);
    const wrong = ofOther({ ...right, artifact: { ...right.artifact, uri: `${uri}/wrong`, size: 99_999 } });
    await until(async () => (await serve('right', [right])).phase === 'loading');
    await until(async () => (await serve('wrong', [wrong])).phase === 'failed');
    for (let time = 0; time < 5; time++) {
      expect(await serve('right', [right])).toMatchObject({ phase: 'loading' });
      expect(await serve('wrong', [wrong])).toMatchObject({ phase: 'failed', reason: 'ArtifactTooLarge' });
    }
    expect(asked).toBe(2);
  });

  test('stays for who begins to want it while the other ceases to', async () => {
    const [shared, next] = [world.version('1.0.0'), world.version('2.0.0')];
    await until(async () => (await serve('one', [shared])).phase === 'loading');
    const [, state] = await Promise.all([serve('one', [next]), serve('other', [shared, next])]);
    expect(state).toMatchObject({ phase: 'loading', reason: 'NoInferenceProcess' });
  });

  test('and that went bad is fetched anew from the store of its own place', async () => {
    const uri = await served((_request, response) => void response.end(model));
    const here = world.version('1.0.0', model);
    const there = ofOther({ ...here, artifact: { ...here.artifact, uri } });
    const peer = await Peer.connect(world.paths.socket, '0');
    await until(async () => (await serve('there', [there])).phase !== 'fetching');
    await serve('here', [here]);
    const table = await peer.tableWhere(({ deployments }) => deployments.length === 2);
    const before = table.deployments[0]?.versions[0]?.path;
    peer.hold(table, 'failed', { reason: 'DigestMismatch', message: 'it has another digest' });
    peer.report();
    const repaired = await peer.tableWhere(({ deployments }) =>
      deployments.every(({ versions }) => versions[0]?.path !== before),
    );
    expect(readFileSync(repaired.deployments[0]?.versions[0]?.path ?? '')).toEqual(model);
  });
});

describe('a file in the cache that went bad', () => {
  test('is fetched anew once, under another path, at which processes try again', async () => {
    const version = world.version('1.0.0');
    const peer = await Peer.connect(world.paths.socket, '0');
    await world.runtime.serve(desired([version]), signal);
    const table = await peer.tableWhere(({ deployments }) => deployments.length === 1);
    const before = table.deployments[0]?.versions[0]?.path ?? '';
    peer.hold(table, 'failed', { reason: 'DigestMismatch', message: 'it has another digest' });
    peer.report();
    const repaired = await peer.tableWhere(({ deployments }) => deployments[0]?.versions[0]?.path !== before);
    const after = repaired.deployments[0]?.versions[0]?.path ?? '';
    expect(existsSync(before)).toBe(false);
    expect(readFileSync(after, 'utf8')).toBe('model 1.0.0');

    peer.hold(repaired, 'failed', { reason: 'DigestMismatch', message: 'it has another digest' });
    peer.report();
    const state = await stateWhere(version, ({ phase }) => phase === 'failed');
    expect(state).toMatchObject({ reason: 'DigestMismatch', retryable: false });
    expect(peer.table).toEqual(repaired);
    expect(await world.metrics()).toContain('switchyard_artifacts_repaired_total 1\n');
  });
});

test('no more artifacts are fetched at once than the operator allows', async () => {
  const own = new ServingWorld({ downloads: 1 });
  await own.start();
  closers.push(() => own.close());
  const events: string[] = [];
  const uri = await served((request, response) => {
    events.push(`asked ${request.url}`);
    setTimeout(() => {
      events.push(`answered ${request.url}`);
      response.end(request.url === '/1' ? model : Buffer.alloc(100_000, 8));
    }, 100);
  });
  const [one, two] = [remote(`${uri}/1`, model), remote(`${uri}/2`, Buffer.alloc(100_000, 8))];
  await until(async () => {
    await own.runtime.serve(desired([one, { ...two, version: '2.0.0' }]), signal);
    return events.length === 4;
  });
  expect(events).toEqual(['asked /1', 'answered /1', 'asked /2', 'answered /2']);
});

describe('a full disk', () => {
  test.skipIf(!canMount())(
    '(needs root and mount) is told, and what is needed no more makes room',
    async () => {
      const disk = join(world.folder, 'serving');
      await world.stop();
      mkdirSync(disk, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
      try {
        await world.start();
        const peer = await Peer.eager(world.paths.socket, '0');
        const large = (name: string, size: number) => world.version(name, name.padEnd(size, '.'));
        const serve = (version: VersionToServe) =>
          until(async () => (await world.runtime.serve(desired([version]), signal)).routed);
        await serve(large('1.0.0', 700_000));
        const tooMuch = large('2.0.0', 700_000);
        const state = await stateWhere(tooMuch, ({ phase }) => phase === 'failed');
        expect(state).toMatchObject({
          reason: 'DiskFull',
          retryable: true,
          message: expect.stringContaining(disk),
        });
        expect(peer.table?.deployments[0]?.variants[0]?.version).toBe('1.0.0');

        // The first one fits no more beside the third, but by then nobody needs it.
        await serve(large('0.1.0', 1_000));
        await serve(large('3.0.0', 700_000));

        // Now not even the table fits. What is served changes all the same, and the table is written when there is room.
        execFileSync('mount', ['-o', 'remount,size=724k', disk]);
        execFileSync('sh', ['-c', `dd if=/dev/zero of=${disk}/filler bs=1k count=400 2>/dev/null || true`]);
        const asked = desired([large('3.0.0', 700_000)], { limits: { maxQueue: 7, timeoutMs: 1000 } });
        await until(async () => (await world.runtime.serve(asked, signal)).routed);
        expect(peer.table?.deployments[0]?.limits.maxQueue).toBe(7);
        await until(
          async () => (await (await world.get('table'))?.text())?.startsWith('{"persisted":false') === true,
        );
        expect(
          world.log.lines.some(({ facts }) => (facts as { code?: string }).code === 'TableNotWritten'),
        ).toBe(true);
        execFileSync('rm', [`${disk}/filler`]);
        await until(
          async () => (await (await world.get('table'))?.text())?.startsWith('{"persisted":true') === true,
        );
        expect(JSON.parse(readFileSync(world.paths.table, 'utf8'))).toEqual(peer.table);
      } finally {
        await world.stop();
        execFileSync('umount', [disk]);
      }
    },
  );
});
