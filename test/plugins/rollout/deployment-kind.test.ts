import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../core/plugin.ts';
import { makeProfile, Profiler, writeProfile } from '../../../libraries/profile/index.ts';
import { environmentKind } from '../../../plugins/environments/environment.ts';
import { modelKind } from '../../../plugins/models/model.ts';
import { deploymentKind } from '../../../plugins/rollout/deployment.ts';
import { deploymentPlan } from '../../../plugins/rollout/deployment-plan.ts';
import { plugin } from '../../../plugins/rollout/index.ts';
import { outlierRulesOf } from '../../../plugins/rollout/logging-outliers.ts';
import { loggingRules } from '../../../plugins/rollout/logging-rules.ts';
import { settingsOf } from '../../../plugins/rollout/settings.ts';
import { type DeploymentSpec, deploymentSchema } from '../../../schemas/generated/deployment.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';
import { versionOf } from '../../fixtures/rollout-world.ts';

const deployment = (spec: Partial<DeploymentSpec> = {}) =>
  manifestOf<DeploymentSpec>(
    deploymentKind,
    { name: 'bird-strike', environment: 'production' },
    { model: 'bird-strike', version: '1.0.0', ...spec },
  );

const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1, 1], data: [1] };
const example = (name: string) => ({ name, inputs: [tensor], outputs: [{ ...tensor, name: 'y' }] });
const versions = [
  versionOf('1.0.0'),
  versionOf('1.1.0', { examples: ['one', 'two', 'three'].map(example) }),
  versionOf('1.2.0', { quarantine: { reason: 'wrong in fog' } }),
];

