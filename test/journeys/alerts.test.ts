/** What must not go unseen arrives: at a real receiver over HTTP, signed, from the kernel and the plugins that a platform runs. */
import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import type { Notification } from '../../core/capabilities/notifier.ts';
import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { definePlugin, type PluginDefinition } from '../../core/plugin.ts';
import { openRepository } from '../../libraries/git/open-repository.ts';
import { measureTraffic } from '../../libraries/traffic-measures/index.ts';
import { plugin as alerting } from '../../plugins/alerting/index.ts';
import { plugin as environments } from '../../plugins/environments/index.ts';
import { GitForge } from '../../plugins/forge-git/git-forge.ts';
import { plugin as forgeGit } from '../../plugins/forge-git/index.ts';
import { plugin as models } from '../../plugins/models/index.ts';
import { plugin as notifiers } from '../../plugins/notifiers/index.ts';
import { plugin as policies } from '../../plugins/policies/index.ts';
import { plugin as proposals } from '../../plugins/proposals/index.ts';
import { plugin as rollout } from '../../plugins/rollout/index.ts';
import { plugin as secrets } from '../../plugins/secrets/index.ts';
import { type Composition, compose } from '../../server/compose.ts';
import { configurationFor } from '../fixtures/configuration.ts';
import { openReceiver, type Receiver } from '../fixtures/receiver.ts';
import { recordingLog } from '../fixtures/recording-log.ts';
import { MemoryServingRuntime } from '../fixtures/serving-runtime.ts';
import { until } from '../fixtures/until.ts';
import { widget, widgetPlugin, Yard } from '../fixtures/yard.ts';
import { makeKey } from '../plugins/forge-git/signing.ts';
import {
  Cast,
  manifest,
  platform,
  SignedRegistry,
  whyNoSigning,
} from '../plugins/policies/signed-registry.ts';

if (whyNoSigning !== undefined) console.warn(whyNoSigning);

const key = 'key-of-a-journey';
const variable = 'SWITCHYARD_SECRET_JOURNEY';
let receiver: Receiver;
let yard: Yard;

beforeEach(async () => {
  process.env[variable] = key;
  receiver = await openReceiver();
  yard = new Yard();
});
afterEach(async () => {
  await yard.close();
  await receiver.close();
  delete process.env[variable];
});

/** A route to the receiver that tells at once, and the secret that it signs with. */
const alertManifests = () => ({
  'secrets/alerting.yaml': manifest('Secret', 'alerting', {
    store: { env: { variables: { webhook: variable } } },
  }),
  'alerts/everything.yaml': manifest('AlertRoute', 'everything', {
    receiver: 'ear',
    groupBy: ['alertname'],
    groupWait: '0s',
    groupInterval: '1s',
    receivers: [
      {
        name: 'ear',
        webhook: { url: `${receiver.url}/alerts`, secretRef: { name: 'alerting', key: 'webhook' } },
      },
    ],
  }),
});

/** What arrived about a rule, each with a signature that is right. */
function arrived(rule: string): readonly Notification[] {
  return receiver.received.flatMap(({ headers, body }) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
    const { data } = JSON.parse(body) as { data: Notification };
    return data.alerts.some(({ name }) => name === rule) ? [data] : [];
  });
}

async function ask(method: string, path: string, body?: object) {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const [plugin = '', ...rest] = path.split('/');
  const answer = await yard.kernel.route(
    plugin,
    rest.join('/'),
    new Request(`http://localhost/plugins/${path}`, init),
  );
  return { status: answer?.status, body: (await answer?.json()) as Record<string, unknown> };
}

const start = (...more: readonly PluginDefinition<never>[]) =>
  yard.start({
    plugins: ([alerting, notifiers, secrets, ...more] as readonly PluginDefinition[]).map((definition) => ({
      definition,
      options: definition.name === 'proposals' ? { poll: '1s' } : {},
    })),
  });

