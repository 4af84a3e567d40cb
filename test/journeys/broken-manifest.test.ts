import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { askAll } from '../../demo/answers.ts';
import { heldOutStrikes, type Strike } from '../../demo/strikes.ts';
import { isReady, type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const signal = AbortSignal.timeout(300_000);
const path = 'environments/staging/bird-strike.yaml';
let yard: Yard;
let platform: Platform;
let strikes: readonly Strike[];

beforeAll(async () => {
  yard = await Yard.open();
  strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1995)).slice(0, 5);
  platform = await yard.up();
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

const versionIn = async (environment: string) =>
  (await askAll(platform.target(environment), strikes, signal))[0]?.version;

it('keeps the last good version of a broken manifest, shows where it is broken, and goes on with its neighbours', async () => {
  await yard.commit(path, (text) => text.replace('version: 1.0.0', 'verison: 1.1.0'));
  await yard.promote('production', '1.1.0');
  await platform.until('the neighbour is promoted', async () => (await versionIn('production')) === '1.1.0');
  await platform.until('the broken one is told', async () => {
    const shown = await platform.resource('Deployment/staging/bird-strike');
    return shown.issues.length > 0 && !isReady(shown);
  });

  expect(await versionIn('staging')).toBe('1.0.0');
  const shown = await platform.resource('Deployment/staging/bird-strike');
  const ready = shown.status?.conditions.find(({ type }) => type === 'Ready');
  expect(ready).toMatchObject({ status: 'False', reason: 'InvalidManifest' });
  expect(ready?.message).toContain(`${path}:9:3`);
  expect(shown.issues).toContainEqual(
    expect.objectContaining({
      code: 'UnknownField',
      path,
      line: 9,
      column: 3,
      hint: 'Did you mean `version`?',
    }),
  );
});

it('says the same offline, before anybody merges it', async () => {
  const checked = await yard.switchyard(['check', yard.registry]);
  expect(checked.status).toBe(1);
  expect(checked.out).toContain(`${path}:9:3  error  UnknownField`);
  expect(checked.out).toContain('9 |   verison: 1.1.0');
  expect(checked.out).toContain('hint: Did you mean `version`?');
  const status = await yard.switchyard(['status', '--api', platform.run.api]);
  expect(status.status).toBe(1);
  expect(status.out).toMatch(/Deployment\/staging\/bird-strike\s+InvalidManifest/);
});

it('does not let go of what was applied when a file cannot even be read', async () => {
  await yard.commit(path, () => ': : not yaml\n\t- [');
  const commit = await yard.git('rev-parse', 'HEAD');
  await platform.until('the commit is applied', async () => (await platform.head()).applied === commit);
  await platform.until('the issue is told', async () => {
    const { items } = await platform.get<{ items: { path: string; code: string }[] }>('/api/v1/issues');
    return items.some((issue) => issue.path === path);
  });
  expect(await versionIn('staging')).toBe('1.0.0');
  expect(await versionIn('production')).toBe('1.1.0');
});

it('is well again once the manifest is repaired', async () => {
  await yard.git('checkout', '-q', 'HEAD~3', '--', path);
  await yard.git('commit', '-q', '-m', 'Repair the manifest');
  const commit = await yard.promote('staging', '1.1.0');
  await platform.converged(commit);
  expect(await versionIn('staging')).toBe('1.1.0');
});

it('does not remove a large share of everything at a word, until somebody lets it through', async () => {
  await yard.commit('platform.yaml', (text) =>
    text.replace('maxRemovalPercent: 30', 'maxRemovalPercent: 20'),
  );
  await yard.git('rm', '-rq', 'environments/dev', 'environments/staging');
  await yard.commit('environments/production/environment.yaml', (text) =>
    text.replace(/^ {2}promotesFrom.*\n/m, ''),
  );
  const commit = await yard.git('rev-parse', 'HEAD');
  await platform.until('the commit is held', async () => (await platform.head()).held?.commit === commit);
  expect(await versionIn('staging')).toBe('1.1.0');
  const status = await yard.switchyard(['status', '--api', platform.run.api]);
  expect(status.status).toBe(1);
  expect(status.out).toContain('MassRemovalHeld');
  const plan = await yard.switchyard(['plan', '--repo', yard.registry, '--from', 'HEAD~1']);
  expect(plan.status).toBe(1);
  expect(plan.out).toContain('would be held (MassRemovalHeld)');

  const acknowledged = await yard.switchyard(['acknowledge', commit, '--api', platform.run.api]);
  expect(acknowledged).toMatchObject({ status: 0, err: '' });
  await platform.until('the commit is applied', async () => (await platform.head()).applied === commit);
  await platform.until('staging is gone', async () => {
    const response = await fetch(`${platform.run.inference}/environments/staging/v2/models/bird-strike`);
    return response.status === 404;
  });
  expect(await versionIn('production')).toBe('1.1.0');
});
