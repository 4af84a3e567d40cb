import { beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../../core/plugin.ts';
import { modelKind } from '../../../plugins/models/model.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { manifestOf } from '../../fixtures/manifest.ts';
import { RolloutWorld, versionOf } from '../../fixtures/rollout-world.ts';

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
});

const minutes = 60_000;
const answers = () => world.runtime.answer(world.key);
const loaded = () => world.runtime.loadedIn(world.key);
type Version = RolloutWorld['versions'][number];
/** What the runtime is told of a version that says nothing else. */
const told = (resource: Version) => {
  const { artifact, signature } = resource.spec;
  return { version: resource.metadata.name, resource, artifact, signature, examples: [] };
};
const broken = { reason: 'InvalidModel', message: 'the graph has a cycle', retryable: false };

describe('the first deployment', () => {
  it('says where its version need not be in memory', async () => {
    await world.reconcile();
    world.runtime.note(world.key, '1.0.0', { reason: 'LoadedOnDemand', message: 'tried everywhere' });
    expect(await world.reconcile()).toMatchObject({
      state: 'ready',
      reason: 'Serving',
      message: '1.0.0 answers, loaded when it is asked',
    });
  });

  it('loads, and routes only what is loaded', async () => {
    const first = await world.reconcile();
    expect(first).toMatchObject({
      state: 'waiting',
      reason: 'Loading',
      message: '1.0.0: is being loaded',
      progressing: { reason: 'Loading' },
      facts: { version: '1.0.0', serving: [], warm: [] },
    });
    expect(answers).toThrow('no route');
    world.runtime.finish(world.key, '1.0.0');
    expect(world.runtime.woken).toEqual(['Deployment/production/bird-strike']);
    const second = await world.reconcile();
    expect(second).toEqual({
      state: 'ready',
      reason: 'Serving',
      message: '1.0.0 answers',
      facts: {
        version: '1.0.0',
        serving: [{ version: '1.0.0', role: 'stable', weight: 100 }],
        warm: [],
      },
    });
    expect(answers()).toEqual({ version: '1.0.0', commit: 'c1' });
    expect(world.journal).toEqual([
      {
        type: 'deployment.switched',
        message: 'production/bird-strike answers with bird-strike 1.0.0',
        data: { model: 'bird-strike', from: null, to: '1.0.0', commit: 'c1' },
      },
    ]);
  });

  it('tells the runtime all that the manifests say, with the defaults filled in', async () => {
    await world.reconcile();
    expect(world.runtime.declared.at(-1)).toMatchObject({
      owner: 'Deployment/production/bird-strike',
      environment: 'production',
      name: 'bird-strike',
      model: 'bird-strike',
      commit: 'c1',
      isDefaultEnvironment: true,
      batching: { maxBatchSize: 32, maxDelayMs: 0 },
      limits: { maxQueue: 1000, timeoutMs: 30_000 },
      variants: [{ version: '1.0.0', role: 'stable', weight: 100 }],
      versions: [{ version: '1.0.0', resource: { ref: 'ModelVersion/bird-strike/1.0.0' }, examples: [] }],
    });
  });

  it('tells the runtime where and how versions run, what it may take in, and what it keeps', async () => {
    const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1, 1], data: [3] };
    const examples = [{ name: 'golden', inputs: [tensor], outputs: [{ ...tensor, name: 'y', data: [7] }] }];
    const ofVersion = { graphOptimization: 'basic', executionMode: 'parallel', intraOpThreads: 8 } as const;
    world.versions = [versionOf('1.0.0', { runtime: ofVersion, examples }), versionOf('1.1.0')];
    world.declare({
      runtime: { placement: 'worker', replicas: 3, provider: 'cuda', intraOpThreads: 2, interOpThreads: 4 },
      batching: { maxBatchSize: 5, maxDelay: '6ms' },
      limits: {
        ...{ maxQueue: 7, timeout: '8s' },
        rates: [{ key: { header: 'x-tenant' }, rate: '540/m', burst: 10 }, { rate: '11/s' }],
      },
      cache: { size: '12MiB', ttl: '13s' },
      logging: { sample: 0.14, redact: ['x'], tenant: { header: 'x-tenant' } },
    });
    await world.deploy('1.0.0');
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    const { batching, limits, cache, logging, versions } = world.runtime.declared.at(-1)!;
    expect(batching).toEqual({ maxBatchSize: 5, maxDelayMs: 6 });
    expect(limits).toEqual({
      ...{ maxQueue: 7, timeoutMs: 8_000 },
      rates: [
        { key: { header: 'x-tenant' }, perSecond: 9, burst: 10 },
        { perSecond: 11, burst: 11 },
      ],
    });
    expect(cache).toEqual({ bytes: 12 * 1024 ** 2, ttlMs: 13_000 });
    expect(logging).toEqual({
      ...{ sample: 0.14, redact: [{ name: 'x', by: 'drop' }] },
      tenant: { header: 'x-tenant' },
    });
    const [first, second] = world.versions as [Version, Version];
    const place = { placement: 'worker', replicas: 3 };
    const ofDeployment = { provider: 'cuda', intraOpThreads: 2, interOpThreads: 4 };
    // What the deployment says of threads holds instead of what the version says.
    expect(versions).toEqual([
      { ...told(first), ...place, examples, session: { ...ofVersion, ...ofDeployment } },
      { ...told(second), ...place, session: ofDeployment },
    ]);
  });

  it('leaves to the runtime what no manifest says', async () => {
    await world.reconcile();
    const { cache, logging, limits, versions } = world.runtime.declared.at(-1)!;
    expect([cache, logging, limits.rates]).toEqual([undefined, undefined, undefined]);
    expect(versions).toEqual([told(world.versions[0]!)]);
  });

  it('keeps no answers of a model that was found to be stateful after its deployment was accepted', async () => {
    const model = (stateful: boolean) => {
      const { signature } = world.versions[0]!.spec;
      const more = { task: 'voice-activity-detection', description: 'Hears voices.' } as const;
      return manifestOf<ModelSpec>(
        modelKind,
        { name: 'bird-strike' },
        { ...more, owners: ['ada'], signature, stateful },
      );
    };
    world.declare({ cache: { ttl: '1m' } });
    const keeps = async () => {
      await world.reconcile();
      return world.runtime.declared.at(-1)!.cache;
    };
    const kept = { bytes: 64 * 1024 ** 2, ttlMs: 60_000 };
    expect(await keeps()).toEqual(kept);
    world.models = [model(true)];
    expect(await keeps()).toBeUndefined();
    world.models = [model(false)];
    expect(await keeps()).toEqual(kept);
  });

  it('that answered, and cannot be served with other settings, is told apart from one that never did', async () => {
    await world.deploy('1.0.0');
    world.declare({ runtime: { provider: 'cuda' } });
    world.runtime.fail(world.key, '1.0.0', {
      ...broken,
      reason: 'ProviderUnavailable',
      message: 'no cuda here',
    });
    expect(await world.reconcile()).toMatchObject({
      state: 'stalled',
      reason: 'ProviderUnavailable',
      message:
        '1.0.0 cannot be served as it is declared now; inference processes that hold it as it was go on: no cuda here',
    });
  });

  it('stalls with the reason of the version when that cannot be served', async () => {
    await world.reconcile();
    world.runtime.fail(world.key, '1.0.0', broken);
    const outcome = await world.reconcile();
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'InvalidModel',
      message: '1.0.0 cannot be served: the graph has a cycle',
      facts: { serving: [] },
    });
    expect(outcome.degraded).toBeUndefined();
  });

  it('waits while a failure may pass by itself', async () => {
    await world.reconcile();
    const failure = { reason: 'ArtifactUnreachable', message: 'the store is away', retryable: true };
    world.runtime.fail(world.key, '1.0.0', failure);
    expect(await world.reconcile()).toMatchObject({ state: 'waiting', reason: 'ArtifactUnreachable' });
  });

  it('fails, to be tried again, where the runtime cannot be asked', async () => {
    world.runtime.failure = new Error('no artifact store for s3');
    await expect(world.reconcile()).rejects.toThrow('no artifact store');
  });
});

