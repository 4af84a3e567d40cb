import { beforeEach, describe, expect, it } from 'vitest';
import type { Measurement, MetricsSource } from '../../../../core/capabilities/metrics-source.ts';
import { metricsUnreachable } from '../../../../core/capabilities/metrics-source-errors.ts';
import { measureTraffic } from '../../../../libraries/traffic-measures/index.ts';
import { Analyses } from '../../../../plugins/rollout/analysis/analyses.ts';
import { analysisTemplateKind } from '../../../../plugins/rollout/analysis/analysis-template.ts';
import { replayVerdict, type VerdictEvidence } from '../../../../plugins/rollout/analysis/evidence.ts';
import type { AnalysisTemplateSpec } from '../../../../schemas/generated/analysis-template.ts';
import { manifestOf } from '../../../fixtures/manifest.ts';
import { RolloutWorld } from '../../../fixtures/rollout-world.ts';

const healthy: AnalysisTemplateSpec = {
  metrics: [
    {
      name: 'error-rate',
      interval: '10s',
      count: 3,
      successCondition: 'result.candidate <= 0.01',
      provider: { builtin: { metric: 'errorRate' } },
    },
  ],
};
const analysis = { templates: [{ templateName: 'healthy' }] };
const canary = { canary: { steps: [{ setWeight: 10 }, { analysis }, { setWeight: 50 }] } };

let errors: number;
let isDown: boolean;
let world: RolloutWorld;

const analysesOf = ({ clock }: Pick<RolloutWorld, 'clock'>) => {
  const source: MetricsSource = { measure: async () => measured(clock.now()) };
  const sources = { get: () => source, names: () => ['builtin'] };
  return new Analyses({ sources, wake: () => {}, now: () => clock.now() });
};

/** Another process: what was being measured is gone. */
const begin = (): void => {
  world.analyses = analysesOf(world);
  world.restart();
};

beforeEach(async () => {
  errors = 0;
  isDown = false;
  world = new RolloutWorld(analysesOf);
  world.templates = [manifestOf(analysisTemplateKind, { name: 'healthy' }, healthy)];
  await world.deploy('1.0.0');
  world.declare({ version: '1.1.0', strategy: canary });
  await world.deploy('1.1.0');
});

function measured(now: number): Measurement {
  if (isDown) throw metricsUnreachable('builtin', 'down');
  const query = { metric: 'errorRate' } as const;
  const sums = { candidate: { requests: 200, errors } };
  const result = measureTraffic(query, sums);
  if ('nothing' in result) throw new Error(result.nothing);
  return {
    type: 'value',
    ...result,
    window: { from: now - 1, to: now },
    observedAt: now,
    statistics: { query, sums },
  };
}

/** Looks as often as the outcome asks for, for so many seconds. */
async function pass(seconds: number) {
  let outcome = await world.reconcile();
  for (let passed = 0; passed < seconds; passed++) {
    world.clock.turn(1_000);
    await world.reconcile();
    await new Promise((resolve) => setImmediate(resolve));
    outcome = await world.reconcile();
  }
  return outcome;
}

const ended = () => world.journal.filter(({ type }) => type === 'analysis.ended');

describe('a canary with an analysis', () => {
  it('goes on when its metric holds as often as it is asked for', async () => {
    await pass(5);
    expect(world.journal.some(({ message }) => message.includes('switched 1.0.0 → 1.1.0'))).toBe(false);
    await pass(30);
    expect(world.journal.some(({ message }) => message.includes('switched 1.0.0 → 1.1.0'))).toBe(true);
    expect(ended().map(({ message }) => message)).toEqual([
      'production/bird-strike: bird-strike 1.1.0: Successful: healthy/error-rate held. ' +
        'P(a good version is rolled back by this analysis) has no bound: healthy/error-rate (a threshold without an interval).',
    ]);
  });

  it('says of what it measured beside the steps how that ended, too', async () => {
    const [metric] = healthy.metrics;
    const endless = { metrics: [{ ...metric, name: 'errors', count: undefined }] };
    const spec = JSON.parse(JSON.stringify(endless)) as AnalysisTemplateSpec;
    world.templates = [manifestOf(analysisTemplateKind, { name: 'endless' }, spec)];
    const steps = [{ setWeight: 10 }, { pause: { duration: '25s' } }];
    world.declare({
      strategy: { canary: { steps, analysis: { templates: [{ templateName: 'endless' }] } } },
    });
    await pass(40);
    expect(world.runtime.answer(world.key).version).toBe('1.1.0');
    const told = ended().map(({ message }) => message);
    expect(told.at(-1)).toContain('bird-strike 1.1.0: Successful: endless/errors held.');
  });

  it('goes back when it fails, and its evidence gives the same verdict again', async () => {
    errors = 20;
    await pass(15);
    expect(world.runtime.answer(world.key).version).toBe('1.0.0');
    const [entry] = ended();
    expect(world.cell?.aborted?.evidence?.bound).toMatch(
      /^P\(a good version is rolled back by this analysis\) has no bound: healthy\/error-rate/,
    );
    const back = world.journal.find(({ type }) => type === 'rollout.rolledBack');
    for (const { data } of [entry!, back!]) {
      const evidence = JSON.parse(JSON.stringify(data?.evidence)) as VerdictEvidence;
      expect(evidence.verdict.message).toBe('healthy/error-rate failed 1 > limit 0');
      expect(replayVerdict(evidence)).toEqual({ verdict: evidence.verdict, isSame: true, differences: [] });
    }
  });

  it.each(['before', 'after'] as const)(
    'tells the journal of its end once, also where the process is killed %s it wrote that down',
    async (moment) => {
      errors = 20;
      const { request } = world;
      let isKilled = false;
      world.request = () => {
        const alive = request.call(world);
        return {
          ...alive,
          async record(type, message, data) {
            const isDeadly = type === 'analysis.ended' && !isKilled;
            if (!isDeadly || moment === 'after') await alive.record(type, message, data);
            if (!isDeadly) return;
            isKilled = true;
            throw new Error('killed');
          },
        };
      };
      await expect(pass(15)).rejects.toThrow('killed');
      const told = ended().length;
      expect(told).toBe(moment === 'after' ? 1 : 0);
      begin();
      await pass(3);
      expect(ended()).toHaveLength(1);
      expect(world.cell?.aborted?.reason).toBe('AnalysisFailed');
      expect(world.journal.filter(({ type }) => type === 'rollout.rolledBack')).toHaveLength(1);
    },
  );

  it('neither goes on nor back while its source is down, and goes on when that is up again', async () => {
    isDown = true;
    await pass(45);
    expect(world.journal.some(({ type }) => type === 'rollout.rolledBack')).toBe(false);
    expect(world.journal.some(({ message }) => message.includes('switched 1.0.0 → 1.1.0'))).toBe(false);
    isDown = false;
    await pass(60);
    expect(world.journal.some(({ message }) => message.includes('switched 1.0.0 → 1.1.0'))).toBe(true);
  });
});