describe.skipIf(whyNoSigning !== undefined)('a commit that nobody signed', () => {
  it('arrives as an alert that says who, what and why, and again as over when the branch is put right', async () => {
    const cast = new Cast();
    const registry = new SignedRegistry(yard.registry, cast);
    const plugins = ['environments', 'secrets', 'alerting', 'notifiers'];
    registry.commit(cast.ada, {
      'platform.yaml': platform({ signatures: 'mainline' }, plugins),
      'teams/risk.yaml': cast.team('risk', cast.ada),
      ...alertManifests(),
    });
    let composition: Composition | undefined;
    try {
      composition = await compose({
        configuration: configurationFor({ repository: yard.registry, dataFolder: join(yard.folder, 'data') }),
        log: recordingLog(),
        folder: yard.folder,
        environment: { PATH: process.env.PATH },
        restart: () => {},
      });
      const { kernel } = composition;
      await until(() => kernel.resource('AlertRoute/everything')?.status !== undefined);
      const good = registry.head();
      const bad = registry.commit(
        cast.mallory,
        { 'environments/dev/environment.yaml': manifest('Environment', 'dev', {}) },
        { unsigned: true },
      );
      await until(() => arrived('snapshot-rejected').length > 0, { what: 'the alert arrives' });
      const [told] = arrived('snapshot-rejected');
      expect(told).toMatchObject({ status: 'firing', receiver: 'ear' });
      const [alert] = told?.alerts ?? [];
      expect(alert).toMatchObject({
        severity: 'critical',
        summary: `commit ${bad.slice(0, 10)} is refused: SignatureMissing`,
      });
      const said = JSON.stringify(alert);
      for (const part of ['Mallory', bad, good, 'switchyard status']) expect(said).toContain(part);

      registry.git('reset', '-q', '--hard', good);
      await until(() => arrived('snapshot-rejected').some(({ status }) => status === 'resolved'), {
        what: 'it is over',
      });
      const types = (await kernel.journal({ limit: 50 })).map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining(['alert.fired', 'alert.told', 'alert.resolved']));
    } finally {
      await composition?.close();
      cast.close();
    }
  });
});

describe.skipIf(whyNoSigning !== undefined)('a merge that broke the glass', () => {
  it('arrives as an alert, and nobody is spared it', async () => {
    const linus = { name: 'Linus', email: 'linus@risk.example' };
    const eve = { name: 'Eve', email: 'eve@models.example' };
    const [linusKey, eveKey] = [linus, eve].map(({ email }) => makeKey(join(yard.folder, 'keys'), email));
    if (linusKey === undefined || eveKey === undefined) throw new Error('no keys');
    const member = ({ name, email }: typeof linus, { allowed }: typeof linusKey) => ({
      name,
      emails: [email],
      signingKeys: [{ ssh: allowed.trim().split(' ').slice(-2).join(' ') }],
    });
    await yard.commit({
      ...alertManifests(),
      'widgets/a.yaml': widget('a', { size: 1 }),
      'teams/risk.yaml': manifest('Team', 'risk', {
        members: [member(linus, linusKey), member(eve, eveKey)],
      }),
      'policies/all.yaml': manifest('Policy', 'all', {
        rules: [
          {
            name: 'two',
            approvals: { count: 2, from: { teams: ['risk'] } },
            breakGlass: { label: 'break-glass', by: { people: ['Linus'] } },
          },
        ],
      }),
    });
    await start(widgetPlugin(yard.world) as never, policies as never, forgeGit as never, proposals as never);
    await ask('POST', 'alerting/silences/add', {
      matchers: ['alertname=~".+"'],
      duration: '1h',
      by: 'Eve',
      reason: 'hush',
    });
    const repository = await openRepository(yard.registry);
    const forge = new GitForge({ repository, base: 'refs/heads/main' });
    const opened = await forge.open({
      key: 'change:Widget/a',
      on: yard.kernel.head().applied ?? '',
      changes: new Map([['widgets/a.yaml', widget('a', { size: 7 })]]),
      message: 'Make it wide',
      title: 'Make it wide',
      body: '',
      author: eve,
      sign: eveKey.sign,
    });
    await forge.label(opened.number, 'break-glass', 'add', linus, linusKey.sign);
    await until(
      async () =>
        (await ask('POST', `proposals/proposals/${opened.number}/merge`, { by: linus })).status === 200,
    );
    await forge.stop();
    await repository.close();
    await until(
      () => arrived('break-glass').some(({ alerts }) => /was merged/.test(alerts[0]?.summary ?? '')),
      {
        what: 'the alert of the merge arrives',
      },
    );
    const [alert] = arrived('break-glass').at(-1)?.alerts ?? [];
    expect(alert).toMatchObject({
      severity: 'critical',
      labels: { proposal: String(opened.number) },
      help: expect.arrayContaining([
        expect.objectContaining({ command: `switchyard show ${opened.number}` }),
      ]),
    });
    expect(JSON.stringify(alert)).toMatch(/Linus.*break-glass/);
    await until(() => yard.world.get('a') === 7);
  });
});