describe('a new version', () => {
  beforeEach(async () => {
    await world.deploy('1.0.0');
    world.journal.length = 0;
  });

  it('loads beside the old one, which answers until the new one is ready', async () => {
    world.declare({ version: '1.1.0' });
    expect(await world.reconcile()).toMatchObject({
      state: 'ready',
      reason: 'Serving',
      message: '1.0.0 answers while 1.1.0 is prepared',
      progressing: { reason: 'Loading' },
      facts: { version: '1.1.0', serving: [{ version: '1.0.0' }] },
    });
    expect(answers()).toEqual({ version: '1.0.0', commit: 'c1' });
    expect(world.runtime.declared.at(-1)?.versions.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
    expect(world.journal).toEqual([]);
  });

  it('takes over in one look once it is ready, and the switch is in the journal', async () => {
    const outcome = await world.deploy('1.1.0');
    expect(outcome).toMatchObject({
      state: 'ready',
      message: '1.1.0 answers',
      checkAfter: 10 * minutes,
      facts: {
        serving: [{ version: '1.1.0', role: 'stable', weight: 100 }],
        warm: [{ version: '1.0.0', until: '2026-01-01T00:10:00.000Z' }],
      },
    });
    expect(answers()).toEqual({ version: '1.1.0', commit: 'c2' });
    expect(world.journal).toEqual([
      {
        type: 'deployment.switched',
        message: 'production/bird-strike switched 1.0.0 → 1.1.0',
        data: { model: 'bird-strike', from: '1.0.0', to: '1.1.0', commit: 'c2' },
      },
    ]);
  });

  it('leaves the old one warm for keepWarm, and then releases it', async () => {
    await world.deploy('1.1.0');
    world.clock.turn(9 * minutes);
    expect(await world.reconcile()).toMatchObject({ checkAfter: 1 * minutes });
    expect(loaded()).toEqual(['1.0.0', '1.1.0']);
    world.clock.turn(1 * minutes);
    const outcome = await world.reconcile();
    expect(loaded()).toEqual(['1.1.0']);
    expect(outcome).toMatchObject({ state: 'ready', facts: { warm: [] } });
    expect(outcome.checkAfter).toBeUndefined();
    expect(outcome.progressing).toBeUndefined();
    expect(world.journal.at(-1)).toMatchObject({
      type: 'deployment.released',
      message: 'production/bird-strike released bird-strike 1.0.0',
    });
  });

  it('releases the old one at once where keepWarm is 0s', async () => {
    world.declare({ keepWarm: '0s' });
    await world.deploy('1.1.0');
    expect(loaded()).toEqual(['1.1.0']);
  });

  it('gives the old one more or less time when keepWarm changes', async () => {
    await world.deploy('1.1.0');
    world.clock.turn(5 * minutes);
    world.declare({ keepWarm: '5m' });
    await world.reconcile();
    expect(loaded()).toEqual(['1.1.0']);
  });

  it('gives way to the warm one in a single look, without loading', async () => {
    await world.deploy('1.1.0');
    world.clock.turn(2 * minutes);
    world.declare({ version: '1.0.0' });
    const outcome = await world.reconcile();
    expect(outcome).toMatchObject({
      state: 'ready',
      message: '1.0.0 answers',
      facts: { warm: [{ version: '1.1.0' }] },
    });
    expect(answers()).toEqual({ version: '1.0.0', commit: 'c3' });
    expect(world.runtime.loadingIn(world.key)).toEqual([]);
  });

  it('keeps one version warm, the one before: a third releases the first', async () => {
    await world.deploy('1.1.0');
    await world.deploy('1.2.0');
    expect(loaded()).toEqual(['1.1.0', '1.2.0']);
    expect(world.journal.at(-1)?.message).toBe('production/bird-strike released bird-strike 1.0.0');
  });

  it('is dropped when a newer one is declared before it was ready', async () => {
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    world.declare({ version: '1.2.0' });
    await world.reconcile();
    expect(world.runtime.loadingIn(world.key)).toEqual(['1.2.0']);
    world.runtime.finish(world.key, '1.2.0');
    await world.reconcile();
    expect(answers().version).toBe('1.2.0');
    expect(world.journal.map(({ data }) => [data?.from, data?.to])).toEqual([['1.0.0', '1.2.0']]);
  });

  it('is dropped when the old one is declared again', async () => {
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    world.declare({ version: '1.0.0' });
    expect(await world.reconcile()).toMatchObject({ state: 'ready', message: '1.0.0 answers' });
    expect(world.runtime.loadingIn(world.key)).toEqual([]);
    expect(world.journal).toEqual([]);
  });

  it('that cannot be served leaves the old one answering, and the outcome names both', async () => {
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    world.runtime.fail(world.key, '1.1.0', broken);
    const outcome = await world.reconcile();
    const message = '1.1.0 cannot be served, 1.0.0 goes on: the graph has a cycle';
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'InvalidModel',
      message,
      degraded: { reason: 'RolloutFailed', message },
      facts: { version: '1.1.0', serving: [{ version: '1.0.0' }] },
    });
    expect(answers()).toEqual({ version: '1.0.0', commit: 'c1' });
    expect(await world.reconcile()).toEqual(outcome);
    expect(world.runtime.loadingIn(world.key)).toEqual([]);
  });

  it('that failed is tried again when its content changes', async () => {
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    world.runtime.fail(world.key, '1.1.0', broken);
    await world.reconcile();
    const repaired = versionOf('1.1.0', {
      artifact: { uri: 'https://example.com/b', digest: `sha256:${'c'.repeat(64)}`, size: 1 },
    });
    world.versions = world.versions.map((version) => (version.ref === repaired.ref ? repaired : version));
    expect(await world.reconcile()).toMatchObject({ state: 'ready', progressing: { reason: 'Loading' } });
    world.runtime.finish(world.key, '1.1.0');
    await world.reconcile();
    expect(answers().version).toBe('1.1.0');
  });

  it('whose failure may pass leaves the deployment ready, degraded and progressing', async () => {
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    const failure = { reason: 'ArtifactUnreachable', message: 'the store is away', retryable: true };
    world.runtime.fail(world.key, '1.1.0', failure);
    expect(await world.reconcile()).toMatchObject({
      state: 'ready',
      progressing: { reason: 'ArtifactUnreachable' },
      degraded: { reason: 'RolloutDelayed', message: '1.1.0: the store is away' },
      checkAfter: expect.any(Number),
    });
    expect(answers().version).toBe('1.0.0');
  });

  it('of another model begins anew, and the old one answers until it is ready', async () => {
    world.versions.push(versionOf('3.0.0', {}, 'other'));
    world.declare({ model: 'other', version: '3.0.0' });
    await world.reconcile();
    expect(answers().version).toBe('1.0.0');
    world.runtime.finish(world.key, '3.0.0');
    await world.reconcile();
    expect(answers().version).toBe('3.0.0');
    expect(loaded()).toEqual(['3.0.0']);
  });
});

