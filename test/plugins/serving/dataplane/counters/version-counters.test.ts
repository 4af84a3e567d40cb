import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;

beforeEach(async () => {
  folder = temporaryFolder();
  serving = await startServing();
});

afterEach(async () => {
  await serving.stop();
  folder.remove();
});

const counters = () => serving.process.report().metrics.versions;
const held = () => Object.keys(serving.process.report().versions).length;

it('counts a version for as long as it answers, however many came and went meanwhile', async () => {
  const pinned = pin(folder.path, '1.0.0', linearModel(2, 0));
  const steady = deployment('steady', [pinned]);
  const many = (major: number) =>
    deployment(
      'busy',
      Array.from({ length: 300 }, (_, minor) => ({ ...pinned, version: `${major}.${minor}.0` })),
    );
  await serving.follow(table(steady));
  for (let major = 1; major <= 3; major++) {
    await serving.follow(table(steady, many(major)));
    await until(() => held() === 301);
  }
  expect((await inferJson(serving.port, 'steady', row(1))).status).toBe(200);
  const names = counters().map(({ deployment: name, version }) => `${name} ${version}`);
  expect(names).toContain('steady 1.0.0');
  expect(counters().find(({ deployment: name }) => name === 'steady')?.requests[200]).toBe(1);
  // Of those that are gone, the latest are kept.
  expect(names.length).toBe(500);
  expect([names.includes('busy 1.299.0'), names.includes('busy 2.299.0')]).toEqual([false, true]);
});

it('counts a version anew that was gone for long, and keeps all that answer, however many they are', async () => {
  const pinned = pin(folder.path, '1.0.0', linearModel(2, 0));
  const versions = Array.from({ length: 600 }, (_, minor) => ({ ...pinned, version: `1.${minor}.0` }));
  await serving.follow(table(deployment('busy', versions)));
  expect(counters().length).toBe(600);
  await serving.follow(table());
  await until(() => held() === 0 && counters().length === 500);
});