describe('the plan of a deployment', () => {
  const steps = (change: Parameters<typeof deploymentPlan>[0]) => {
    const resource = change.type === 'removed' ? change.previous : change.next;
    const plan = deploymentPlan(change, relatedTo(deploymentKind, resource, versions));
    for (const { action, description } of plan) expect(description.startsWith(`${action} `)).toBe(true);
    return plan.map(({ description }) => description);
  };
  const changed = (previous: Resource<DeploymentSpec>, next: Resource<DeploymentSpec>) =>
    steps({ type: 'changed', previous, next });

  it('tells a promotion from its load to its release', () => {
    expect(changed(deployment(), deployment({ version: '1.1.0' }))).toEqual([
      'load bird-strike 1.1.0 (76 kB, sha256:ab12…)',
      'run 3 golden examples',
      'switch production/bird-strike 1.0.0 → 1.1.0',
      'keep 1.0.0 warm for 10m',
      'release 1.0.0',
    ]);
  });

  it('keeps nothing warm for 0s', () => {
    const next = deployment({ version: '1.1.0', keepWarm: '0s' });
    expect(changed(deployment(), next).slice(2)).toEqual([
      'switch production/bird-strike 1.0.0 → 1.1.0',
      'release 1.0.0',
    ]);
  });

  it('tells of a way back from a quarantined version that it takes no steps and keeps nothing', () => {
    const strategy = { canary: { steps: [{ setWeight: 10 }, { pause: {} }] } };
    const previous = deployment({ version: '1.2.0', strategy });
    expect(changed(previous, deployment({ version: '1.0.0', strategy })).slice(1)).toEqual([
      'walk no steps if 1.0.0 answered before, else by canary: setWeight 10; pause until promoted',
      'switch production/bird-strike 1.2.0 → 1.0.0',
      'release 1.2.0',
    ]);
  });

  it('tells the steps of a strategy, that of the environment too', () => {
    const strategy = {
      canary: { steps: [{ setWeight: 10 }, { pause: { duration: '5m' } }, { setWeight: 50 }, { pause: {} }] },
    };
    const walked = [
      'walk by canary: setWeight 10; pause 5m; setWeight 50; pause until promoted',
      'switch production/bird-strike 1.0.0 → 1.1.0',
    ];
    expect(changed(deployment(), deployment({ version: '1.1.0', strategy })).slice(2, 4)).toEqual(walked);
    const environment = manifestOf(environmentKind, { name: 'production' }, { strategy });
    const next = deployment({ version: '1.1.0' });
    const related = relatedTo(deploymentKind, next, [...versions, environment]);
    const plan = deploymentPlan({ type: 'changed', previous: deployment(), next }, related);
    expect(plan.slice(2, 4).map(({ description }) => description)).toEqual(walked);
    expect(changed(deployment({ strategy: { direct: {} } }), deployment({ strategy }))).toEqual([
      'set strategy of production/bird-strike direct → canary (setWeight 10; pause 5m; setWeight 50; pause until promoted)',
    ]);
  });

  it('tells a first deployment, a removal, and a refusal', () => {
    expect(steps({ type: 'added', next: deployment() })).toEqual([
      'load bird-strike 1.0.0 (76 kB, sha256:ab12…)',
      'answer production/bird-strike with bird-strike 1.0.0',
    ]);
    expect(steps({ type: 'removed', previous: deployment() })).toEqual([
      'stop production/bird-strike after the requests under way',
      'release 1.0.0',
    ]);
    expect(changed(deployment(), deployment({ version: '1.2.0' }))).toEqual([
      'refuse bird-strike 1.2.0: it is quarantined (wrong in fog)',
    ]);
  });

  it('tells a change of bounds, with what they were', () => {
    const next = deployment({ batching: { maxBatchSize: 8, maxDelay: '2ms' }, limits: { timeout: '1m' } });
    expect(changed(deployment(), next)).toEqual([
      'set maxBatchSize of production/bird-strike 32 → 8',
      'set maxDelay of production/bird-strike 0s → 2ms',
      'set timeout of production/bird-strike 30s → 1m',
    ]);
    expect(changed(deployment(), deployment({ limits: { timeout: '30s' } }))).toEqual([]);
  });

  it('tells how versions will be run', () => {
    const next = deployment({ runtime: { placement: 'worker', replicas: 2, intraOpThreads: 2 } });
    expect(changed(deployment(), next)).toEqual([
      'set runtime of production/bird-strike auto, 1 replica → worker, 2 replicas, intraOpThreads 2',
    ]);
    expect(changed(deployment(), deployment({ runtime: { replicas: 1 } }))).toEqual([]);
  });

  it('tells a change of model by both names', () => {
    expect(changed(deployment(), deployment({ model: 'other', version: '3.0.0' }))).toEqual([
      'load other 3.0.0',
      'switch production/bird-strike bird-strike 1.0.0 → other 3.0.0',
      'release bird-strike 1.0.0',
    ]);
  });

  it('has no step for what is merely affected', () => {
    expect(steps({ type: 'affected', previous: deployment(), next: deployment() })).toEqual([]);
  });
});

