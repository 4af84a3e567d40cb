import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { askAll } from '../../demo/answers.ts';
import { heldOutStrikes, type Strike } from '../../demo/strikes.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const signal = AbortSignal.timeout(600_000);
let yard: Yard;
let strikes: readonly Strike[];

beforeEach(async () => {
  yard = await Yard.open();
  strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1995)).slice(0, 3);
});
afterEach(() => yard?.close(), 60_000);

const versionIn = async (platform: Platform, environment: string) =>
  (await askAll(platform.target(environment), strikes, signal))[0]?.version;

it('follows a force push to a history that never held what was applied, and says so', async () => {
  const root = await yard.git('rev-parse', 'HEAD');
  await yard.promote('staging', '1.1.0');
  const platform = await yard.up();
  await platform.converged();
  expect(await versionIn(platform, 'staging')).toBe('1.1.0');

  await yard.git('reset', '-q', '--hard', root);
  await yard.git('commit', '-q', '--amend', '-m', 'Begin differently');
  const rewritten = await yard.promote('production', '1.1.0');
  await platform.converged(rewritten);
  expect(await versionIn(platform, 'staging')).toBe('1.0.0');
  expect(await versionIn(platform, 'production')).toBe('1.1.0');
  const applied = await platform.journal('&type=snapshot.applied');
  expect(applied.some(({ data }) => data.historyRewritten === true)).toBe(true);
});

it('converges without the state folder, which cost only history', async () => {
  const first = await yard.up();
  await first.converged();
  const commit = await yard.promote('staging', '1.1.0');
  await first.converged(commit);
  expect(await first.stop()).toBe(0);

  await rm(yard.data, { recursive: true });
  const second = await yard.up();
  await second.converged(commit);
  expect(await versionIn(second, 'staging')).toBe('1.1.0');
  const applied = (await second.journal()).filter(({ type }) => type === 'snapshot.applied');
  expect(applied.map((entry) => entry.commit)).toEqual([commit]);
});

it('remembers across a restart, and works on what changed meanwhile', async () => {
  const first = await yard.up();
  await first.converged();
  const before = await first.journal();
  expect(await first.stop()).toBe(0);
  const commit = await yard.promote('production', '1.1.0');
  const second = await yard.up();
  await second.converged(commit);
  expect(await versionIn(second, 'production')).toBe('1.1.0');
  const now = await second.journal();
  expect(now.slice(-before.length)).toEqual(before);
});

it('runs from a bare repository, and from a remote that is fetched', async () => {
  const bare = join(yard.folder, 'registry.git');
  await yard.gitIn(yard.folder, 'clone', '-q', '--bare', yard.registry, bare);
  const platform = await yard.up(bare);
  await platform.converged();
  expect(await versionIn(platform, 'staging')).toBe('1.0.0');
  const commit = await yard.promote('staging', '1.1.0');
  await yard.git('push', '-q', bare, 'main');
  await platform.converged(commit);
  expect(await versionIn(platform, 'staging')).toBe('1.1.0');
  expect(await platform.stop()).toBe(0);

  await rm(yard.data, { recursive: true });
  const remote = await yard.up(pathToFileURL(bare).href, ['--interval', '1s']);
  await remote.converged();
  const next = await yard.promote('staging', '1.0.0');
  await yard.git('push', '-q', bare, 'main');
  await remote.converged(next);
  expect(await versionIn(remote, 'staging')).toBe('1.0.0');
});

it('reads and plans in a dry run, and changes nothing', async () => {
  const platform = await yard.up(yard.registry, ['--dry-run']);
  await platform.until('the commit is read', async () => (await platform.head()).held?.reason === 'DryRun');
  const { held, applied } = await platform.head();
  expect(applied).toBeNull();
  const plan = await platform.get<{ changes: unknown[] }>(`/api/v1/plans/${held?.commit}`);
  expect(plan.changes).toHaveLength(19);
  const answer = await fetch(`${platform.run.inference}/v2/models/bird-strike`);
  expect(answer.status).toBe(404);
  await platform.until('it says so', async () => platform.log.includes('Dry run:'));
  expect(platform.log).toContain('is read and planned; nothing is applied');
});

it('waits in a repository that has no commit yet, and begins with the first', async () => {
  const empty = join(yard.folder, 'empty');
  await yard.gitIn(yard.folder, 'init', '-q', '-b', 'main', empty);
  const platform = await yard.up(empty);
  await platform.until('it says so', async () => platform.log.includes('has no commit to apply yet'));
  await yard.gitIn(empty, 'pull', '-q', yard.registry, 'main');
  await platform.converged(await yard.gitIn(empty, 'rev-parse', 'HEAD'));
  expect(await versionIn(platform, 'staging')).toBe('1.0.0');
});

it('runs only the environments that this machine is for', async () => {
  const platform = await yard.up(yard.registry, ['--environment', 'production']);
  await platform.until('production answers', async () => {
    const answer = await fetch(`${platform.run.inference}/v2/models/bird-strike`);
    return answer.status === 200;
  });
  const other = await fetch(`${platform.run.inference}/environments/dev/v2/models/bird-strike`);
  expect(other.status).toBe(404);
});

it('refuses to run twice from one data folder', async () => {
  const platform = await yard.up();
  const again = await yard.switchyard([
    'up',
    yard.registry,
    '--port',
    '0',
    '--api-port',
    '0',
    '--data',
    yard.data,
  ]);
  expect(again.status).toBe(1);
  expect(again.err).toContain('code: DataFolderInUse');
  expect(again.err).toContain(`process ${platform.pid}`);
  expect(await platform.stop()).toBe(0);
});
