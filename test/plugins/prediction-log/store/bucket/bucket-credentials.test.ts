/** The plugin with a bucket whose keys are a Secret of the registry: they come late, and they change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PredictionSink, predictionSink } from '../../../../../core/capabilities/prediction-sink.ts';
import { type Registry, registry } from '../../../../../core/capabilities/registry.ts';
import { SecretValue, secrets } from '../../../../../core/capabilities/secrets.ts';
import { EventBus } from '../../../../../core/host/events.ts';
import { PluginHost } from '../../../../../core/host/plugin-host.ts';
import { definePlugin } from '../../../../../core/plugin.ts';
import { plugin } from '../../../../../plugins/prediction-log/index.ts';
import { recordingLog } from '../../../../fixtures/recording-log.ts';
import { S3Server } from '../../../../fixtures/s3-server.ts';
import { until } from '../../../../fixtures/until.ts';
import { handIn } from '../../predictions.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-log-'));
const log = recordingLog();
const listeners: ((secret: string) => void)[] = [];
let known: Readonly<Record<string, string>> = {};
let server: S3Server;
let host: PluginHost;
let sink: PredictionSink;

beforeAll(async () => {
  server = await S3Server.start();
  const named = (key: string) => ({ secretRef: { name: 'bucket', key } });
  const bucket = {
    endpoint: server.endpoint,
    name: 'logs',
    accessKey: named('id'),
    secretKey: named('secret'),
  };
  host = new PluginHost({
    ...{ log, folder, events: new EventBus(log), runs: () => true, wake: () => {} },
    settings: (name) => (name === 'prediction-log' ? { memory: '128MiB', writeEveryMs: 100, bucket } : {}),
    readBlob: () => {
      throw new Error('nothing is read here');
    },
  });
  const around = definePlugin({
    name: 'around',
    description: 'Has secrets, and asks for the sink.',
    provides: [registry, secrets],
    setup: (to) => {
      to.provide(registry, 'registry', {} as Registry);
      to.provide(secrets, 'registry', {
        async read({ name, key }) {
          const value = known[key];
          if (value === undefined) throw new Error(`there is no Secret ${name}`);
          return new SecretValue(value);
        },
        onRotation(listener) {
          listeners.push(listener);
          return () => {};
        },
      });
    },
  });
  const asking = definePlugin({
    name: 'asking',
    description: 'Asks for the sink.',
    needs: { sinks: predictionSink },
    setup: (_host, { sinks }) => {
      sink = sinks.get('embedded');
    },
  });
  await host.start([around, plugin, asking].map((definition) => ({ definition, options: {} })));
});

afterAll(async () => {
  await host.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function rotate(values: Readonly<Record<string, string>>): void {
  known = values;
  for (const listener of listeners) listener('bucket');
}

it('waits for the keys of its bucket, says why, and follows them when they change', async () => {
  handIn(sink.place.inbox, [{}]);
  await until(() => sink.trouble().bucket?.includes('there is no Secret bucket') === true);
  rotate({ id: 'S3RVER', secret: 'of-yesterday' });
  await until(() => sink.trouble().bucket?.startsWith('SignatureDoesNotMatch') === true);
  rotate({ id: 'S3RVER', secret: 'S3RVER' });
  await until(() => server.keys().some((key) => key.endsWith('.parquet')));
  await until(() => sink.trouble().bucket === undefined);
  const told = JSON.stringify([log.lines, await sink.status()]);
  expect(told).toContain('SignatureDoesNotMatch');
  expect(told).not.toContain('of-yesterday');
});
