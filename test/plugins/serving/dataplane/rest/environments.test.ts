import { afterEach, beforeEach, expect, it } from 'vitest';
import { call } from '../fixtures/client.ts';
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

const dev = () => deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0))], { environment: 'dev' });

it('a default environment without deployments is named, and what to do instead', async () => {
  await serving.follow({ ...table(dev()), defaultEnvironment: 'production' });
  expect(await call(serving.port, '/v2/models/m')).toMatchObject({
    status: 404,
    body: {
      code: 'EnvironmentNotFound',
      error: 'no deployment in environment "production", which is the default',
      hint: 'Name the environment in the path: /environments/<environment>/v2/…. There is: dev.',
    },
  });
});

it('without a default environment in the table nothing is claimed that cannot be known', async () => {
  await serving.follow({ ...table(dev()), defaultEnvironment: undefined });
  expect((await call(serving.port, '/v2/models/m')).body).toMatchObject({
    error: 'no environment is the default, or the one that is has no deployment',
    hint: expect.stringContaining('There is: dev.'),
  });
});

it('the server is ready once any deployment answers, and not while none does', async () => {
  const broken = deployment('broken', [
    { ...pin(folder.path, '2.0.0', linearModel(2, 0)), digest: `sha256:${'0'.repeat(64)}` },
  ]);
  const ready = async () => (await call(serving.port, '/v2/health/ready')).status;
  await serving.follow(table(broken));
  expect((await call(serving.port, '/v2/models/broken/ready')).status).toBe(503);
  expect(await ready()).toBe(503);
  await serving.follow(table(broken, dev()));
  expect(await ready()).toBe(200);
  await serving.follow(table());
  expect(await ready()).toBe(200);
});
