import { beforeEach, describe, expect, it } from 'vitest';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import { RolloutWorld, versionOf } from '../../fixtures/rollout-world.ts';

let world: RolloutWorld;
beforeEach(() => {
  world = new RolloutWorld();
});

const minute = 60_000;
const shares = () =>
  Object.fromEntries(
    (world.runtime.current('production', 'bird-strike')?.variants ?? []).map(({ version, role, weight }) => [
      version,
      role === 'stable' ? weight : `${role} ${weight}`,
    ]),
  );
const said = () =>
  world.journal.map(({ type, message }) => `${type} ${message.replace('production/bird-strike', 'it')}`);
const wait = async (minutes: number) => {
  world.clock.turn(minutes * minute);
  return world.reconcile();
};
/** 1.0.0 answers, and 1.1.0 is declared and loaded. */
async function begin(strategy: DeploymentSpec['strategy'], more: Partial<DeploymentSpec> = {}) {
  world.declare({ strategy, ...more });
  await world.deploy('1.0.0');
  world.journal.length = 0;
  return world.deploy('1.1.0');
}

const templates = [{ templateName: 'healthy' }];
const canary: DeploymentSpec['strategy'] = {
  canary: {
    steps: [
      { setMirror: { percent: 20 } },
      { pause: { duration: '5m' } },
      { setWeight: 10 },
      { pause: { duration: '10m' } },
      { analysis: { templates } },
      { setWeight: 50 },
      { pause: {} },
    ],
  },
};

