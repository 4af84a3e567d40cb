import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PredictionSink, predictionSink } from '../../../core/capabilities/prediction-sink.ts';
import { type NewJournalEntry, type Registry, registry } from '../../../core/capabilities/registry.ts';
import { EventBus } from '../../../core/host/events.ts';
import { PluginHost } from '../../../core/host/plugin-host.ts';
import { definePlugin } from '../../../core/plugin.ts';
import { bucketCredentials } from '../../../plugins/prediction-log/bucket-settings.ts';
import { plugin } from '../../../plugins/prediction-log/index.ts';
import { logSettings } from '../../../plugins/prediction-log/settings.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { until } from '../../fixtures/until.ts';
import { handIn, idAt } from './predictions.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-log-'));
const log = recordingLog();
const journal: NewJournalEntry[] = [];
let host: PluginHost;
let sink: PredictionSink;

beforeAll(async () => {
  host = new PluginHost({
    ...{ log, folder, events: new EventBus(log), runs: () => true, wake: () => {} },
    settings: () => ({ memory: '128MiB' }),
    readBlob: () => {
      throw new Error('nothing is read here');
    },
  });
  const kept = { record: async (entry: NewJournalEntry) => void journal.push(entry) } as unknown as Registry;
  const around = definePlugin({
    name: 'around',
    description: 'Keeps a journal.',
    provides: [registry],
    setup: (to) => to.provide(registry, 'registry', kept),
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
  rmSync(folder, { recursive: true, force: true });
});

async function answer(path: string, body?: unknown): Promise<Response | undefined> {
  const more = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return host.routes.get('prediction-log')?.(new Request(`http://localhost/${path}`, more), path);
}
const json = async (path: string, body?: unknown) => (await answer(path, body))?.json();
const metrics = async () => (await Promise.all(host.metrics.map((collect) => collect()))).join('');

describe('the plugin prediction-log', () => {
  it('starts nothing before there is something to keep', async () => {
    expect(await metrics()).toBe('');
    expect(log.lines).toEqual([]);
  });

  it('answers questions, takes labels and tells of predictions', async () => {
    const [id = ''] = handIn(sink.place.inbox, [{ speed: 210 }]);
    const sql = "SELECT (inputs->>'speed')::INTEGER AS speed FROM predictions";
    expect(await json('query', { sql })).toMatchObject({ rows: [[210]], isCut: false });
    expect(await json('feedback', { labels: [{ id, label: 1 }] })).toMatchObject({ taken: 1 });
    expect(await json(`predictions/${id}`)).toMatchObject({
      id,
      predictions: [{ version: '1.0.0', labels: 1 }],
    });
    expect(await json('status')).toMatchObject({ predictions: 1, labels: 1 });
    expect(await metrics()).toContain('switchyard_prediction_log_rows 1\n');
  });

  it('writes an erasure into the journal, without the subject', async () => {
    expect(await json('erase', { subject: 'ada@example.org', by: 'grace' })).toMatchObject({ remaining: 0 });
    expect(journal).toMatchObject([{ type: 'log.erased', data: { by: 'grace', predictions: 0 } }]);
    expect(JSON.stringify([journal, log.lines])).not.toContain('ada@example.org');
  });

  it.each([
    ['query', {}, 'LogRequestInvalid'],
    ['query', { sql: 'SELECT 1', limit: 0 }, 'LogRequestInvalid'],
    ['query', { sql: 'SELECT 1', limits: 1 }, 'LogRequestInvalid'],
    ['query', { sql: 'DROP VIEW labels' }, 'LogQueryInvalid'],
    ['query', undefined, 'MethodNotAllowed'],
    ['feedback', { labels: [{ id: 'x', label: 1 }] }, 'LogRequestInvalid'],
    ['erase', { subject: 'ada', by: '' }, 'LogRequestInvalid'],
    ['erase', { subject: '', by: 'ada' }, 'LogRequestInvalid'],
    ['status', {}, 'MethodNotAllowed'],
    ['predictions/x', undefined, 'LogRequestInvalid'],
    [`predictions/${idAt(0)}`, undefined, 'PredictionNotLogged'],
  ])('refuses %s with %j as %s', async (path, body, code) => {
    await expect(answer(path, body)).rejects.toMatchObject({ code });
  });

  it('leaves other paths to others', async () => {
    for (const path of ['', 'nothing', 'status/more', 'toString']) expect(await answer(path)).toBeUndefined();
  });

  it('keeps nobody from the metrics of all others while its process is away, and is started anew', async () => {
    process.kill(keeperPid(), 'SIGKILL');
    await until(async () => (await metrics()).includes('switchyard_prediction_log_up 0\n'));
    expect(await metrics()).toContain('switchyard_prediction_log_rows 1\n');
    expect(sink.trouble()).toEqual({ log: 'its process does not answer' });
    await until(async () => (await metrics()).includes('switchyard_prediction_log_process_starts_total 2\n'));
    expect(await json('status')).toMatchObject({ predictions: 1, labels: 1 });
    expect(sink.trouble()).toEqual({});
  });
});

/** The process that keeps the log: a child of this one. */
function keeperPid(): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const line = lines.find((each) => {
    const [, parent] = each.trim().split(/\s+/);
    return Number(parent) === process.pid && each.includes('prediction-log/store/main.js');
  });
  return Number(line?.trim().split(/\s+/)[0]);
}

const bucket = { endpoint: 'https://s3.example.com/', name: 'logs' };

describe('the settings of the operator', () => {
  it('have defaults, and sizes as people write them', () => {
    expect(logSettings({ memory: '1GiB', threads: 2 })).toMatchObject({
      memory: 1024 ** 3,
      threads: 2,
      writeEveryMs: 60_000,
    });
  });

  it.each([
    [{ memry: 1 }, 'memry is not a setting'],
    [{ memory: '1MiB' }, 'memory must be bytes'],
    [{ memory: 'much' }, 'memory must be bytes'],
    [{ threads: 0 }, 'threads must be a whole number from 1 on'],
    [{ queryTimeoutMs: '30s' }, 'queryTimeoutMs must be a whole number'],
    [{ bucket: 'logs' }, 'bucket must be { endpoint, name'],
    [{ bucket: { ...bucket, nmae: 'x' } }, 'bucket.nmae is not a setting'],
    [{ bucket: { ...bucket, name: 'Logs!' } }, 'bucket.name must be the name of a bucket'],
    [{ bucket: { ...bucket, prefix: '../x y' } }, 'bucket.prefix must be'],
    [{ bucket: { ...bucket, endpoint: 's3' } }, 'bucket.endpoint must be an https URL'],
    [{ bucket: { ...bucket, endpoint: 'https://me:secret@s3' } }, 'bucket.endpoint must hold no credentials'],
    [{ bucket: { ...bucket, endpoint: 'http://minio:9000' } }, 'predictions would travel in clear'],
    [{ bucket: { ...bucket, region: 'EU!' } }, 'bucket.region must be'],
    [{ bucket: { ...bucket, cacheSize: 'much' } }, 'bucket.cacheSize must be bytes'],
    [{ bucket: { ...bucket, timeoutMs: 0 } }, 'bucket.timeoutMs must be'],
  ])('refuse %j', (block, message) => {
    expect(() => logSettings(block)).toThrow(message);
    expect(() => logSettings(block)).not.toThrow('secret@');
  });

  it('name a bucket', () => {
    expect(
      logSettings({ bucket: { ...bucket, prefix: 'yard/production', cacheSize: '2GiB' } }).bucket,
    ).toEqual({
      ...{
        endpoint: 'https://s3.example.com',
        bucket: 'logs',
        prefix: 'yard/production/',
        region: 'us-east-1',
      },
      ...{ pathStyle: true, cacheSize: 2 * 1024 ** 3, timeoutMs: 30_000 },
    });
    expect(
      logSettings({ bucket: { ...bucket, endpoint: 'http://minio:9000', allowHttp: true } }).bucket,
    ).toMatchObject({ endpoint: 'http://minio:9000', prefix: '' });
  });

  it('say where the credentials of the bucket are: in the environment, or in Secrets', async () => {
    const environment = {
      ...{
        AWS_ACCESS_KEY_ID: 'usual',
        AWS_SECRET_ACCESS_KEY: 'usual-secret',
        AWS_SESSION_TOKEN: 'usual-token',
      },
      ...{ OWN_KEY: 'own', OWN_SECRET: 'own-secret' },
    };
    const secret = async ({ name, key }: { readonly name: string; readonly key: string }) => ({
      reveal: () => `${name}/${key}`,
    });
    const read = (more: object) => bucketCredentials({ ...bucket, ...more }, { environment, secret })();
    expect(await read({})).toEqual({
      ...{ accessKey: 'usual', secretKey: 'usual-secret', sessionToken: 'usual-token' },
    });
    expect(await read({ accessKeyVariable: 'OWN_KEY', secretKeyVariable: 'OWN_SECRET' })).toEqual({
      ...{ accessKey: 'own', secretKey: 'own-secret' },
    });
    const named = (key: string) => ({ secretRef: { name: 'bucket', key } });
    expect(await read({ accessKey: named('id'), secretKey: named('secret') })).toEqual({
      ...{ accessKey: 'bucket/id', secretKey: 'bucket/secret' },
    });
    await expect(read({ secretKeyVariable: 'NOT_THERE' })).rejects.toThrow('is empty or not there');
    expect(() => bucketCredentials({ ...bucket, secretKey: 'in-clear' }, { environment, secret })).toThrow(
      /^bucket.secretKey must be \{ secretRef/,
    );
  });
});
