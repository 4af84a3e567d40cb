import { readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServingStatus } from '../../../core/capabilities/serving-runtime.ts';
import { until } from '../../fixtures/until.ts';
import { Peer } from './peer.ts';
import { desired, ServingWorld } from './world.ts';

const signal = new AbortController().signal;
const key = 'production/bird-strike';
let world: ServingWorld;

beforeEach(async () => {
  world = new ServingWorld({ processes: 2, livenessMs: 1_500 });
  await world.start();
});
afterEach(() => world.close());

const onDisk = () => JSON.parse(readFileSync(world.paths.table, 'utf8'));
const variantsOf = (table: { deployments: readonly { variants: readonly { version: string }[] }[] }) =>
  table.deployments[0]?.variants.map(({ version }) => version);

async function serveUntil(
  asked: ReturnType<typeof desired>,
  condition: (status: ServingStatus) => boolean,
): Promise<ServingStatus> {
  let status = await world.runtime.serve(asked, signal);
  await until(async () => {
    status = await world.runtime.serve(asked, signal);
    return condition(status);
  });
  return status;
}

test('what arms answered is added up over processes, and a key that several saw is one', async () => {
  const peers = [await Peer.connect(world.paths.socket, '0'), await Peer.connect(world.paths.socket, '1')];
  const variants = [
    { version: '1.0.0', role: 'stable', weight: 50 },
    { version: '1.1.0', role: 'candidate', weight: 50 },
  ] as const;
  const split = { ...desired([world.version('1.0.0'), world.version('1.1.0')]), variants };
  for (const [rules, arms] of [
    [undefined, { '1.0.0': 15, '1.1.0': 5 }],
    [{ sticky: { by: { header: 'x-user' }, salt: 'salt' } }, { '1.0.0': 7, '1.1.0': 2 }],
  ] as const) {
    const asked = { ...split, ...(rules === undefined ? {} : { rules }) };
    const serving = serveUntil(asked, ({ arms: told }) => told !== undefined);
    for (const [index, peer] of peers.entries()) {
      const table = await peer.tableWhere(
        ({ deployments }) =>
          JSON.stringify(deployments[0]?.rules) === JSON.stringify(rules) && deployments.length === 1,
      );
      peer.arms = { [key]: index === 0 ? { '1.0.0': 10, '1.1.0': 5 } : { '1.0.0': 5, '1.1.0': 0 } };
      peer.follow(table);
    }
    const told = await serving;
    expect(told.arms === undefined).toBe(false);
    expect((await serveUntil(asked, ({ routed }) => routed)).arms).toEqual(arms);
  }
});

describe('the first version of a deployment', () => {
  test('is fetched, published, loaded and routed, and its owner is woken at each step', async () => {
    const one = await Peer.connect(world.paths.socket, '0');
    const two = await Peer.connect(world.paths.socket, '1');
    const asked = desired([world.version('1.0.0')]);
    const fetching = await world.runtime.serve(asked, signal);
    expect(fetching).toMatchObject({ versions: { '1.0.0': { phase: 'fetching' } }, routed: false });

    const table = await one.tableWhere(({ deployments }) => deployments.length === 1);
    expect(table).toMatchObject({
      format: 1,
      defaultEnvironment: 'production',
      deployments: [{ environment: 'production', name: 'bird-strike', commit: 'c'.repeat(40) }],
    });
    expect(onDisk()).toEqual(table);
    expect(readFileSync(table.deployments[0]?.versions[0]?.path ?? '', 'utf8')).toBe('model 1.0.0');
    await until(() => world.woken.length > 0);

    one.follow(table);
    expect(
      await serveUntil(asked, ({ versions }) => versions['1.0.0']?.message.includes('1 of 2') === true),
    ).toEqual({
      versions: {
        '1.0.0': {
          phase: 'loading',
          reason: 'Loading',
          message: 'ready in 1 of 2 inference processes',
          retryable: true,
        },
      },
      routed: false,
      processes: { ready: 1, total: 2 },
      losses: {},
      // Seven, as each of the two reports.
      requests: { '1.0.0': 14 },
    });
    world.woken.length = 0;
    two.follow(table);
    await until(() => world.woken.includes('Deployment/production/bird-strike'));
    expect(await serveUntil(asked, ({ routed }) => routed)).toMatchObject({
      versions: { '1.0.0': { phase: 'ready' } },
      routed: true,
    });
  });

  test('waits for processes where there are none, and nothing is lost', async () => {
    const asked = desired([world.version('1.0.0')]);
    const status = await serveUntil(
      asked,
      ({ versions }) => versions['1.0.0']?.reason === 'NoInferenceProcess',
    );
    expect(status).toMatchObject({ routed: false, processes: { ready: 0, total: 2 } });
    const peer = await Peer.eager(world.paths.socket, '0');
    await serveUntil(asked, ({ routed }) => routed);
    expect(variantsOf(peer.table ?? { deployments: [] })).toEqual(['1.0.0']);
  });
});