describe('a canary', () => {
  it('walks step by step, each with its share, and says where it is', async () => {
    expect(await begin(canary)).toMatchObject({
      state: 'ready',
      reason: 'Serving',
      message: '1.0.0 answers while 1.1.0 is tried',
      progressing: {
        reason: 'RollingOut',
        message: 'canary step 2 of 7, 1.1.0 sees 20 %: it pauses until 2026-01-01T00:05:00Z',
      },
      checkAfter: 5_000,
      facts: {
        rollout: {
          strategy: 'canary',
          from: '1.0.0',
          to: '1.1.0',
          step: 2,
          steps: [
            'setMirror 20',
            'pause 5m',
            'setWeight 10',
            'pause 10m',
            'analysis healthy',
            'setWeight 50',
            'pause until promoted',
          ],
          until: '2026-01-01T00:05:00.000Z',
        },
      },
    });
    expect(shares()).toEqual({ '1.0.0': 100, '1.1.0': 'shadow 20' });
    await wait(4);
    expect(shares()).toEqual({ '1.0.0': 100, '1.1.0': 'shadow 20' });
    expect(await wait(1)).toMatchObject({ facts: { rollout: { step: 4 } } });
    expect(shares()).toEqual({ '1.0.0': 90, '1.1.0': 'candidate 10' });
    expect(await wait(10)).toMatchObject({
      progressing: { message: 'canary step 5 of 7, 1.1.0 answers 10 %: measuring m' },
    });
    world.verdicts['step-5'] = 'Successful';
    expect(await wait(0)).toMatchObject({
      progressing: {
        reason: 'Paused',
        message: 'canary step 7 of 7, 1.1.0 answers 50 %: it waits for a human to promote it',
      },
    });
    expect(shares()).toEqual({ '1.0.0': 50, '1.1.0': 'candidate 50' });
    expect(await world.say('promote')).toBe('1.1.0 is promoted past step 7');
    expect(shares()).toEqual({ '1.1.0': 100 });
    const settled = await world.reconcile();
    expect(settled).toMatchObject({ message: '1.1.0 answers', facts: { warm: [{ version: '1.0.0' }] } });
    expect(settled.progressing).toBeUndefined();
    expect(settled.facts).not.toHaveProperty('rollout');
    expect(said()).toEqual([
      'rollout.started it walks 1.0.0 → 1.1.0 by canary in 7 steps',
      ...[2, 3, 4, 5, 6, 7].map((step) => expect.stringContaining(`it: 1.1.0 is in step ${step} of 7`)),
      'rollout.promote ada: promote it: 1.1.0 is promoted past step 7',
      'deployment.switched it switched 1.0.0 → 1.1.0',
    ]);
  });

  it('is skipped by a first deployment', async () => {
    world.declare({ strategy: canary });
    expect(await world.deploy('1.0.0')).toMatchObject({ message: '1.0.0 answers' });
    expect(shares()).toEqual({ '1.0.0': 100 });
  });

  it('goes on where it was after any kill, as its cell is all that it needs', async () => {
    await begin(canary);
    await wait(5);
    world.cell = JSON.parse(JSON.stringify(world.cell));
    const before = await world.reconcile();
    expect(await world.reconcile()).toEqual(before);
    expect(before).toMatchObject({ facts: { rollout: { step: 4 } } });
    expect(await wait(10)).toMatchObject({ facts: { rollout: { step: 5 } } });
  });

  it('that lost its cell begins again from the version that answered before, never from the one on trial', async () => {
    await begin(canary);
    await wait(5);
    world.cell = undefined;
    expect(await world.reconcile()).toMatchObject({ facts: { rollout: { from: '1.0.0', step: 2 } } });
    expect(shares()).toEqual({ '1.0.0': 100, '1.1.0': 'shadow 20' });
  });

  it('begins again with a newer version that is merged meanwhile', async () => {
    await begin(canary);
    await wait(5);
    expect(await world.deploy('1.2.0')).toMatchObject({ facts: { rollout: { to: '1.2.0', step: 2 } } });
    expect(shares()).toEqual({ '1.0.0': 100, '1.2.0': 'shadow 20' });
    expect(said()).toContain('rollout.superseded it: the rollout of 1.1.0 ends, 1.2.0 begins');
  });

  it('gives all traffic back in one look when stable is declared again', async () => {
    await begin(canary);
    await wait(5);
    world.declare({ version: '1.0.0' });
    expect(await world.reconcile()).toMatchObject({ message: '1.0.0 answers' });
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(world.cell?.walk).toBeUndefined();
  });

  it('is not walked by a return to what answered before, and such a return is never rolled back', async () => {
    world.declare({ strategy: { canary: { steps: [{ setWeight: 10 }, { analysis: { templates } }] } } });
    await world.deploy('1.0.0');
    world.verdicts['step-2'] = 'Successful';
    await world.deploy('1.1.0');
    expect(shares()).toEqual({ '1.1.0': 100 });
    world.verdicts['step-2'] = 'Failed';
    world.verdicts.background = 'Failed';
    world.clock.turn(60 * minute);
    await world.reconcile();
    expect(world.runtime.loadedIn(world.key)).toEqual(['1.1.0']);
    await world.deploy('1.0.0');
    expect(shares()).toEqual({ '1.0.0': 100 });
    // What was left behind is news again.
    await world.deploy('1.1.0');
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(world.cell?.aborted).toMatchObject({ version: '1.1.0', reason: 'AnalysisFailed' });
  });

  it('begins anew when its steps are edited', async () => {
    await begin(canary);
    await wait(5);
    world.declare({ strategy: { canary: { steps: [{ setWeight: 5 }, { pause: {} }] } } });
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 95, '1.1.0': 'candidate 5' });
  });

  it('keeps keys on one version where it is asked to', async () => {
    await begin({ canary: { steps: [{ setWeight: 10 }, { pause: {} }], assignment: { key: 'user' } } });
    expect(world.runtime.declared.at(-1)?.rules).toEqual({
      sticky: { by: { query: 'user' }, salt: 'production/bird-strike/1.1.0' },
    });
  });

  it('comes from the environment where the deployment declares none', async () => {
    world.environment = { ...world.environment, spec: { ...world.environment.spec, strategy: canary } };
    await begin(undefined);
    expect(shares()).toEqual({ '1.0.0': 100, '1.1.0': 'shadow 20' });
  });
});

describe('a clock', () => {
  it('that is set back makes no pause longer than it was meant', async () => {
    await begin(canary);
    await wait(-60);
    await wait(4);
    expect(world.cell?.walk?.stage).toBe(1);
    await wait(1);
    expect(world.cell?.walk?.stage).toBe(3);
  });
});