describe('a rollout that fails', () => {
  it('arrives as an alert with what was measured and the proposal that puts Git right', async () => {
    const runtime = new MemoryServingRuntime();
    await yard.commit({ ...alertManifests(), ...geese('1.0.0') });
    await start(
      ...([rollout, models, environments, yardstick(runtime), policies, forgeGit, proposals] as never[]),
    );
    runtime.finish('production/geese', '1.0.0');
    await yard.kernel.idle();
    await yard.commit(geese('1.1.0'));
    await yard.settle();
    runtime.finish('production/geese', '1.1.0');
    const withProposal = () =>
      arrived('rolled-back').find(({ alerts }) =>
        alerts[0]?.help.some(({ command }) => command === 'switchyard show 1'),
      );
    await until(() => withProposal() !== undefined, { what: 'the alert arrives with its proposal' });
    expect(withProposal()?.alerts[0]).toMatchObject({
      severity: 'critical',
      summary: 'production/geese was rolled back',
      ref: 'Deployment/production/geese',
      help: [
        { text: 'Review proposal 1, which puts Git right' },
        { command: 'switchyard rollout status production/geese' },
      ],
    });
    expect(withProposal()?.alerts[0]?.description).toMatch(
      /1\.0\.0 answers; 1\.1\.0 was rolled back.*error-rate failed 1 > limit 0/,
    );
  });
});

const signature = {
  inputs: [{ name: 'speed', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
};

/** A model of two versions, and a canary that walks to one of them. */
function geese(version: string): Record<string, string> {
  const scoped = (kind: string, metadata: object, spec: object) =>
    JSON.stringify({ apiVersion: 'switchyard/v1', kind, metadata, spec });
  const versions = ['1.0.0', '1.1.0'].flatMap((name) => {
    const content = `model ${name}`;
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const artifact = { uri: `file:${name}.onnx`, digest, size: content.length };
    const path = `models/geese/versions/${name}`;
    return [
      [`${path}.onnx`, content],
      [`${path}.yaml`, scoped('ModelVersion', { name, model: 'geese' }, { artifact, signature })],
    ];
  });
  return {
    ...Object.fromEntries(versions),
    'environments/production/environment.yaml': manifest('Environment', 'production', { default: true }),
    'models/geese/model.yaml': manifest('Model', 'geese', {
      task: 'tabular-classification',
      description: 'Will geese hit it?',
      owners: ['safety'],
      signature,
    }),
    'analyses/healthy.yaml': manifest('AnalysisTemplate', 'healthy', {
      metrics: [
        {
          name: 'error-rate',
          failureCondition: 'result.candidate > 0.01',
          provider: { builtin: { metric: 'errorRate' } },
        },
      ],
    }),
    'environments/production/geese.yaml': scoped(
      'Deployment',
      { name: 'geese', environment: 'production' },
      {
        model: 'geese',
        version,
        strategy: {
          canary: { steps: [{ setWeight: 10 }, { analysis: { templates: [{ templateName: 'healthy' }] } }] },
        },
      },
    ),
  };
}

/** Serves from memory, where 1.1.0 fails every eighth request. */
function yardstick(runtime: MemoryServingRuntime) {
  return definePlugin({
    name: 'yardstick',
    description: 'Serves and measures from memory.',
    provides: [servingRuntime, metricsSource],
    setup(host) {
      runtime.onWake = (woken) => host.wake(woken);
      host.provide(servingRuntime, 'onnxruntime', runtime);
      host.provide(metricsSource, 'builtin', {
        async measure({ variants: { candidate } }) {
          const query = { metric: 'errorRate' } as const;
          const sums = { candidate: { requests: 200, errors: candidate === '1.1.0' ? 24 : 0 } };
          const measured = measureTraffic(query, sums);
          if ('nothing' in measured) throw new Error(measured.nothing);
          const to = Date.now();
          return {
            type: 'value',
            ...measured,
            window: { from: to - 10_000, to },
            observedAt: to,
            statistics: { query, sums },
          };
        },
      });
    },
  });
}