describe('a version that must not be deployed', () => {
  const quarantine = { reason: 'wrong in fog' };
  const condemn = (name: string) => {
    world.versions = world.versions.map((version) =>
      version.metadata.name === name ? versionOf(name, { quarantine }) : version,
    );
  };

  it('is refused while the running one goes on', async () => {
    await world.deploy('1.0.0');
    condemn('1.1.0');
    world.declare({ version: '1.1.0' });
    expect(await world.reconcile()).toMatchObject({
      state: 'stalled',
      reason: 'Quarantined',
      message: 'bird-strike 1.1.0 is quarantined: wrong in fog; 1.0.0 goes on answering',
      degraded: { reason: 'RolloutRefused' },
      facts: { version: '1.1.0', serving: [{ version: '1.0.0' }] },
    });
    expect(answers().version).toBe('1.0.0');
    expect(world.runtime.loadingIn(world.key)).toEqual([]);
  });

  it('is not loaded even where nothing else answers', async () => {
    condemn('1.0.0');
    expect(await world.reconcile()).toMatchObject({
      state: 'stalled',
      reason: 'Quarantined',
      message: 'bird-strike 1.0.0 is quarantined: wrong in fog',
    });
    expect(world.runtime.declared).toEqual([]);
  });

  it('goes on when it answers already: a human decides what comes instead', async () => {
    await world.deploy('1.0.0');
    condemn('1.0.0');
    expect(await world.reconcile()).toMatchObject({
      state: 'stalled',
      reason: 'Quarantined',
      degraded: { reason: 'RolloutRefused' },
    });
    expect(answers().version).toBe('1.0.0');
    await world.deploy('1.1.0');
    expect(answers().version).toBe('1.1.0');
    expect(loaded()).toEqual(['1.1.0']);
  });

  it('is not kept warm', async () => {
    await world.deploy('1.0.0');
    await world.deploy('1.1.0');
    condemn('1.0.0');
    await world.reconcile();
    expect(loaded()).toEqual(['1.1.0']);
  });

  it('comes up once the quarantine is lifted', async () => {
    condemn('1.0.0');
    await world.reconcile();
    world.versions = [versionOf('1.0.0')];
    await world.deploy('1.0.0');
    expect(answers().version).toBe('1.0.0');
  });

  const statusOf = (version: string, reason: string, observedDigest?: string): Status => {
    const resource = world.versions.find(({ metadata }) => metadata.name === version);
    return {
      ref: `ModelVersion/bird-strike/${version}`,
      observedDigest: observedDigest ?? String(resource?.digest),
      suspended: false,
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason,
          message: '1.1.0.onnx is another file',
          observedCommit: 'c2',
          lastTransitionTime: '2026-01-01T00:00:00.000Z',
        },
      ],
    };
  };

  it('is one whose artifact was found to be another', async () => {
    await world.deploy('1.0.0');
    world.statuses = [statusOf('1.1.0', 'DigestMismatch')];
    world.declare({ version: '1.1.0' });
    expect(await world.reconcile()).toMatchObject({
      state: 'stalled',
      reason: 'DigestMismatch',
      message: 'bird-strike 1.1.0 cannot be loaded: 1.1.0.onnx is another file; 1.0.0 goes on answering',
    });
  });

  it('is not one whose status speaks of an earlier document, or of something else', async () => {
    await world.deploy('1.0.0');
    world.statuses = [statusOf('1.1.0', 'DigestMismatch', 'an earlier digest')];
    await world.deploy('1.1.0');
    expect(answers().version).toBe('1.1.0');
    world.statuses = [statusOf('1.2.0', 'InvalidManifest')];
    await world.deploy('1.2.0');
    expect(answers().version).toBe('1.2.0');
  });

  it('is one that is not in the registry', async () => {
    await world.deploy('1.0.0');
    world.declare({ version: '9.9.9' });
    expect(await world.reconcile()).toMatchObject({ state: 'stalled', reason: 'VersionMissing' });
    expect(answers().version).toBe('1.0.0');
  });
});