describe('a change of version', () => {
  const first = () => desired([world.version('1.0.0')]);
  const second = () => desired([world.version('2.0.0'), world.version('1.0.0')]);

  test('moves traffic only when the new version is ready in every live process', async () => {
    const one = await Peer.eager(world.paths.socket, '0');
    const two = await Peer.eager(world.paths.socket, '1');
    await serveUntil(first(), ({ routed }) => routed);
    one.isEager = false;
    two.isEager = false;
    await world.runtime.serve(second(), signal);
    const loading = await one.tableWhere(({ deployments }) => deployments[0]?.versions.length === 2);
    expect(variantsOf(loading)).toEqual(['1.0.0']);

    one.follow(loading);
    two.hold(loading, 'loading');
    two.report();
    await serveUntil(second(), ({ versions }) => versions['2.0.0']?.message.includes('1 of 2') === true);
    expect(variantsOf(one.table ?? loading)).toEqual(['1.0.0']);

    two.follow(loading);
    const moved = await one.tableWhere((table) => variantsOf(table)?.[0] === '2.0.0');
    expect(moved.deployments[0]?.versions.map(({ version }) => version)).toEqual(['2.0.0', '1.0.0']);
    expect((await world.runtime.serve(second(), signal)).routed).toBe(false);
    one.follow(moved);
    two.follow(moved);
    await serveUntil(second(), ({ routed }) => routed);
  });

  test('going back to a version that is held is one table', async () => {
    const peer = await Peer.eager(world.paths.socket, '0');
    await serveUntil(first(), ({ routed }) => routed);
    await serveUntil(second(), ({ routed }) => routed);
    const before = peer.tables.length;
    const back = desired([world.version('1.0.0'), world.version('2.0.0')]);
    await serveUntil(back, ({ routed }) => routed);
    expect(peer.tables.length).toBe(before + 1);
  });

  test('keeps what answers although the declaration no longer lists it', async () => {
    const peer = await Peer.eager(world.paths.socket, '0');
    await serveUntil(first(), ({ routed }) => routed);
    peer.isEager = false;
    await world.runtime.serve(desired([world.version('2.0.0')]), signal);
    const table = await peer.tableWhere(({ deployments }) => deployments[0]?.versions.length === 2);
    expect(variantsOf(table)).toEqual(['1.0.0']);
    peer.follow(table);
    const moved = await peer.tableWhere((next) => variantsOf(next)?.[0] === '2.0.0');
    expect(moved.deployments[0]?.versions.map(({ version }) => version)).toEqual(['2.0.0']);
  });

  test('is not held up by a process that died, nor by one that fell silent', async () => {
    const one = await Peer.eager(world.paths.socket, '0');
    const two = await Peer.eager(world.paths.socket, '1');
    await serveUntil(first(), ({ routed }) => routed);
    two.isEager = false;
    await world.runtime.serve(second(), signal);
    await two.tableWhere(({ deployments }) => deployments[0]?.versions.length === 2);
    // It is connected but says nothing any more; the other one goes on reporting.
    const beat = setInterval(() => one.report(), 200);
    try {
      await serveUntil(second(), ({ routed, processes }) => routed && processes.ready === 1);
      expect(variantsOf(one.table ?? { deployments: [] })).toEqual(['2.0.0']);
      two.kill();
      await serveUntil(first(), ({ routed }) => routed);
    } finally {
      clearInterval(beat);
    }
  });

  test('shows why a process could not load it, and leaves traffic where it is', async () => {
    const one = await Peer.eager(world.paths.socket, '0');
    const two = await Peer.eager(world.paths.socket, '1');
    await serveUntil(first(), ({ routed }) => routed);
    two.isEager = false;
    await world.runtime.serve(second(), signal);
    const table = await two.tableWhere(({ deployments }) => deployments[0]?.versions.length === 2);
    two.follow(table);
    const failed = { state: 'failed', reason: 'SignatureMismatch', message: 'input x is INT64' } as const;
    const held = two.versions[`${key}/2.0.0`];
    two.versions[`${key}/2.0.0`] = { ...held, digest: held?.digest ?? '', ...failed };
    two.report();
    const status = await serveUntil(second(), ({ versions }) => versions['2.0.0']?.phase === 'failed');
    expect(status.versions['2.0.0']).toEqual({
      phase: 'failed',
      reason: 'SignatureMismatch',
      message: 'input x is INT64 (in process 1)',
      retryable: false,
    });
    expect(variantsOf(one.table ?? table)).toEqual(['1.0.0']);
  });
});