describe('a deployment', () => {
  const findings = (resource: Resource<DeploymentSpec>, all: readonly Resource[] = versions) =>
    deploymentKind.validate?.(resource, relatedTo(deploymentKind, resource, all));

  it('refers to its environment, model and version, so that a missing one is an error at its line', () => {
    const references = deploymentKind.references?.(deployment());
    expect(references?.map(({ to, pointer, wakes = true }) => [to, pointer, wakes])).toEqual([
      ['Environment/production', '/metadata/environment', true],
      ['Model/bird-strike', '/spec/model', false],
      ['ModelVersion/bird-strike/1.0.0', '/spec/version', true],
      ['ModelVersion/bird-strike/*', '/spec/model', false],
      ['AnalysisTemplate/*', '/spec', false],
    ]);
  });

  it('refers to the analyses of its strategy, each at its place', () => {
    const analysis = { templates: [{ templateName: 'healthy' }] };
    const strategy = { canary: { steps: [{ setWeight: 10 }, { analysis }], analysis } };
    expect(deploymentKind.references?.(deployment({ strategy })).slice(5)).toEqual([
      {
        to: 'AnalysisTemplate/healthy',
        pointer: '/spec/strategy/canary/steps/1/analysis/templates/0/templateName',
        wakes: false,
      },
      {
        to: 'AnalysisTemplate/healthy',
        pointer: '/spec/strategy/canary/analysis/templates/0/templateName',
        wakes: false,
      },
    ]);
  });

  it('warns of a quarantined version before it is merged', () => {
    expect(findings(deployment({ version: '1.2.0' }))).toMatchObject([
      { code: 'Quarantined', severity: 'warning', pointer: '/spec/version' },
    ]);
    expect(findings(deployment())).toEqual([]);
  });

  it('refuses replicas on the event loop', () => {
    expect(findings(deployment({ runtime: { placement: 'inline', replicas: 2 } }))).toMatchObject([
      { code: 'ReplicasNeedWorkers', pointer: '/spec/runtime/replicas' },
    ]);
    expect(findings(deployment({ runtime: { placement: 'worker', replicas: 2 } }))).toEqual([]);
    expect(findings(deployment({ runtime: { placement: 'inline' } }))).toEqual([]);
  });

  it('keeps no answers of a model that is stateful', () => {
    const cached = deployment({ cache: { ttl: '10m' } });
    expect(findings(cached)).toEqual([]);
    const stateful = [
      ...versions,
      manifestOf(modelKind, { name: 'bird-strike' }, { stateful: true } as ModelSpec),
    ];
    expect(findings(cached, stateful)).toMatchObject([
      { code: 'CacheOfStatefulModel', severity: 'error', pointer: '/spec/cache' },
    ]);
    expect(findings(deployment(), stateful)).toEqual([]);
  });

  it('warns of batching that a fixed shape makes impossible', () => {
    const fixed = { name: 'x', datatype: 'FP32' as const, shape: [1, 1] };
    const version = versionOf('1.0.0', {
      signature: { inputs: [fixed], outputs: [{ ...fixed, name: 'y' }] },
    });
    const batched = deployment({ batching: { maxBatchSize: 8 } });
    expect(findings(batched, [version])).toMatchObject([
      { code: 'BatchingWithoutEffect', severity: 'warning', pointer: '/spec/batching' },
    ]);
    expect(findings(deployment({ batching: { maxBatchSize: 1 } }), [version])).toEqual([]);
    expect(findings(deployment(), [version])).toEqual([]);
    expect(findings(batched)).toEqual([]);
  });

  it('has the defaults that its schema declares', () => {
    const { keepWarm, batching, limits } = deploymentSchema.properties.spec.properties;
    const declared = {
      keepWarm: keepWarm.default,
      batching: {
        maxBatchSize: batching.properties.maxBatchSize.default,
        maxDelay: batching.properties.maxDelay.default,
      },
      limits: { maxQueue: limits.properties.maxQueue.default, timeout: limits.properties.timeout.default },
    };
    expect(settingsOf(deployment().spec)).toEqual(settingsOf(deployment(declared).spec));
  });

  it('is owned by the plugin rollout, which cannot do without a serving runtime', () => {
    expect(plugin.name).toBe('rollout');
    expect(plugin.kinds?.map(({ kind }) => kind)).toEqual(['Deployment', 'AnalysisTemplate']);
    const needs = Object.values(plugin.needs ?? {});
    expect(needs.filter(({ optional }) => !optional).map(({ name }) => name)).toEqual(['serving-runtime']);
  });
});