describe('after a restart', () => {
  beforeEach(async () => {
    await world.deploy('1.0.0');
    world.declare({ version: '1.1.0' });
    await world.reconcile();
  });

  it('of control in the middle of a rollout, it goes on where it was', async () => {
    world.runtime.finish(world.key, '1.1.0');
    expect(answers().version).toBe('1.0.0');
    expect(await world.reconcile()).toMatchObject({ message: '1.1.0 answers' });
    expect(loaded()).toEqual(['1.0.0', '1.1.0']);
  });

  it('of control with its memory lost, the old one answers until the declared one is ready', async () => {
    world.cell = undefined;
    expect(await world.reconcile()).toMatchObject({ state: 'ready', progressing: { reason: 'Loading' } });
    expect(answers().version).toBe('1.0.0');
    world.runtime.finish(world.key, '1.1.0');
    expect(await world.reconcile()).toMatchObject({ state: 'ready', message: '1.1.0 answers' });
    expect(answers().version).toBe('1.1.0');
  });

  it('between the switch and its being noted, it never goes back', async () => {
    world.runtime.finish(world.key, '1.1.0');
    const request = world.request();
    const killed = {
      ...request,
      record: async () => {
        throw new Error('killed');
      },
    };
    await expect(world.controller.reconcile(killed)).rejects.toThrow('killed');
    expect(answers().version).toBe('1.1.0');
    const before = world.runtime.declared.length;
    await world.reconcile();
    const routed = world.runtime.declared.slice(before).map(({ variants }) => variants[0]?.version);
    expect(new Set(routed)).toEqual(new Set(['1.1.0']));
    expect(world.journal.filter(({ data }) => data?.to === '1.1.0')).toHaveLength(1);
  });

  it('of everything between the switch and its being noted, a version that fails now gives way to the old one', async () => {
    world.runtime.finish(world.key, '1.1.0');
    world.cell = { ...world.cell!, switchingTo: '1.1.0' };
    world.runtime.restart();
    await world.reconcile();
    world.runtime.finish(world.key, '1.0.0');
    world.runtime.fail(world.key, '1.1.0', broken);
    expect(await world.reconcile()).toMatchObject({ degraded: { reason: 'RolloutFailed' } });
    expect(answers().version).toBe('1.0.0');
  });

  it('of the inference processes, nothing is ready until one of them is', async () => {
    world.runtime.restart();
    world.runtime.processes = { ready: 0, total: 2 };
    expect(await world.reconcile()).toMatchObject({ state: 'waiting' });
  });

  it('does nothing twice: looking again changes nothing', async () => {
    world.runtime.finish(world.key, '1.1.0');
    const settled = await world.reconcile();
    const journal = world.journal.length;
    for (let look = 0; look < 3; look += 1) expect(await world.reconcile()).toEqual(settled);
    expect(world.journal).toHaveLength(journal);
  });
});