describe('a declaration that no process could follow', () => {
  test.each([
    ['weights', { variants: [{ version: '1.0.0', role: 'stable', weight: 90 }] }, 'sum to 90'],
    ['a variant', { variants: [{ version: '9.9.9', role: 'stable', weight: 100 }] }, '9.9.9'],
    ['limits', { limits: { maxQueue: 0, timeoutMs: 1000 } }, 'maxQueue'],
  ] as const)('with wrong %s is refused, and hurts no other deployment', async (_what, wrong, message) => {
    const peer = await Peer.eager(world.paths.socket, '0');
    const broken = desired([world.version('1.0.0')], { name: 'broken', ...wrong });
    const refused = { code: 'InvalidRoutingTable', message: expect.stringContaining(message) };
    await expect(world.runtime.serve(broken, signal)).rejects.toMatchObject(refused);
    await serveUntil(desired([world.version('1.0.0')]), ({ routed }) => routed);
    expect(peer.table?.deployments.map(({ name }) => name)).toEqual(['bird-strike']);
  });
});

describe('the default environment', () => {
  test('follows what is declared, without another change', async () => {
    const peer = await Peer.eager(world.paths.socket, '0');
    await serveUntil(desired([world.version('1.0.0')]), ({ routed }) => routed);
    const staging = desired([world.version('1.0.0')], {
      environment: 'staging',
      isDefaultEnvironment: false,
    });
    await serveUntil(staging, ({ routed }) => routed);
    expect(peer.table?.defaultEnvironment).toBe('production');
    await world.runtime.serve({ ...staging, isDefaultEnvironment: true }, signal);
    await world.runtime.serve(desired([world.version('1.0.0')], { isDefaultEnvironment: false }), signal);
    await peer.tableWhere(({ defaultEnvironment }) => defaultEnvironment === 'staging');
    await world.runtime.serve(staging, signal);
    await peer.tableWhere(({ defaultEnvironment }) => defaultEnvironment === undefined);
  });
});

describe('taking a deployment away', () => {
  test('is done when the last process has let go of it', async () => {
    const peer = await Peer.eager(world.paths.socket, '0');
    const other = desired([world.version('1.0.0')], { environment: 'staging', isDefaultEnvironment: false });
    await serveUntil(desired([world.version('1.0.0')]), ({ routed }) => routed);
    await serveUntil(other, ({ routed }) => routed);
    peer.isEager = false;
    expect(await world.runtime.stop('production', 'bird-strike')).toEqual({ stopped: false });
    const table = await peer.tableWhere(({ deployments }) => deployments.length === 1);
    expect(table.deployments[0]?.environment).toBe('staging');
    expect(table.defaultEnvironment).toBeUndefined();
    expect(await world.runtime.stop('production', 'bird-strike')).toEqual({ stopped: false });
    world.woken.length = 0;
    peer.follow(table);
    await until(() => world.woken.includes('Deployment/production/bird-strike'));
    expect(await world.runtime.stop('production', 'bird-strike')).toEqual({ stopped: true });
    expect(await world.runtime.stop('production', 'never-there')).toEqual({ stopped: true });
  });
});