describe('what a deployment logs', () => {
  const findings = (logging: DeploymentSpec['logging']) => {
    const resource = deployment({ logging });
    const found = deploymentKind.validate?.(resource, relatedTo(deploymentKind, resource, versions)) ?? [];
    return found.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`);
  };

  it('is right where it names what a version of the model has', () => {
    expect(
      findings({ redact: ['x', { name: 'y', by: 'bucket', width: 10 }], subject: { input: 'x' } }),
    ).toEqual([]);
  });

  it('is wrong where a redaction would let through what nobody wanted kept', () => {
    expect(findings({ redact: ['operatr'] })).toEqual([
      'RedactionWithoutEffect /spec/logging/redact/0: no version of bird-strike has an input or output called operatr',
    ]);
    expect(findings({ redact: ['x', { name: 'x', by: 'bucket' }] })).toEqual([
      'RedactionTwice /spec/logging/redact/1: x is redacted twice',
      'RedactionWithoutEffect /spec/logging/redact/1: a bucket needs its width',
    ]);
    expect(findings({ redact: [{ name: 'x', by: 'hash', width: 3 }] })).toEqual([
      'RedactionWithoutEffect /spec/logging/redact/0: width means nothing where x is redacted by hash',
    ]);
    expect(findings({ subject: { input: 'y' } })).toEqual([
      'UnknownInput /spec/logging/subject/input: no version of bird-strike has an input called y',
    ]);
  });

  it('is in the plan, so that a reviewer sees what would be kept', () => {
    const next = deployment({
      logging: { sample: 0.1, redact: ['x', { name: 'y', by: 'hash' }], subject: { header: 'x-user' } },
    });
    const plan = deploymentPlan(
      { type: 'changed', previous: deployment(), next },
      relatedTo(deploymentKind, next, versions),
    );
    expect(plan.map(({ description }) => description)).toEqual([
      'set logging of production/bird-strike nothing → 10 % for 30d; without x, y by hash; subject by header x-user',
    ]);
  });

  it('judges inputs by a profile of the registry', () => {
    const profiler = new Profiler<number>({ isMissing: () => false, numberOf: (cell) => cell });
    profiler.add(
      ['x'],
      Array.from({ length: 100 }, (_, row) => [row]),
    );
    const profile = profiler.profile();
    const declared = (reference: string, text?: string) => {
      const resource = deployment({ logging: { outliers: { reference, spreads: 4 } } });
      const attachment = { path: 'datasets/x.profile.json', blob: 'b', size: 1, ...(text && { text }) };
      return { ...resource, attachments: [attachment] };
    };
    const found = (reference: string, text?: string) => {
      const resource = declared(reference, text);
      return (deploymentKind.validate?.(resource, relatedTo(deploymentKind, resource, versions)) ?? []).map(
        ({ code }) => code,
      );
    };
    const path = '/datasets/x.profile.json';
    const text = writeProfile(profile);
    expect(deploymentKind.attachments?.(declared(path))).toEqual([
      { path: 'datasets/x.profile.json', pointer: '/spec/logging/outliers/reference', read: true },
    ]);
    expect(found(path, text)).toEqual([]);
    expect(found('../../../x.json', text)).toEqual(['InvalidPath']);
    expect(found(path, text.replace('100', '101'))).toEqual(['ProfileUnusable']);
    const others = makeProfile(
      100,
      profile.columns.map((column) => ({ ...column, name: 'other' })),
    );
    expect(found(path, writeProfile(others))).toEqual(['ProfileWithoutEffect']);

    expect(outlierRulesOf(declared(path, text))).toMatchObject([
      {
        name: 'x',
        type: 'number',
        middle: expect.closeTo(49, 0),
        above: expect.closeTo((4 * 48) / 1.96, -1),
      },
    ]);
    expect(outlierRulesOf(declared(path, 'no profile'))).toBeUndefined();
    expect(outlierRulesOf(deployment())).toBeUndefined();
    const next = declared(path, text);
    expect(
      deploymentPlan(
        { type: 'changed', previous: deployment(), next },
        relatedTo(deploymentKind, next, versions),
      ).map(({ description }) => description),
    ).toEqual([expect.stringContaining('outliers by /datasets/x.profile.json')]);
  });

  it('is told to the runtime in its own terms; a bucket without a width keeps nothing', () => {
    expect(
      loggingRules({ redact: ['x', { name: 'y', by: 'bucket' }], tenant: { header: 'x-tenant' } }),
    ).toEqual({
      sample: 1,
      redact: [
        { name: 'x', by: 'drop' },
        { name: 'y', by: 'drop' },
      ],
      tenant: { header: 'x-tenant' },
    });
    expect(loggingRules({ sample: 0 })).toBeUndefined();
    expect(loggingRules(undefined)).toBeUndefined();
  });
});
