import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { servingRuntime } from '../../../core/capabilities/serving-runtime.ts';
import { definePlugin } from '../../../core/plugin.ts';
import { plugin as environments } from '../../../plugins/environments/index.ts';
import { plugin as models } from '../../../plugins/models/index.ts';
import { plugin as rollout } from '../../../plugins/rollout/index.ts';
import { MemoryServingRuntime } from '../../fixtures/serving-runtime.ts';
import { Yard } from '../../fixtures/yard.ts';

const key = 'production/bird-strike';
const deploymentRef = 'Deployment/production/bird-strike';

let yard: Yard;
let runtime: MemoryServingRuntime;
beforeEach(() => {
  yard = new Yard();
  runtime = new MemoryServingRuntime();
});
afterEach(() => yard.close());

const signature = `
    inputs:
      - { name: speed, datatype: FP32, shape: [-1, 1] }
    outputs:
      - { name: probability, datatype: FP32, shape: [-1, 1] }
`;
const head = (kind: string, metadata: string) =>
  `apiVersion: switchyard/v1\nkind: ${kind}\nmetadata: ${metadata}\n`;

function version(name: string, more = '', digestOf = `model ${name}`): Record<string, string> {
  const content = `model ${name}`;
  const digest = createHash('sha256').update(digestOf).digest('hex');
  return {
    [`models/bird-strike/versions/${name}.onnx`]: content,
    [`models/bird-strike/versions/${name}.yaml`]: `${head('ModelVersion', `{ name: ${name}, model: bird-strike }`)}spec:
  artifact: { uri: "file:${name}.onnx", digest: "sha256:${digest}", size: ${content.length} }
  signature:${signature}${more}`,
  };
}

const deployment = (name: string, more = '') => ({
  'environments/production/bird-strike.yaml': `${head('Deployment', '{ name: bird-strike, environment: production }')}spec:
  model: bird-strike
  version: ${name}
${more}`,
});

const registry = {
  'environments/production/environment.yaml': `${head('Environment', '{ name: production }')}spec: { default: true }\n`,
  'models/bird-strike/model.yaml': `${head('Model', '{ name: bird-strike }')}spec:
  task: tabular-classification
  description: Will a bird strike damage the aircraft?
  owners: [safety]
  signature:${signature}`,
  ...version('1.0.0'),
  ...version('1.1.0'),
  ...deployment('1.0.0'),
};

async function start(): Promise<void> {
  const memoryServing = definePlugin({
    name: 'memory-serving',
    description: 'Serves from memory.',
    provides: [servingRuntime],
    setup(host) {
      runtime.onWake = (ref) => host.wake(ref);
      host.provide(servingRuntime, 'onnxruntime', runtime);
    },
  });
  const plugins = [rollout, models, environments, memoryServing];
  await yard.start({ plugins: plugins.map((definition) => ({ definition, options: {} })) });
}

async function finish(name: string): Promise<void> {
  runtime.finish(key, name);
  await yard.kernel.idle();
}

const conditions = (ref: string) =>
  Object.fromEntries(
    (yard.kernel.resource(ref)?.status?.conditions ?? []).map(({ type, status, reason }) => [
      type,
      `${status}/${reason}`,
    ]),
  );