describe('a process that ends', () => {
  const version = '1.0.0';
  const asked = () => desired([world.version(version)]);
  const lossesOf = ({ losses }: ServingStatus) => losses[version]?.map(({ message }) => message) ?? [];
  /** Ends one that follows a table, and puts another in its place. */
  async function replaced(change: (peer: Peer) => void = () => {}): Promise<ServingStatus> {
    const first = await Peer.eager(world.paths.socket, '0');
    await serveUntil(asked(), ({ routed }) => routed);
    change(first);
    first.report();
    first.kill();
    await Peer.eager(world.paths.socket, '0');
    return serveUntil(asked(), ({ routed }) => routed);
  }

  test('by itself stands against what it held, and wakes who asked for that', async () => {
    const before = world.woken.length;
    const status = await replaced();
    expect(lossesOf(status)).toEqual([
      expect.stringMatching(/^inference process 0 \(pid \d+\) died without a word$/),
    ]);
    expect(status.losses[version]?.[0]?.at).toBeGreaterThan(Date.now() - 60_000);
    expect(world.woken.length).toBeGreaterThan(before);
  });

  test('as somebody asked it to stands against nothing', async () => {
    const status = await replaced((peer) => {
      peer.leaving = 'asked';
    });
    expect(status.losses).toEqual({});
  });

  test('after it let go of all it held is remembered with that', async () => {
    const status = await replaced((peer) => {
      peer.leaving = 'memory';
      peer.versions = {};
    });
    expect(lossesOf(status)).toEqual([expect.stringContaining('had grown beyond its memory limit')]);
  });

  test('by a run that does not end stands against that version alone', async () => {
    const other = { ...asked(), versions: [world.version(version), world.version('1.1.0')] };
    const first = await Peer.eager(world.paths.socket, '0');
    await serveUntil(other, ({ routed, versions }) => routed && versions['1.1.0']?.phase === 'ready');
    first.kill();
    // Only who comes next knows what hung.
    await Peer.connect(world.paths.socket, '0', (peer) => {
      peer.adopt(first.table!);
      const key = 'production/bird-strike/1.1.0';
      peer.versions[key] = { ...peer.versions[key]!, stuckRuns: 1 };
    });
    const { losses } = await serveUntil(other, ({ routed }) => routed);
    expect(Object.keys(losses)).toEqual(['1.1.0']);
  });

  test('does not hold up the way back: who comes next answers nothing yet', async () => {
    const both = [world.version(version), world.version('1.1.0')];
    const canary = desired(both, {
      variants: [
        { version, role: 'stable', weight: 50 },
        { version: '1.1.0', role: 'candidate', weight: 50 },
      ],
    });
    const first = await Peer.eager(world.paths.socket, '0');
    const other = await Peer.eager(world.paths.socket, '1');
    await serveUntil(canary, ({ routed }) => routed);
    first.kill();
    const next = await Peer.connect(world.paths.socket, '0', (peer) => peer.hold(other.table!, 'loading'));
    await serveUntil(canary, ({ losses }) => losses['1.1.0'] !== undefined);
    await world.runtime.serve(desired(both), signal);
    await next.tableWhere((table) => variantsOf(table)?.join() === version);
    // The other way round it is waited for.
    await world.runtime.serve(canary, signal);
    const { routed } = await world.runtime.serve(canary, signal);
    expect(routed).toBe(false);
    expect(variantsOf(onDisk())).toEqual([version]);
  });

  test('and one that only connects again has not ended', async () => {
    const peer = await Peer.eager(world.paths.socket, '0');
    await serveUntil(asked(), ({ routed }) => routed);
    peer.kill();
    await Peer.connect(
      world.paths.socket,
      '0',
      (again) => {
        again.isEager = true;
      },
      peer.pid,
    );
    const status = await serveUntil(asked(), ({ routed }) => routed);
    expect(status.losses).toEqual({});
  });
});

describe('inference processes', () => {
  test('one that comes back is told the table again, unless it follows it already', async () => {
    const asked = desired([world.version('1.0.0')]);
    const first = await Peer.eager(world.paths.socket, '0');
    await serveUntil(asked, ({ routed }) => routed);
    const table = first.table;
    if (table === undefined) throw new Error('no table');
    first.kill();
    const second = await Peer.connect(world.paths.socket, '0');
    await second.tableWhere(({ revision }) => revision === table.revision);
    second.kill();
    const third = await Peer.connect(world.paths.socket, '0', (peer) => peer.adopt(table));
    await serveUntil(asked, ({ routed }) => routed);
    expect(third.tables).toEqual([]);
  });

  test('a second one with the same id takes the place of the first', async () => {
    const first = await Peer.connect(world.paths.socket, '0');
    await Peer.connect(world.paths.socket, '0');
    await until(() => first.isClosed);
    const answer = await world.get('processes');
    expect(await answer?.json()).toMatchObject({ expected: 2, processes: [{ id: '0', starts: 2 }] });
  });

  test('one that speaks nonsense is cut off', async () => {
    for (const line of ['not json', '{}', '{"type":"report","id":"0","pid":1}', '[1]', 'null']) {
      const peer = await Peer.connect(world.paths.socket, '0');
      peer.sendLine(line);
      await until(() => peer.isClosed);
    }
  });

  test('connect to a socket that only this user can open', () => {
    expect(statSync(world.paths.socket).mode & 0o777).toBe(0o600);
  });
});

