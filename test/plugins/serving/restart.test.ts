import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredServing } from '../../../core/capabilities/serving-runtime.ts';
import { until } from '../../fixtures/until.ts';
import { Peer } from './peer.ts';
import { desired, ServingWorld } from './world.ts';

const signal = new AbortController().signal;
let world: ServingWorld;

beforeEach(async () => {
  world = new ServingWorld({ processes: 1 });
  await world.start();
});
afterEach(() => world.close());

const names = (table: { deployments: readonly { name: string }[] } | undefined) =>
  table?.deployments.map(({ name }) => name);

function named(name: string, ...versions: string[]): DesiredServing {
  return desired(
    versions.map((version) => world.version(version)),
    { name },
  );
}

async function routed(asked: DesiredServing): Promise<void> {
  await until(async () => (await world.runtime.serve(asked, signal)).routed);
}

/** Two deployments that answer; then control is stopped. */
async function twoServedThenStopped(): Promise<Peer> {
  const peer = await Peer.eager(world.paths.socket, '0');
  await routed(named('first', '1.0.0'));
  await routed(named('second', '1.0.0'));
  await world.stop();
  await until(() => peer.isClosed);
  return peer;
}

describe('a control process that begins from the table', () => {
  test('never publishes less than what answers, whatever is asked first', async () => {
    const before = await twoServedThenStopped();
    await world.start();
    const peer = await Peer.connect(world.paths.socket, '0', (again) => {
      again.adopt(before.table ?? fail());
      again.isEager = true;
    });
    await routed(named('second', '2.0.0', '1.0.0'));
    expect(peer.tables.map(names)).toEqual(peer.tables.map(() => ['first', 'second']));
    expect(peer.table?.defaultEnvironment).toBe('production');
    await routed(named('first', '1.0.0'));
    expect(peer.table?.revision).toBeGreaterThan(before.table?.revision ?? fail());
  });

  test('finds the same state ready again without publishing anything', async () => {
    const before = await twoServedThenStopped();
    await world.start();
    const peer = await Peer.connect(world.paths.socket, '0', (again) => again.adopt(before.table ?? fail()));
    await routed(named('first', '1.0.0'));
    await routed(named('second', '1.0.0'));
    expect(peer.tables).toEqual([]);
  });

  test('takes away what is asked to stop, also when it never served it itself', async () => {
    const before = await twoServedThenStopped();
    await world.start();
    const peer = await Peer.connect(world.paths.socket, '0', (again) => {
      again.adopt(before.table ?? fail());
      again.isEager = true;
    });
    await until(
      async () => (await world.runtime.serve(named('second', '1.0.0'), signal)).processes.ready === 1,
    );
    expect(await world.runtime.stop('production', 'first')).toEqual({ stopped: false });
    await until(async () => (await world.runtime.stop('production', 'first')).stopped);
    expect(peer.tables.map(names)).toEqual([['second']]);
  });

  test('keeps artifacts of deployments that nobody has asked for yet', async () => {
    await world.close();
    world = new ServingWorld({ cacheSize: 0, processes: 1 });
    await world.start();
    const before = await twoServedThenStopped();
    await world.start();
    const peer = await Peer.connect(world.paths.socket, '0', (again) => {
      again.adopt(before.table ?? fail());
      again.isEager = true;
    });
    await routed(named('second', '3.0.0'));
    await until(() => peer.table?.deployments[1]?.versions.length === 1);
    for (const { versions } of peer.table?.deployments ?? []) {
      for (const { path } of versions) expect(existsSync(path)).toBe(true);
    }
  });
});