describe('a deployment in the kernel', () => {
  beforeEach(async () => {
    await yard.commit(registry);
    await start();
    await finish('1.0.0');
  });

  it('serves what a commit declares, and everything that it stands on is ready', () => {
    expect(yard.kernel.issues().filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(runtime.answer(key).version).toBe('1.0.0');
    expect(conditions(deploymentRef)).toEqual({ Ready: 'True/Serving' });
    expect(conditions('ModelVersion/bird-strike/1.0.0')).toEqual({ Ready: 'True/ArtifactVerified' });
    expect(conditions('Model/bird-strike')).toEqual({ Ready: 'True/Registered' });
    expect(conditions('Environment/production')).toEqual({ Ready: 'True/RunHere' });
  });

  it('walks a one-line change from plan to switch, and back by a revert at once', async () => {
    const promoted = await yard.commit(deployment('1.1.0'));
    await yard.settle();
    expect(conditions(deploymentRef)).toEqual({ Ready: 'True/Serving', Progressing: 'True/Loading' });
    expect(runtime.answer(key).version).toBe('1.0.0');
    await finish('1.1.0');
    expect(runtime.answer(key)).toEqual({ version: '1.1.0', commit: promoted });
    expect(conditions(deploymentRef)).toEqual({ Ready: 'True/Serving' });

    const reverted = await yard.commit(deployment('1.0.0'));
    await yard.settle();
    expect(runtime.answer(key)).toEqual({ version: '1.0.0', commit: reverted });
    const journal = await yard.kernel.journal({ type: 'deployment.switched', limit: 10 });
    expect(journal.map(({ message, commit }) => [message, commit])).toEqual([
      ['production/bird-strike switched 1.1.0 → 1.0.0', reverted],
      ['production/bird-strike switched 1.0.0 → 1.1.0', promoted],
      ['production/bird-strike answers with bird-strike 1.0.0', expect.any(String)],
    ]);
    const plan = await yard.kernel.plan(promoted);
    expect(JSON.stringify(plan?.plan)).toContain('switch production/bird-strike 1.0.0 → 1.1.0');
  });

  it('refuses a version whose artifact is another file, and takes it once that is repaired', async () => {
    await yard.commit({ ...version('1.2.0', '', 'something else'), ...deployment('1.2.0') });
    await yard.settle();
    expect(conditions('ModelVersion/bird-strike/1.2.0').Ready).toBe('False/DigestMismatch');
    expect(conditions(deploymentRef)).toMatchObject({
      Ready: 'False/DigestMismatch',
      Degraded: 'True/RolloutRefused',
    });
    expect(runtime.answer(key).version).toBe('1.0.0');
    await yard.commit(version('1.2.0'));
    await yard.settle();
    if (runtime.loadingIn(key).includes('1.2.0')) await finish('1.2.0');
    expect(runtime.answer(key).version).toBe('1.2.0');
    expect(conditions(deploymentRef)).toEqual({ Ready: 'True/Serving' });
  });

  it('goes on with what it has when the version that it declares is put in quarantine', async () => {
    await yard.commit(version('1.0.0', '  quarantine: { reason: wrong in fog }\n'));
    await yard.settle();
    expect(conditions(deploymentRef)).toMatchObject({
      Ready: 'False/Quarantined',
      Degraded: 'True/RolloutRefused',
    });
    expect(runtime.answer(key).version).toBe('1.0.0');
    expect(yard.kernel.issues().map(({ code, severity }) => [code, severity])).toContainEqual([
      'Quarantined',
      'warning',
    ]);
  });

  it('keeps its last good manifest when the new one names a version that is not there', async () => {
    await yard.commit(deployment('9.9.9'));
    await yard.settle();
    expect(conditions(deploymentRef).Ready).toBe('False/InvalidManifest');
    expect(runtime.answer(key).version).toBe('1.0.0');
  });

  it('refuses a breaking version that calls itself a minor, and the deployment goes on', async () => {
    const [path = ''] = Object.keys(version('1.2.0')).filter((name) => name.endsWith('.yaml'));
    const files = version('1.2.0');
    await yard.commit({
      ...files,
      [path]: String(files[path]).replace('FP32', 'INT64'),
      ...deployment('1.2.0'),
    });
    await yard.settle();
    const issue = yard.kernel.issues().find(({ code }) => code === 'BreakingChange');
    expect(issue).toMatchObject({
      path,
      message: 'input "speed" changed FP32 → INT64 since 1.1.0: this asks for 2.0.0 or higher, not 1.2.0',
      line: expect.any(Number),
    });
    expect(runtime.answer(key).version).toBe('1.0.0');
  });

  it('stops answering when its manifest is removed', async () => {
    await yard.commit({ 'environments/production/bird-strike.yaml': null });
    await yard.settle();
    expect(() => runtime.answer(key)).toThrow('no route');
    expect(yard.kernel.resource(deploymentRef)).toBeUndefined();
  });

  it('goes on through a restart of control, without a switch and without a line in the journal', async () => {
    await yard.stop();
    await start();
    expect(runtime.answer(key).version).toBe('1.0.0');
    expect(conditions(deploymentRef)).toEqual({ Ready: 'True/Serving' });
    expect(await yard.kernel.journal({ type: 'deployment.switched', limit: 10 })).toHaveLength(1);
  });
});
