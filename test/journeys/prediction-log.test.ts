import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Erasure, FoundPrediction, SinkStatus } from '../../core/capabilities/prediction-sink.ts';
import { heldOutStrikes, type Strike, tensorsOf } from '../../demo/strikes.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let yard: Yard;
let platform: Platform;
let strikes: readonly Strike[];
const ids: string[] = [];

const logging = `  logging:
    redact: [operator, { name: airport, by: hash }, { name: speed_knots, by: bucket, width: 50 }]
    subject: { header: x-user }
    retain: 7d
`;

beforeAll(async () => {
  yard = await Yard.open();
  // What is handed in becomes a file almost at once, so that there are files to look into.
  await writeFile(
    join(yard.folder, 'switchyard.config.yaml'),
    'plugins: { prediction-log: { writeEveryMs: 200, memory: 128MiB } }\n',
  );
  const manifest = 'environments/staging/bird-strike.yaml';
  const commit = await yard.commit(manifest, (text) => `${text.trimEnd()}\n${logging}`);
  strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1996)).slice(0, 30);
  platform = await yard.up();
  await platform.converged(commit);
});
afterAll(() => yard?.close(), 60_000);

const switchyard = (...words: string[]) => yard.switchyard([...words, '--api', platform.run.api]);

async function ask(sql: string): Promise<readonly Record<string, unknown>[]> {
  const { status, out, err } = await switchyard('log', 'query', '--sql', sql, '-o', 'json');
  if (status !== 0) throw new Error(err);
  return JSON.parse(out);
}

/** Every byte that the log keeps, wherever it is. */
async function kept(): Promise<Buffer> {
  const folder = join(yard.data, 'plugins', 'prediction-log');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // A batch may be gone between the list and the look.
  return Buffer.concat(await Promise.all(files.map((path) => readFile(path).catch(() => Buffer.alloc(0)))));
}

it('keeps what a platform predicts, without what is redacted, and answers by SQL', async () => {
  const seen: Buffer[] = [];
  for (const [index, strike] of strikes.entries()) {
    const url = `${platform.run.inference}/environments/staging/v2/models/bird-strike/infer`;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-user': index < 10 ? 'ada@example.org' : 'bob@example.org',
      },
      body: JSON.stringify({
        inputs: tensorsOf([{ ...strike, operator: 'SECRET AIR', airport: 'SECRET FIELD' }]),
      }),
    });
    expect(response.status).toBe(200);
    ids.push(String(response.headers.get('switchyard-prediction-id')));
    if (index % 10 === 0) seen.push(await kept());
  }
  await platform.until('all of it is in files', async () => {
    seen.push(await kept());
    const { predictions, files, waiting } = await platform.get<SinkStatus>('/plugins/prediction-log/status');
    return predictions === strikes.length && files > 0 && waiting === 0;
  });
  seen.push(await kept());
  for (const secret of ['SECRET', 'ada@example.org']) {
    expect(seen.some((bytes) => bytes.includes(secret))).toBe(false);
  }
  const rows =
    await ask(`SELECT id, version, variant, commit, inputs, (outputs->>'probability') IS NOT NULL AS predicted
    FROM predictions WHERE environment = 'staging' ORDER BY time, id`);
  expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort());
  const inputs = rows.map((row) => row.inputs as Record<string, unknown>);
  expect(new Set(inputs.map(({ airport }) => airport)).size).toBe(1);
  for (const [index, { operator, airport, speed_knots: speed }] of inputs.entries()) {
    expect(operator).toBeUndefined();
    expect(airport).toMatch(/^[\w-]{22}$/);
    expect(Math.abs(Number(speed) % 50)).toBe(0);
    expect(rows[index]).toMatchObject({ version: '1.0.0', variant: 'stable' });
  }
  // Only this deployment said that anything is to be kept.
  expect(await ask('SELECT DISTINCT environment, deployment FROM predictions')).toEqual([
    { environment: 'staging', deployment: 'bird-strike' },
  ]);
});

it('joins what turned out to be true, from the inference port and from a file, and counts what it does not know', async () => {
  const [first = '', second = '', ...others] = ids;
  const told = await fetch(`${platform.run.inference}/environments/staging/v2/models/bird-strike/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ labels: [first, second].map((id) => ({ id, label: 1 })) }),
  });
  expect([told.status, await told.json()]).toEqual([202, { received: 2 }]);
  const unknown = `${first.slice(0, -4)}ffff`;
  const lines = [...others, unknown].map((id) => `${id},0`);
  await writeFile(join(yard.folder, 'outcomes.csv'), `id,label\n${lines.join('\n')}\n`);
  const { status, out } = await switchyard('feedback', '--file', 'outcomes.csv');
  expect(out).toContain(`${others.length} labels kept\n1 label of predictions that the log does not have\n`);
  expect(status).toBe(1);
  await platform.until('the labels of the inference port are looked up', async () => {
    const [counted] = await ask(
      'SELECT count(*)::INTEGER AS labelled, sum(label::INTEGER)::INTEGER AS yes FROM labelled',
    );
    return counted?.labelled === ids.length && counted.yes === 2;
  });
  expect((await switchyard('feedback', '--file', 'outcomes.csv')).out).toContain(
    '0 labels kept\n28 labels known already',
  );
});

it('tells of one prediction which version answered, and nothing of what was in it', async () => {
  const [id = ''] = ids;
  const { out } = await switchyard('why', id, '--repo', yard.registry);
  expect(out).toMatch(
    /Logged: staging\/bird-strike answered with bird-strike 1\.0\.0 \(stable\) at .*1 label/,
  );
  expect(out).not.toContain('production/bird-strike');
  const found = await platform.get<{ predictions: readonly FoundPrediction[] }>(
    `/plugins/prediction-log/predictions/${id}`,
  );
  expect(Object.keys(found.predictions[0] ?? {})).not.toContain('inputs');
});

it('loses nothing that was handed in when the control process is killed, and goes on', async () => {
  const [control = 0] = await platform.children('control');
  process.kill(control, 'SIGKILL');
  await platform.until('another control process keeps the log', async () => {
    const [now] = await platform.children('control');
    const [counted] = await ask('SELECT count(*)::INTEGER AS n FROM predictions');
    return now !== undefined && now !== control && counted?.n === ids.length;
  });
});

it('erases a subject and proves it', async () => {
  const erased = await switchyard(
    'log',
    'erase',
    'ada@example.org',
    '--reason',
    'she asked for it',
    '-o',
    'json',
  );
  expect(erased.status).toBe(0);
  const erasure = JSON.parse(erased.out) as Erasure;
  expect(erasure).toMatchObject({ predictions: 10, labels: 10, remaining: 0, unread: [] });
  expect(erasure.files.length).toBeGreaterThan(1);
  expect(
    await ask('SELECT count(*)::INTEGER AS n, count(DISTINCT subject)::INTEGER AS subjects FROM labelled'),
  ).toEqual([{ n: ids.length - 10, subjects: 1 }]);
  const [entry] = await platform.journal('&type=log.erased');
  expect(entry?.data).toMatchObject({
    predictions: 10,
    reason: 'she asked for it',
    pseudonym: erasure.pseudonym,
  });
  expect(JSON.stringify(entry)).not.toContain('ada@example.org');
  expect(platform.log).not.toContain('ada@example.org');
});