describe('a control process that begins while inference processes answer by an earlier table', () => {
  const asked = () => named('first', '2.0.0', '1.0.0');

  /** Control restarts while two processes answer with 1.0.0; the first of them is back, the other not yet. */
  async function oneOfTwoIsBack() {
    await world.close();
    world = new ServingWorld({ processes: 2 });
    await world.start();
    const peers = [await Peer.eager(world.paths.socket, '0'), await Peer.eager(world.paths.socket, '1')];
    await routed(named('first', '1.0.0'));
    await world.stop();
    await until(() => peers.every(({ isClosed }) => isClosed));
    await world.start();
    const table = peers[0]?.table ?? fail();
    const back = (id: string) =>
      Peer.connect(world.paths.socket, id, (peer) => {
        peer.adopt(table);
        peer.isEager = true;
      });
    return { back, first: await back('0') };
  }

  const answersWith = (peer: Peer) => peer.table?.deployments[0]?.variants.map(({ version }) => version);

  test('moves no traffic until the other is back, and then at once', async () => {
    const { back, first } = await oneOfTwoIsBack();
    await world.runtime.serve(asked(), signal);
    await until(() => first.table?.deployments[0]?.versions.length === 2);
    first.report();
    await until(
      async () => (await world.runtime.serve(asked(), signal)).versions['2.0.0']?.phase === 'ready',
    );
    expect((await world.runtime.serve(asked(), signal)).routed).toBe(false);
    expect(answersWith(first)).toEqual(['1.0.0']);
    expect((await world.runtime.stop('production', 'unknown')).stopped).toBe(false);
    const second = await back('1');
    await routed(asked());
    expect(answersWith(second)).toEqual(['2.0.0']);
  });

  test('wakes the owner and goes on without the other where that does not come back', async () => {
    const { first } = await oneOfTwoIsBack();
    await world.runtime.serve(named('first', '1.0.0'), signal);
    await until(
      async () => (await world.runtime.serve(named('first', '1.0.0'), signal)).processes.ready === 1,
    );
    expect((await world.runtime.serve(named('first', '1.0.0'), signal)).routed).toBe(false);
    world.woken.length = 0;
    await until(() => world.woken.includes('Deployment/production/first'));
    expect((await world.runtime.serve(named('first', '1.0.0'), signal)).routed).toBe(true);
    expect(first.tables).toEqual([]);
  });
});

describe('a table that was lost', () => {
  test.each([
    [
      'cut short',
      () => writeFileSync(world.paths.table, readFileSync(world.paths.table, 'utf8').slice(0, -20)),
    ],
    ['overwritten', () => writeFileSync(world.paths.table, '{"format":1,"revision":"x"}')],
    ['deleted', () => rmSync(world.paths.table)],
  ])('%s: processes keep what they answer with until all of it is asked for again', async (what, harm) => {
    const before = await twoServedThenStopped();
    harm();
    await world.start();
    if (what !== 'deleted') {
      expect(existsSync(`${world.paths.table}.broken`)).toBe(true);
      expect(
        world.log.lines.some(({ level, message }) => level === 'error' && /made anew/.test(message)),
      ).toBe(true);
    }
    const peer = await Peer.connect(world.paths.socket, '0', (again) => {
      again.adopt(before.table ?? fail());
      again.isEager = true;
    });
    await world.runtime.serve(named('second', '1.0.0'), signal);
    await until(() => existsSync(world.paths.table));
    peer.report();
    await world.runtime.serve(named('first', '1.0.0'), signal);
    await routed(named('first', '1.0.0'));
    await routed(named('second', '1.0.0'));
    await peer.tableWhere(({ revision }) => revision > (before.table?.revision ?? fail()));
    expect(peer.tables.map((table) => names(table)?.toSorted())).toEqual(
      peer.tables.map(() => ['first', 'second']),
    );
  });
});

describe('deployments that nothing declares', () => {
  const status = (name: string) =>
    world.events.emit('resource.status', {
      ref: `Deployment/production/${name}`,
      status: { ref: `Deployment/production/${name}`, conditions: [], observedDigest: '', suspended: false },
    });

  test('are taken away once everything declared was looked at, but not the suspended', async () => {
    const peer = await Peer.eager(world.paths.socket, '0');
    for (const name of ['kept', 'suspended', 'orphan']) await routed(named(name, '1.0.0'));
    const { table } = peer;
    await world.stop();
    await world.start();
    const again = await Peer.connect(world.paths.socket, '0', (next) => {
      next.adopt(table ?? fail());
      next.isEager = true;
    });
    world.events.emit('snapshot.applied', { commit: 'c', resources: 2, issues: 0 });
    await routed(named('kept', '1.0.0'));
    status('kept');
    status('suspended');
    await again.tableWhere(({ deployments }) => deployments.length === 2);
    expect(names(again.table)).toEqual(['kept', 'suspended']);
  });

  test('stay while a document cannot be read: nobody knows what it declares', async () => {
    const peer = await twoServedThenStopped();
    await world.start();
    world.events.emit('snapshot.applied', { commit: 'c', resources: 1, issues: 1 });
    status('first');
    const again = await Peer.connect(world.paths.socket, '0', (next) => next.adopt(peer.table ?? fail()));
    await routed(named('first', '1.0.0'));
    expect(again.tables).toEqual([]);
    expect(await (await world.get('table'))?.json()).toMatchObject({ table: { deployments: [{}, {}] } });
  });

  test('an empty platform still publishes a table, so that its processes are ready', async () => {
    const peer = await Peer.connect(world.paths.socket, '0');
    world.events.emit('snapshot.applied', { commit: 'c', resources: 0, issues: 0 });
    expect((await peer.tableWhere(() => true)).deployments).toEqual([]);
  });
});

function fail(): never {
  throw new Error('there was no table');
}