describe('what can be looked at', () => {
  test('processes and table, as JSON', async () => {
    await Peer.eager(world.paths.socket, '0');
    await serveUntil(desired([world.version('1.0.0')]), ({ routed }) => routed);
    expect(await (await world.get('processes'))?.json()).toMatchObject({
      expected: 2,
      processes: [
        {
          ...{ id: '0', state: 'live', ready: true, workerProcessors: 3 },
          versions: { [`${key}/1.0.0`]: { state: 'ready' } },
        },
      ],
    });
    expect(await (await world.get('/table/'))?.json()).toEqual({ persisted: true, table: onDisk() });
    expect((await world.get('table', 'POST'))?.status).toBe(405);
    expect(await world.get('elsewhere')).toBeUndefined();
  });

  test('metrics of every process, in Prometheus exposition', async () => {
    const peer = await Peer.eager(world.paths.socket, '0');
    const two = [world.version('1.0.0'), world.version('1.1.0')];
    const shared = [
      { version: '1.0.0', role: 'stable', weight: 90 },
      { version: '1.1.0', role: 'candidate', weight: 10 },
    ] as const;
    await serveUntil(desired(two, { variants: shared }), ({ routed }) => routed);
    const text = await world.metrics();
    expect(text).toContain('switchyard_inference_process_up{process="0"} 1\n');
    expect(text).toContain('switchyard_inference_process_worker_processors{process="0"} 3\n');
    const place = 'environment="production",deployment="bird-strike",version="1.0.0",role="stable"';
    const labels = `${place},process="0"`;
    expect(text).toContain(`switchyard_variant_weight_percent{${place}} 90\n`);
    expect(text).toContain(`version="1.1.0",role="candidate"} 10\n`);
    expect(text).toContain(`switchyard_requests_total{${labels},code="200"} 7\n`);
    expect(text).toContain(`switchyard_request_errors_total{${labels}} 0\n`);
    expect(text).toContain(`switchyard_request_duration_seconds_bucket{${labels},le="0.1"} 5\n`);
    expect(text).toContain(`switchyard_request_duration_seconds_bucket{${labels},le="1"} 6\n`);
    expect(text).toContain(`switchyard_request_duration_seconds_bucket{${labels},le="+Inf"} 7\n`);
    expect(text).toContain(`switchyard_request_duration_seconds_count{${labels}} 7\n`);
    expect(text).toContain('switchyard_inference_processes_expected 2\n');
    expect(text).toContain('switchyard_other_requests_total{code="404",process="0"} 2\n');
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{.*\})? [-+0-9.e]+)$/);
    }
    peer.kill();
    await until(async () =>
      (await world.metrics()).includes('switchyard_inference_process_up{process="0"} 0'),
    );
    expect(await world.metrics()).not.toContain('switchyard_requests_total');
  });

  test('no metrics of a version that is not held any more, whatever a process remembers of it', async () => {
    await Peer.eager(world.paths.socket, '0');
    await serveUntil(desired([world.version('1.1.0')]), ({ routed }) => routed);
    const text = await world.metrics();
    expect(text).toContain('version="1.1.0",role="stable"} 100\n');
    // The process reports requests of it.
    expect(text).not.toContain('version="1.0.0"');
  });
});

test('a version that no budget of memory has room for is told as such before it is fetched', async () => {
  const small = new ServingWorld({ memoryBudget: '1GiB' });
  await small.start();
  try {
    const version = small.version('1.0.0');
    const large = { ...version, artifact: { ...version.artifact, size: 2 * 1024 ** 3 } };
    const { versions } = await small.runtime.serve(desired([large]), signal);
    expect(versions['1.0.0']).toMatchObject({
      ...{ phase: 'failed', reason: 'MemoryBudgetExceeded', retryable: false },
      message: expect.stringContaining('can never be loaded'),
    });
  } finally {
    await small.close();
  }
});