describe('an analysis', () => {
  const steps = [
    { setWeight: 10 },
    { pause: { duration: '5m' } },
    { analysis: { templates } },
    { setWeight: 50 },
  ];
  const back = { '1.0.0': 100 };

  it('that fails sends all traffic back in the look that sees it, and the version is not tried again', async () => {
    await begin({ canary: { steps } });
    await wait(5);
    world.verdicts['step-3'] = 'Failed';
    await wait(1);
    expect(shares()).toEqual(back);
    const outcome = await wait(1);
    const message = expect.stringContaining(
      '1.0.0 answers; 1.1.0 was rolled back in step 3 of 4: m failed 1 > limit 0;',
    );
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'RolledBack',
      message,
      degraded: { reason: 'RolledBack', message },
      facts: {
        serving: [{ version: '1.0.0', weight: 100 }],
        aborted: { version: '1.1.0', reason: 'AnalysisFailed', step: 3 },
      },
    });
    expect(outcome.progressing).toBeUndefined();
    expect(world.journal.at(-1)).toMatchObject({
      type: 'rollout.rolledBack',
      data: {
        to: '1.0.0',
        version: '1.1.0',
        evidence: { analysis: { run: { metrics: [{ tally: { failed: 1 } }] } } },
      },
    });
    delete world.verdicts['step-3'];
    for (let look = 0; look < 3; look += 1) expect(await wait(60)).toMatchObject({ reason: 'RolledBack' });
    // Another strategy is no other version.
    world.declare({ strategy: { direct: {} } });
    await world.reconcile();
    expect(shares()).toEqual(back);
  });

  it('is tried again when a human says so, or with another version', async () => {
    await begin({ canary: { steps } });
    await wait(5);
    world.verdicts['step-3'] = 'Failed';
    await wait(1);
    world.verdicts['step-3'] = 'Successful';
    expect(await world.say('retry')).toBe('1.1.0 is tried again from its first step');
    world.runtime.finish(world.key, '1.1.0');
    expect(await world.reconcile()).toMatchObject({ facts: { rollout: { step: 2 } } });
    await world.say('abort');
    await world.deploy('1.2.0');
    expect(world.cell?.walk).toMatchObject({ version: '1.2.0' });
    expect(world.cell?.aborted).toBeUndefined();
  });

  it('in the background stops the walk in any step, also in one that a human holds', async () => {
    await begin({ canary: { steps, analysis: { templates, startingStep: 1 } } });
    await world.say('pause');
    world.verdicts.background = 'Failed';
    await wait(1);
    expect(shares()).toEqual(back);
  });

  it('that cannot tell waits for a human, for as long as it takes', async () => {
    await begin({ canary: { steps } });
    await wait(5);
    world.verdicts['step-3'] = 'Inconclusive';
    await wait(1);
    expect(await wait(600)).toMatchObject({
      state: 'ready',
      progressing: { reason: 'Paused' },
      degraded: { reason: 'AnalysisInconclusive' },
    });
    expect(shares()).toEqual({ '1.0.0': 90, '1.1.0': 'candidate 10' });
    world.verdicts['step-3/2'] = 'Successful';
    expect(await world.say('retry')).toBe('its analysis begins again in step 3');
    expect(shares()).toEqual({ '1.1.0': 100 });
  });

  it('whose source is away holds, and goes back after the deadline', async () => {
    await begin({ canary: { steps } }, { progressDeadline: '30m' });
    await wait(5);
    world.verdicts['step-3'] = 'Error';
    await wait(1);
    expect(await wait(29)).toMatchObject({ degraded: { reason: 'AnalysisError' } });
    expect(shares()).toEqual({ '1.0.0': 90, '1.1.0': 'candidate 10' });
    await wait(1);
    expect(shares()).toEqual(back);
    expect(await wait(1)).toMatchObject({
      degraded: {
        reason: 'ProgressDeadlineExceeded',
        message: expect.stringMatching(/no progress in 30m: .*errored/),
      },
    });
  });
});

