import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeBatch } from '../../../../../libraries/prediction-batch/index.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const folder = temporaryFolder();
const place = { inbox: join(folder.path, 'inbox'), keyFile: join(folder.path, 'key') };
let serving: Serving;

beforeAll(async () => {
  mkdirSync(place.inbox);
  writeFileSync(place.keyFile, '5e'.repeat(32));
  serving = await startServing();
  const versions = [
    pin(folder.path, '1.0.0', linearModel(2, 0)),
    pin(folder.path, '2.0.0', linearModel(3, 0)),
  ];
  const variants = [
    { version: '1.0.0', role: 'stable', weight: 100 },
    { version: '2.0.0', role: 'shadow', weight: 100 },
  ] as const;
  const logged = deployment('logged', versions, { variants, logging: { sample: 1, redact: [] } });
  const silent = deployment('silent', versions.slice(0, 1));
  await serving.follow({ ...table(logged, silent), predictionLog: place });
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

it('logs what clients were answered and what shadows made of it, under one id, and nothing of other deployments', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  await inferJson(serving.port, 'silent', row(1));
  const { headers } = await call(serving.port, '/v2/models/logged/infer', {
    headers: { 'content-type': 'application/json', traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    body: JSON.stringify(row(10)),
  });
  const wrong = await inferJson(serving.port, 'logged', {});
  expect(wrong.status).toBe(400);
  await until(() => serving.process.report().metrics.predictionLog?.written === 2);
  const records = readdirSync(place.inbox).flatMap(
    (name) => decodeBatch(readFileSync(join(place.inbox, name))).records,
  );
  const seen = records.map(({ id, trace: of, origin, inputs, outputs }) => ({
    id,
    trace: of,
    version: origin.version,
    variant: origin.variant,
    commit: origin.commit,
    x: inputs[0]?.data,
    y: outputs[0]?.data,
  }));
  const id = headers['switchyard-prediction-id'];
  const commit = headers['switchyard-commit'];
  const x = Float32Array.of(10);
  expect(seen.sort((a, b) => a.version.localeCompare(b.version))).toEqual([
    { id, trace, commit, version: '1.0.0', variant: 'stable', x, y: Float32Array.of(20) },
    { id, trace, commit, version: '2.0.0', variant: 'shadow', x, y: Float32Array.of(30) },
  ]);
  expect(serving.process.report().metrics.predictionLog).toEqual({ taken: 2, written: 2, dropped: 0 });
});