describe('the inference processes', () => {
  beforeEach(() => world.deploy('1.0.0'));

  it('show in the status when some are away', async () => {
    world.runtime.processes = { ready: 1, total: 2 };
    expect(await world.reconcile()).toMatchObject({
      state: 'ready',
      degraded: { reason: 'FewerProcesses', message: '1 of 2 inference processes answer' },
    });
  });

  it('make it wait when all are away', async () => {
    world.runtime.processes = { ready: 0, total: 2 };
    expect(await world.reconcile()).toMatchObject({
      state: 'waiting',
      reason: 'NoProcess',
      facts: { serving: [] },
    });
  });
});

describe('a deployment', () => {
  it('in an environment that is not run here is left alone, and stopped if it was run before', async () => {
    await world.deploy('1.0.0');
    world.runsHere = false;
    expect(await world.reconcile()).toMatchObject({ state: 'ready', reason: 'NotRunHere' });
    expect(answers).toThrow('no route');
  });

  it('waits for the requests under way when it leaves this process', async () => {
    await world.deploy('1.0.0');
    world.runsHere = false;
    world.runtime.isDraining = true;
    expect(await world.reconcile()).toMatchObject({ state: 'waiting', reason: 'Draining' });
  });

  it('that is removed stops answering once its requests are answered', async () => {
    await world.deploy('1.0.0');
    world.runtime.isDraining = true;
    expect(await world.controller.remove?.(world.request())).toMatchObject({
      state: 'waiting',
      reason: 'Draining',
    });
    world.runtime.isDraining = false;
    expect(await world.controller.remove?.(world.request())).toMatchObject({
      state: 'ready',
      reason: 'Stopped',
    });
    expect(answers).toThrow('no route');
    expect(world.journal.at(-1)?.type).toBe('deployment.stopped');
  });

  it('tells the runtime of new bounds without switching anything', async () => {
    await world.deploy('1.0.0');
    world.declare({ batching: { maxBatchSize: 1 }, limits: { timeout: '2s' } });
    const outcome = await world.reconcile();
    expect(outcome.progressing).toBeUndefined();
    expect(world.runtime.declared.at(-1)).toMatchObject({
      batching: { maxBatchSize: 1, maxDelayMs: 0 },
      limits: { maxQueue: 1000, timeoutMs: 2_000 },
    });
    expect(world.journal).toHaveLength(1);
  });

  it('goes on when the manifest of what answers is gone, until the new version is ready', async () => {
    await world.deploy('1.0.0');
    world.versions = [versionOf('1.1.0')];
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    expect(answers().version).toBe('1.0.0');
    world.runtime.finish(world.key, '1.1.0');
    await world.reconcile();
    expect(answers().version).toBe('1.1.0');
    await world.reconcile();
    expect(loaded()).toEqual(['1.1.0']);
    expect(world.journal.at(-2)?.data).toMatchObject({ from: '1.0.0', to: '1.1.0' });
  });
});