describe('a candidate', () => {
  it('that begins to fail while it answers gives its traffic back', async () => {
    await begin({ canary: { steps: [{ setWeight: 10 }, { pause: {} }] } });
    world.runtime.fail(world.key, '1.1.0', {
      reason: 'ModelFailed',
      message: 'it crashed',
      retryable: false,
    });
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(world.cell?.aborted).toMatchObject({ reason: 'CandidateFailed', step: 2 });
  });

  it('gives up a version whose runs do not end, though its threads are replaced', async () => {
    await begin(canary);
    world.runtime.note(world.key, '1.1.0', { reason: 'RunStuck', message: 'a run of it does not end' });
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(world.cell?.aborted).toMatchObject({
      reason: 'CandidateFailed',
      message: '1.1.0 fails: a run of it does not end',
    });
  });

  it('gives up a version whose threads end again and again, though loading it is tried on', async () => {
    await begin(canary);
    world.runtime.fail(world.key, '1.1.0', { reason: 'WorkerLost', message: 'it ended', retryable: true });
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(world.cell?.aborted).toMatchObject({ reason: 'CandidateFailed' });
  });

  it('does not hold the runs of what answers against what is on trial', async () => {
    await begin(canary);
    world.runtime.note(world.key, '1.0.0', { reason: 'RunStuck', message: 'a run of it does not end' });
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 100, '1.1.0': 'shadow 20' });
  });

  describe('under which inference processes die', () => {
    const step2 = { canary: { steps: [{ setWeight: 10 }, { pause: {} }] } };
    const hour = 60 * minute;
    const dies = (...versions: string[]) => {
      const { losses } = world.runtime;
      const pid = 7 + (losses[versions[0] ?? '']?.length ?? 0);
      const loss = { at: world.clock.now(), message: `inference process 0 (pid ${pid}) died without a word` };
      world.runtime.losses = {
        ...losses,
        ...Object.fromEntries(versions.map((version) => [version, [...(losses[version] ?? []), loss]])),
      };
      return world.reconcile();
    };

    it('is forgiven the first and given up with the second', async () => {
      await begin(step2);
      await dies('1.0.0', '1.1.0');
      expect(shares()).toEqual({ '1.0.0': 90, '1.1.0': 'candidate 10' });
      await dies('1.0.0', '1.1.0');
      expect(shares()).toEqual({ '1.0.0': 100 });
      expect(world.cell?.aborted).toMatchObject({
        reason: 'ProcessesLost',
        step: 2,
        message:
          '2 inference processes ended within 1h while they held 1.1.0; the last: inference process 0 (pid 8) died without a word',
      });
      expect(said().filter((one) => one.startsWith('rollout.processLost'))).toEqual([
        'rollout.processLost it: inference process 0 (pid 7) died without a word, and held 1.1.0, which is on trial',
        'rollout.processLost it: inference process 0 (pid 8) died without a word, and held 1.1.0, which is on trial',
      ]);
    });

    it('is given up with the first where nobody has answered for a minute since', async () => {
      await begin(step2);
      await dies('1.0.0', '1.1.0');
      world.runtime.processes = { ready: 0, total: 1 };
      await wait(0.9);
      expect(world.cell?.aborted).toBeUndefined();
      await wait(0.1);
      expect(world.cell?.aborted).toMatchObject({
        reason: 'ProcessesLost',
        message: expect.stringMatching(/^an inference process ended within 1h while it held 1\.1\.0/),
      });
    });

    it('is given up although control was started anew between the two', async () => {
      await begin(step2);
      await dies('1.0.0', '1.1.0');
      world.runtime.losses = {};
      world.restart();
      await world.reconcile();
      world.clock.turn(1);
      await dies('1.0.0', '1.1.0');
      expect(world.cell?.aborted).toMatchObject({ reason: 'ProcessesLost' });
      expect(said().filter((one) => one.startsWith('rollout.processLost'))).toHaveLength(2);
    });

    it('is not held for what ended as often before it came', async () => {
      world.declare({ strategy: step2 });
      await world.deploy('1.0.0');
      for (let death = 0; death < 2; death++) await dies('1.0.0');
      world.clock.turn(1);
      await world.deploy('1.1.0');
      for (let death = 0; death < 3; death++) await dies('1.0.0', '1.1.0');
      expect(shares()).toEqual({ '1.0.0': 90, '1.1.0': 'candidate 10' });
      await dies('1.0.0', '1.1.0');
      expect(shares()).toEqual({ '1.0.0': 100 });
    });

    it('is given up while it is still being loaded', async () => {
      world.declare({ strategy: step2 });
      await world.deploy('1.0.0');
      world.declare({ version: '1.1.0' });
      await world.reconcile();
      await dies('1.0.0', '1.1.0');
      await dies('1.0.0', '1.1.0');
      expect(shares()).toEqual({ '1.0.0': 100 });
      expect(world.runtime.declared.at(-1)?.versions.map(({ version }) => version)).toEqual(['1.0.0']);
      expect(world.cell?.aborted).toMatchObject({ reason: 'ProcessesLost', step: 0 });
    });

    it('goes on where they died before it came, or hours apart', async () => {
      world.declare({ strategy: step2 });
      await world.deploy('1.0.0');
      await dies('1.0.0', '1.1.0');
      world.clock.turn(1);
      await world.deploy('1.1.0');
      await dies('1.0.0', '1.1.0');
      world.clock.turn(hour + 1);
      await dies('1.0.0', '1.1.0');
      expect(shares()).toEqual({ '1.0.0': 90, '1.1.0': 'candidate 10' });
    });

    it('is given up also where the clock was set back since it began', async () => {
      await begin(step2);
      world.clock.turn(-24 * hour);
      await dies('1.1.0');
      await dies('1.1.0');
      expect(world.cell?.aborted).toMatchObject({ reason: 'ProcessesLost' });
    });

    it('does not lose what answers alone to them', async () => {
      await begin(step2);
      await world.say('promote');
      await world.reconcile();
      expect(shares()).toEqual({ '1.1.0': 100 });
      for (let deaths = 0; deaths < 3; deaths += 1) await dies('1.0.0', '1.1.0');
      expect(shares()).toEqual({ '1.1.0': 100 });
      expect(world.cell?.aborted).toBeUndefined();
    });
  });

  it('that does not load in time shows, and is tried on', async () => {
    world.declare({ strategy: canary });
    await world.deploy('1.0.0');
    world.declare({ version: '1.1.0' });
    await world.reconcile();
    expect(await wait(10)).toMatchObject({ degraded: { reason: 'ProgressDeadlineExceeded' } });
    world.runtime.finish(world.key, '1.1.0');
    expect(await world.reconcile()).toMatchObject({ facts: { rollout: { step: 2 } } });
  });

  it('that is put in quarantine on its way gives its traffic back', async () => {
    await begin({ canary: { steps: [{ setWeight: 10 }, { pause: {} }] } });
    const quarantine = { reason: 'wrong in fog' };
    world.versions = world.versions.map((one) =>
      one.metadata.name === '1.1.0' ? versionOf('1.1.0', { quarantine }) : one,
    );
    expect(await world.reconcile()).toMatchObject({ reason: 'Quarantined' });
    expect(shares()).toEqual({ '1.0.0': 100 });
  });

  it('that is larger than may be held beside stable is refused; what is warm makes room before that', async () => {
    const of = (maxSurge: string): DeploymentSpec['strategy'] => ({
      canary: { steps: [{ setWeight: 10 }, { pause: {} }], maxSurge },
    });
    world.declare({ strategy: { direct: {} } });
    await world.deploy('1.0.0');
    await world.deploy('1.1.0');
    expect(world.runtime.loadedIn(world.key)).toEqual(['1.0.0', '1.1.0']);
    world.declare({ strategy: of('100kB') });
    await world.deploy('1.2.0');
    expect(world.runtime.loadedIn(world.key)).toEqual(['1.1.0', '1.2.0']);
    world.declare({ strategy: of('70kB') });
    expect(await world.reconcile()).toMatchObject({ reason: 'SurgeExceeded', state: 'stalled' });
    expect(shares()).toEqual({ '1.1.0': 100 });
  });
});

