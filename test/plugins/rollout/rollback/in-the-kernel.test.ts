import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gate } from '../../../../core/capabilities/gate.ts';
import { metricsSource } from '../../../../core/capabilities/metrics-source.ts';
import { servingRuntime } from '../../../../core/capabilities/serving-runtime.ts';
import { definePlugin } from '../../../../core/plugin.ts';
import * as statistics from '../../../../libraries/statistics/index.ts';
import { measureTraffic } from '../../../../libraries/traffic-measures/index.ts';
import { plugin as environments } from '../../../../plugins/environments/index.ts';
import { plugin as forgeGit } from '../../../../plugins/forge-git/index.ts';
import { plugin as models } from '../../../../plugins/models/index.ts';
import { plugin as proposals } from '../../../../plugins/proposals/index.ts';
import { replayVerdict, type VerdictEvidence } from '../../../../plugins/rollout/analysis/evidence.ts';
import { plugin as rollout } from '../../../../plugins/rollout/index.ts';
import { MemoryServingRuntime } from '../../../fixtures/serving-runtime.ts';
import { until } from '../../../fixtures/until.ts';
import { Yard } from '../../../fixtures/yard.ts';

const key = 'production/bird-strike';
const ref = 'Deployment/production/bird-strike';
const manifest = 'environments/production/bird-strike.yaml';

let yard: Yard;
let runtime: MemoryServingRuntime;
let errors: Record<string, number>;

const signature = `
    inputs:
      - { name: speed, datatype: FP32, shape: [-1, 1] }
    outputs:
      - { name: probability, datatype: FP32, shape: [-1, 1] }
`;
const head = (kind: string, metadata: string) =>
  `apiVersion: switchyard/v1\nkind: ${kind}\nmetadata: ${metadata}\n`;

function version(name: string): Record<string, string> {
  const content = `model ${name}`;
  const digest = createHash('sha256').update(content).digest('hex');
  return {
    [`models/bird-strike/versions/${name}.onnx`]: content,
    [`models/bird-strike/versions/${name}.yaml`]: `${head('ModelVersion', `{ name: ${name}, model: bird-strike }`)}spec:
  artifact: { uri: "file:${name}.onnx", digest: "sha256:${digest}", size: ${content.length} }
  signature:${signature}`,
  };
}

const deployment = (name: string) => ({
  [manifest]: `${head('Deployment', '{ name: bird-strike, environment: production }')}spec:
  model: bird-strike
  version: ${name}   # what a promotion changes
  strategy:
    canary:
      steps:
        - setWeight: 10
        - analysis: { templates: [{ templateName: healthy }] }
        - setWeight: 50
`,
});

const registry = {
  'environments/production/environment.yaml': `${head('Environment', '{ name: production }')}spec: { default: true }\n`,
  'models/bird-strike/model.yaml': `${head('Model', '{ name: bird-strike }')}spec:
  task: tabular-classification
  description: Will a bird strike damage the aircraft?
  owners: [safety]
  signature:${signature}`,
  'analyses/healthy.yaml': `${head('AnalysisTemplate', '{ name: healthy }')}spec:
  metrics:
    - name: error-rate
      failureCondition: result.lower > 0.01
      provider: { builtin: { metric: errorRate } }
`,
  ...version('1.0.0'),
  ...version('1.1.0'),
  ...version('1.2.0'),
  ...deployment('1.0.0'),
};

/** Serves from memory, and measures what a test says that versions do. */
const yardstick = definePlugin({
  name: 'yardstick',
  description: 'Serves and measures from memory.',
  provides: [servingRuntime, metricsSource, gate],
  setup(host) {
    runtime.onWake = (woken) => host.wake(woken);
    host.provide(servingRuntime, 'onnxruntime', runtime);
    host.provide(gate, 'anybody', { judge: async () => ({ allowed: true, requirements: [] }) });
    host.provide(metricsSource, 'builtin', {
      async measure({ variants: { candidate }, alpha = Number.NaN }) {
        const query = { metric: 'errorRate', alpha } as const;
        const counted = { requests: 200, errors: errors[candidate] ?? 0 };
        const sums = { candidate: counted, stable: { requests: 800, errors: 0 } };
        const measured = measureTraffic(query, sums, statistics);
        if ('nothing' in measured) throw new Error(measured.nothing);
        const to = Date.now();
        const window = { from: to - 10_000, to };
        return { type: 'value', ...measured, window, observedAt: to, statistics: { query, sums } };
      },
    });
  },
});

async function start(): Promise<void> {
  const plugins = [rollout, models, environments, yardstick, forgeGit, proposals];
  await yard.start({
    plugins: plugins.map((definition) => ({
      definition,
      options: definition.name === 'proposals' ? { poll: '1s' } : {},
    })),
  });
}

