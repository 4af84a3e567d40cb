import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ToldLabels } from '../../../../../libraries/prediction-batch/index.ts';
import { call } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const folder = temporaryFolder();
const place = { inbox: join(folder.path, 'inbox'), keyFile: join(folder.path, 'key') };
const id = '018f3c2a-7b1e-7000-8000-0123456789ab';
let serving: Serving;

beforeAll(async () => {
  writeFileSync(place.keyFile, '5e'.repeat(32));
  serving = await startServing();
  const versions = [pin(folder.path, '1.0.0', linearModel(2, 0))];
  const logged = deployment('logged', versions, { logging: { sample: 1, redact: [] } });
  await serving.follow({ ...table(logged, deployment('silent', versions)), predictionLog: place });
});

beforeEach(() => {
  rmSync(place.inbox, { recursive: true, force: true });
  mkdirSync(place.inbox);
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

const tell = (body: unknown, path = '/v2/models/logged/feedback') =>
  call(serving.port, path, {
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const handedIn = (): readonly ToldLabels[] =>
  readdirSync(place.inbox).flatMap(
    (name) => JSON.parse(readFileSync(join(place.inbox, name), 'utf8')) as readonly ToldLabels[],
  );

it('hands labels in before it answers, each under its deployment', async () => {
  const labels = [
    { id, label: 1 },
    { id: id.toUpperCase(), row: 2, label: ['a', true] },
  ];
  const answers = await Promise.all([
    tell({ labels }),
    tell({ labels: [{ id, label: 'late' }] }, '/environments/production/v2/models/logged/feedback'),
  ]);
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [202, { received: 2 }],
    [202, { received: 1 }],
  ]);
  const place = { environment: 'production', deployment: 'logged', received: expect.any(Number) };
  expect(handedIn()).toEqual(
    expect.arrayContaining([
      {
        ...place,
        labels: [
          { id, row: 0, value: 1 },
          { id, row: 2, value: ['a', true] },
        ],
      },
      { ...place, labels: [{ id, row: 0, value: 'late' }] },
    ]),
  );
});

it.each([
  ['no JSON', '{', 'body'],
  ['no list', { labels: {} }, '/labels'],
  ['a field too many', { labels: [], of: 'x' }, '/of'],
  ['no id', { labels: [{ id: 'x', label: 1 }] }, '/labels/0/id'],
  ['an empty id', { labels: [{ id: '', label: 1 }] }, '/labels/0/id'],
  ['an empty label', { labels: [{ id, label: '' }] }, '/labels/0/label'],
  ['a label that is no number', { labels: [{ id, label: 'NaN' }] }, '/labels/0/label'],
  ['an infinite label in a list', { labels: [{ id, label: [1, '-Infinity'] }] }, '/labels/0/label'],
  ['null', { labels: [{ id, label: null }] }, '/labels/0/label'],
  ['no label', { labels: [{ id, label: 1 }, { id }] }, '/labels/1/label'],
  ['a label that is an object', { labels: [{ id, label: {} }] }, '/labels/0/label'],
  ['a row before the first', { labels: [{ id, label: 1, row: -1 }] }, '/labels/0/row'],
])('takes nothing of a request with %s', async (_, body, where) => {
  const answer = await tell(body);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ code: 'InvalidFeedback', where });
  expect(handedIn()).toEqual([]);
});

it('says where nobody keeps predictions, where there is nothing, and when nothing can be kept now', async () => {
  const label = { labels: [{ id, label: 1 }] };
  expect(await tell(label, '/v2/models/silent/feedback')).toMatchObject({
    status: 409,
    body: { code: 'FeedbackNotTaken' },
  });
  expect(await tell(label, '/v2/models/nothing/feedback')).toMatchObject({ status: 404 });
  expect(await tell(label, '/v2/models/logged/versions/1.0.0/feedback')).toMatchObject({ status: 404 });
  expect(await call(serving.port, '/v2/models/logged/feedback')).toMatchObject({ status: 405 });
  rmSync(place.inbox, { recursive: true });
  const { status, body, headers } = await tell(label);
  expect([status, body.code, headers['retry-after']]).toEqual([503, 'FeedbackNotKept', '5']);
});