describe('a blue-green', () => {
  it('can be asked by its preview name, waits for a human, and takes over at once', async () => {
    await begin({ blueGreen: { autoPromotion: false, previewPath: 'next', scaleDownDelay: '30m' } });
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(world.runtime.declared.at(-1)?.rules).toEqual({ aliases: { next: '1.1.0' } });
    await world.say('promote', { reason: 'looks good' });
    expect(shares()).toEqual({ '1.1.0': 100 });
    expect(world.runtime.declared.at(-1)?.rules).toEqual({ aliases: { next: '1.1.0' } });
    await wait(29);
    expect(world.runtime.loadedIn(world.key)).toEqual(['1.0.0', '1.1.0']);
    await wait(1);
    expect(world.runtime.loadedIn(world.key)).toEqual(['1.1.0']);
  });

  it('goes back at once when what is analysed after the promotion fails', async () => {
    await begin({ blueGreen: { prePromotionAnalysis: { templates }, postPromotionAnalysis: { templates } } });
    expect(shares()).toEqual({ '1.0.0': 100 });
    world.verdicts['step-2'] = 'Successful';
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 0, '1.1.0': 'candidate 100' });
    world.verdicts['step-4'] = 'Failed';
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 100 });
  });
});

describe('a shadow', () => {
  const shadow = { percent: 50, duration: '1h', requests: 1000, analysis: { templates } };

  it('sees requests for so long and so many, and takes over when its analysis succeeded', async () => {
    world.verdicts['step-2'] = 'Successful';
    world.runtime.requests = { '1.1.0': 5_000 };
    await begin({ shadow });
    expect(shares()).toEqual({ '1.0.0': 100, '1.1.0': 'shadow 50' });
    world.runtime.requests = { '1.1.0': 5_600 };
    expect(await wait(60)).toMatchObject({
      progressing: {
        message: 'shadow step 2 of 2, 1.1.0 sees 50 %: it is watched until it has seen 1000 requests',
      },
      facts: { rollout: { requests: 600 } },
    });
    // A process ended, and its count with it.
    world.runtime.requests = { '1.1.0': 100 };
    await wait(1);
    world.runtime.requests = { '1.1.0': 500 };
    await wait(1);
    expect(shares()).toEqual({ '1.1.0': 100 });
  });

  it('that disagrees with stable never answers', async () => {
    await begin({ shadow });
    world.verdicts['step-2'] = 'Failed';
    await wait(1);
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(world.cell?.aborted).toMatchObject({ reason: 'AnalysisFailed' });
  });
});