beforeEach(async () => {
  yard = new Yard();
  runtime = new MemoryServingRuntime();
  errors = {};
  await yard.commit(registry);
  await start();
  runtime.finish(key, '1.0.0');
  await yard.kernel.idle();
});
afterEach(() => yard.close());

const conditions = () =>
  Object.fromEntries(
    (yard.kernel.resource(ref)?.status?.conditions ?? [])
      .filter(({ status }) => status === 'True')
      .map(({ type, reason }) => [type, reason]),
  );
const message = () =>
  yard.kernel.resource(ref)?.status?.conditions.find(({ type }) => type === 'Degraded')?.message ?? '';
async function ask(method: string, path: string, body?: unknown) {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const request = new Request(`http://localhost/plugins/${path}`, init);
  const [plugin = '', ...rest] = path.split('/');
  const answer = await yard.kernel.route(plugin, rest.join('/'), request);
  return { status: answer?.status, body: (await answer?.json()) as Record<string, unknown> };
}
const by = { name: 'Grace', email: 'grace@example.org' };
const all = async () =>
  (await ask('GET', 'proposals/proposals')).body.items as { proposal: { number: number; state: string } }[];

/** 1.1.0 is merged, answers a few requests, and fails. */
async function failing(): Promise<void> {
  errors['1.1.0'] = 24;
  await yard.commit(deployment('1.1.0'));
  await yard.settle();
  runtime.finish(key, '1.1.0');
  await until(() => message().includes('proposal 1 puts Git right'));
}

describe('a bad version', { timeout: 120_000 }, () => {
  it('is rolled back, told in one proposal with its evidence, and gone from Git once that is merged', async () => {
    await failing();
    expect(runtime.answer(key).version).toBe('1.0.0');
    expect(conditions()).toEqual({ Degraded: 'RolledBack' });
    const [entry] = await yard.kernel.journal({ type: 'rollout.rolledBack', limit: 10 });
    const evidence = entry?.data.evidence as VerdictEvidence;
    expect(replayVerdict(evidence)).toMatchObject({ isSame: true, verdict: { outcome: 'Failed' } });

    const { body: shown } = await ask('GET', 'proposals/proposals/1');
    expect(shown.proposal).toMatchObject({
      state: 'open',
      title: 'Quarantine bird-strike 1.1.0 and roll back to 1.0.0 in production',
      author: { name: 'Switchyard' },
    });
    const { body } = shown.proposal as { body: string };
    for (const part of [
      '{"candidate":0.12',
      '| 200 |',
      'result.lower > 0.01',
      '"lower":0.0',
      'P(a good version is rolled back by this analysis) ≤ 0.05 (the default error budget of 0.05)',
      `entry ${entry?.sequence}`,
    ])
      expect(body).toContain(part);
    expect(body).toContain(`\`switchyard replay ${evidence.id}\``);

    expect((await ask('POST', 'proposals/proposals/1/merge', { by })).status).toBe(200);
    await until(() => conditions().Ready === 'Serving');
    expect(conditions()).toEqual({ Ready: 'Serving' });
    expect(runtime.answer(key).version).toBe('1.0.0');
    const version = yard.kernel.resource('ModelVersion/bird-strike/1.1.0')?.resource?.spec;
    expect(version).toMatchObject({
      quarantine: {
        reason: expect.stringContaining('healthy/error-rate failed 1 > limit 0'),
        evidence: `journal entry ${entry?.sequence}, verdict ${evidence.id}`,
      },
    });
    expect(yard.kernel.resource(ref)?.resource?.spec).toMatchObject({ version: '1.0.0' });
    expect((await all()).length).toBeLessThanOrEqual(1);
  });

  it('does not come back when the platform starts anew, nor is it proposed twice', async () => {
    await failing();
    await yard.stop();
    await start();
    await until(() => message().includes('proposal 1 puts Git right'));
    expect(runtime.answer(key).version).toBe('1.0.0');
    expect((await all()).map(({ proposal }) => proposal.number)).toEqual([1]);
  });

  it('asks for a decision when its proposal is closed, and is tried again when somebody answers for it', async () => {
    await failing();
    await ask('POST', 'proposals/proposals/1/close', { by, reason: 'the labels were late' });
    await until(() => conditions().Degraded === 'RollbackDeclined');
    expect(message()).toContain('proposal 1 was closed by Grace');
    expect(runtime.answer(key).version).toBe('1.0.0');
    errors = {};
    const accepted = await ask('POST', `rollout/deployments/${key}/accept-risk`, {
      by: 'grace',
      reason: 'the labels were late',
    });
    expect(accepted.body.message).toBe(
      'the risk of 1.1.0 is accepted: it is tried again from its first step',
    );
    await until(() => runtime.loadingIn(key).includes('1.1.0'));
    runtime.finish(key, '1.1.0');
    await until(() => runtime.answer(key).version === '1.1.0' && conditions().Ready === 'Serving');
    expect(conditions().Degraded).toBeUndefined();
  });
});