describe('an A/B test', () => {
  const test = {
    arms: [
      { name: 'control', version: 'stable', share: 40 },
      { name: 'treatment', version: 'candidate', share: 40 },
      { name: 'old', version: '1.2.0', share: 20 },
    ],
    assignment: { cookie: 'session' },
    match: [{ all: [{ header: 'x-team', equals: 'birds' }], arm: 'treatment' }],
    metric: { templates },
    minimumEffect: 0.01,
    duration: '7d',
  };
  async function beginTest(stopRule: 'sequential' | 'fixed') {
    await begin({ abTest: { ...test, stopRule } });
    world.runtime.finish(world.key, '1.2.0');
    await world.reconcile();
  }

  it('begins once all arms are loaded, and gives each its share', async () => {
    await begin({ abTest: test });
    expect(shares()).toEqual({ '1.0.0': 100 });
    world.runtime.finish(world.key, '1.2.0');
    await world.reconcile();
    expect(shares()).toEqual({ '1.0.0': 40, '1.1.0': 'candidate 40', '1.2.0': 'arm 20' });
    expect(world.runtime.declared.at(-1)?.rules).toEqual({
      sticky: { by: { cookie: 'session' }, salt: 'production/bird-strike/1.1.0' },
      matches: [{ all: [{ header: 'x-team', equals: 'birds' }], version: '1.1.0' }],
    });
  });

  it('ends as soon as its metric tells, by the sequential rule', async () => {
    await beginTest('sequential');
    world.verdicts['step-2'] = 'Successful';
    await wait(1);
    expect(shares()).toEqual({ '1.1.0': 100 });
  });

  it('believes no figure while arms do not get the shares that they were meant to', async () => {
    await beginTest('sequential');
    world.runtime.arms = { '1.0.0': 4100, '1.1.0': 3900, '1.2.0': 2000 };
    expect(await wait(1)).not.toHaveProperty('degraded');
    // Keys of the candidate are lost.
    world.runtime.arms = { '1.0.0': 4100, '1.1.0': 3100, '1.2.0': 2000 };
    world.verdicts['step-2'] = 'Successful';
    const held = await wait(1);
    expect(held.degraded).toMatchObject({
      reason: 'AnalysisInconclusive',
      message: expect.stringContaining('1.1.0 answered 3,100 (33.7 %, meant 40 %)'),
    });
    expect(shares()).toEqual({ '1.0.0': 40, '1.1.0': 'candidate 40', '1.2.0': 'arm 20' });
    // What was an accident is over when more was counted.
    world.runtime.arms = { '1.0.0': 40_100, '1.1.0': 39_900, '1.2.0': 20_000 };
    await wait(1);
    expect(shares()).toEqual({ '1.1.0': 100 });
  });

  it('sends its keys back all the same where the candidate fails', async () => {
    await beginTest('sequential');
    world.runtime.arms = { '1.0.0': 4100, '1.1.0': 0, '1.2.0': 2000 };
    world.verdicts['step-2'] = 'Failed';
    await wait(1);
    expect(shares()).toEqual({ '1.0.0': 100 });
  });

  it('is not looked at before its time is over, by the fixed rule', async () => {
    await beginTest('fixed');
    world.verdicts['step-2'] = 'Failed';
    await wait(6 * 24 * 60);
    expect(shares()).toEqual({ '1.0.0': 40, '1.1.0': 'candidate 40', '1.2.0': 'arm 20' });
    await wait(24 * 60);
    expect(shares()).toEqual({ '1.0.0': 100 });
  });

  it('that is undecided at its end waits for a human', async () => {
    await beginTest('sequential');
    expect(await wait(7 * 24 * 60)).toMatchObject({ degraded: { reason: 'AnalysisInconclusive' } });
    expect(shares()).toEqual({ '1.0.0': 40, '1.1.0': 'candidate 40', '1.2.0': 'arm 20' });
  });
});

describe('a human', () => {
  const pausing: DeploymentSpec['strategy'] = {
    canary: { steps: [{ setWeight: 10 }, { pause: { duration: '5m' } }, { setWeight: 50 }, { pause: {} }] },
  };

  it('aborts, and traffic is back in the same look', async () => {
    await begin(pausing);
    expect(await world.say('abort', { reason: 'it is wrong in fog' })).toBe('traffic goes back to 1.0.0');
    expect(shares()).toEqual({ '1.0.0': 100 });
    expect(await world.reconcile()).toMatchObject({
      degraded: {
        reason: 'RolledBack',
        message: expect.stringContaining(
          '1.0.0 answers; 1.1.0 was rolled back in step 2 of 4: aborted by ada: it is wrong in fog;',
        ),
      },
    });
    expect(world.journal.find(({ type }) => type === 'rollout.abort')).toMatchObject({
      type: 'rollout.abort',
      data: { by: 'ada', reason: 'it is wrong in fog', version: '1.1.0' },
    });
  });

  it('aborts while the version is still loading', async () => {
    await world.deploy('1.0.0');
    world.declare({ version: '1.1.0', strategy: { direct: {} } });
    await world.reconcile();
    expect(await world.say('abort')).toBe('traffic goes back to 1.0.0');
    expect(world.runtime.loadingIn(world.key)).toEqual([]);
  });

  it('pauses and resumes: time goes on, the walk does not', async () => {
    await begin(pausing);
    await world.say('pause', { reason: 'a release next door' });
    expect(await wait(30)).toMatchObject({
      progressing: {
        reason: 'Paused',
        message: 'canary step 2 of 4, 1.1.0 answers 10 %: paused by ada: a release next door',
      },
    });
    expect(shares()).toEqual({ '1.0.0': 90, '1.1.0': 'candidate 10' });
    expect(await world.say('resume')).toBe('1.1.0 goes on from step 2');
    expect(shares()).toEqual({ '1.0.0': 50, '1.1.0': 'candidate 50' });
    expect(await world.say('resume')).toBe('1.1.0 goes on after step 4');
    expect(shares()).toEqual({ '1.1.0': 100 });
  });

  it('promotes past all steps', async () => {
    await begin(pausing);
    expect(await world.say('promote', { isFull: true })).toBe('1.1.0 is promoted past all steps');
    expect(shares()).toEqual({ '1.1.0': 100 });
  });

  it.each([
    ['promote', 'there is no rollout to promote: 1.0.0 answers'],
    ['pause', 'there is no rollout to pause: 1.0.0 answers'],
    ['resume', 'there is no rollout to resume: 1.0.0 answers'],
    ['abort', '1.0.0 answers, and nothing else is under way'],
    ['retry', 'there is no rollout to retry: 1.0.0 answers'],
  ] as const)('is told why there is nothing to %s', async (verb, why) => {
    await world.deploy('1.0.0');
    const journal = world.journal.length;
    expect(await world.say(verb)).toBe(`production/bird-strike cannot ${verb}: ${why}`);
    expect(world.journal).toHaveLength(journal);
  });
});
