import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Platform, Yard } from '../../journeys/yard.ts';
import { run as runIn } from '../run.ts';

// A whole platform, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let yard: Yard;
let platform: Platform;
beforeAll(async () => {
  yard = await Yard.open();
  platform = await yard.up();
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

const run = (...words: string[]) =>
  runIn(words, { folder: yard.registry, environment: { HOME: yard.folder } });

describe('what is not there', () => {
  it('says which environment was meant', async () => {
    const { status, err } = await run('get', 'deployments', '-e', 'productoin');
    expect(status).toBe(4);
    expect(err).toContain('there is no environment "productoin"');
    expect(err).toContain('Did you mean `production`?');
  });

  it.each([
    [['get', 'deploy', 'bird-strik'], 'Deployment/bird-strik', 'Did you mean `bird-strike`?'],
    [
      ['get', 'deploy', 'bird-strike', '-e', 'productoin'],
      'Deployment/productoin/bird-strike',
      'Did you mean `production/bird-strike`?',
    ],
    [['get', 'Deployment/staging/brid-strike'], 'staging/brid-strike', 'Did you mean `staging/bird-strike`?'],
    [['describe', 'modelversion', 'bird-strike/1.0.9'], 'bird-strike/1.0.9', '`bird-strike/1.0.0`?'],
    [['reconcile', 'model', 'bird-stroke'], 'Model/bird-stroke', 'Did you mean `bird-strike`?'],
    [['rollout', 'history', 'bird-strikes', '--env', 'dev'], 'bird-strikes', '`dev/bird-strike`?'],
    [['get', 'environment', 'moon'], 'Environment/moon', 'There are: `dev`, `production`, `staging`.'],
  ])('says which resource was meant: %j', async (words, said, hint) => {
    const { status, err } = await run(...words);
    expect([status, err]).toEqual([4, expect.stringContaining(`there is no resource`)]);
    expect(err).toContain(said);
    expect(err).toContain(hint);
  });

  it('says what was asked for where nothing matches', async () => {
    const { status, err } = await run('get', 'deployments', '-l', 'team=nobody');
    expect(status).toBe(0);
    expect(err).toContain('Nothing matches label team=nobody');
  });

  it('looks at the labels of a resource that is named, too', async () => {
    const words = ['get', 'deployment', 'bird-strike', '-e', 'production'];
    expect((await run(...words)).status).toBe(0);
    const { status, out, err } = await run(...words, '-l', 'team=nobody');
    expect({ status, out }).toEqual({ status: 4, out: '' });
    expect(err).toContain('Deployment/production/bird-strike does not carry team=nobody');
  });

  it('lists the types of the journal', async () => {
    const { err } = await run('journal', '--type', 'snapshot.aplied');
    expect(err).toContain('Did you mean `snapshot.applied`?');
  });

  it('shows the inference server’s own hints', async () => {
    for (const more of [[], ['--inputs'], ['--data', '{"inputs": []}']]) {
      const { status, err } = await run('predict', 'bird-strik', ...more);
      expect(status).toBe(4);
      expect(err).toContain('There is: bird-strike.');
    }
    for (const more of [[], ['-i', 'x=1']]) {
      const { status, err } = await run('predict', 'bird-strike', '--version', '9.9.9', ...more);
      expect(status).toBe(4);
      expect(err).toContain('It holds: ');
    }
    expect((await run('predict', 'bird-strike')).err).toContain('there is nothing to predict from');
  });
});

describe('what a deployment takes', () => {
  it('is shown with the command line that asks the very same', async () => {
    const { out } = await run('predict', 'bird-strike', '-e', 'dev', '--version', '1.1.0', '--inputs');
    expect(out).toContain('Ask it: switchyard predict bird-strike -e dev --version 1.1.0 -i airport=… ');
  });
});

describe('Tab', () => {
  it('completes environments, models, versions and deployments', async () => {
    const tab = async (...words: string[]) =>
      (await run('__complete', '--', ...words)).out
        .split('\n')
        .map((line) => line.split('\t')[0])
        .filter(Boolean);
    const environments = ['dev', 'production', 'staging'];
    expect((await tab('promote', 'bird-strike', '--to', '')).sort()).toEqual(environments);
    expect((await tab('rollback', 'bird-strike', '--in', '')).sort()).toEqual(environments);
    expect(await tab('at', 'now', '--env', 'p')).toEqual(['production']);
    expect(await tab('why', '')).toEqual(['bird-strike']);
    expect((await tab('promote', 'bird-strike', '')).sort()).toEqual(['1.0.0', '1.1.0']);
    expect(await tab('rollback', 'bird-strike', '--in', 'staging', '--to', '1.0')).toEqual(['1.0.0']);
    expect(await tab('blame', 'st')).toEqual(['staging/bird-strike']);
    expect(await tab('jobs', 'list', '--deployment', '')).toEqual(['bird-strike']);
    expect(await tab('jobs', 'list', '-e', 'st')).toEqual(['staging']);
    expect(await tab('log', 'export', '--deployment', 'st')).toEqual(['staging/bird-strike']);
    expect((await tab('diff', '')).sort()).toEqual(['bird-strike@1.0.0', 'bird-strike@1.1.0']);
    expect(await tab('diff', 'bird-strike@1.0.0', '1.1')).toEqual(['1.1.0']);
  });

  it('completes the numbers of open proposals, with their titles', async () => {
    writeFileSync(join(yard.folder, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n');
    expect((await run('promote', 'bird-strike', '--to', 'staging')).out).toContain('Opened #1');
    for (const verb of ['show', 'review', 'merge', 'close']) {
      // Tab waits for less than a busy machine may take.
      const tab = async () => (await run('__complete', '--', verb, '')).out;
      await expect.poll(tab, { timeout: 30_000 }).toMatch(/^1\t.*bird-strike 1\.1\.0.*staging\n$/);
    }
  });
});

describe('a commit', () => {
  it('is named by how its id begins', async () => {
    const commit = await yard.git('rev-parse', 'HEAD');
    const { status, out } = await run('journal', '--commit', commit.slice(0, 6), '-o', 'json');
    expect(status).toBe(0);
    const { items } = JSON.parse(out) as { items: { commit: string }[] };
    expect(items.length).toBeGreaterThan(0);
    expect(new Set(items.map((entry) => entry.commit))).toEqual(new Set([commit]));
    const unknown = await run('journal', '--commit', commit.startsWith('ffff') ? 'eeee' : 'ffff');
    expect(unknown.status).toBe(4);
    expect(unknown.err).toContain('code: CommitUnknown');
    expect((await run('journal', '--commit', 'main')).status).toBe(2);
  });

  it('that is held is looked at, then let through, as status says', async () => {
    await yard.commit('platform.yaml', (text) =>
      text.replace('maxRemovalPercent: 30', 'maxRemovalPercent: 20'),
    );
    const applied = (await yard.git('rev-parse', 'HEAD')).slice(0, 10);
    await vi.waitFor(async () => expect((await run('status')).out).toContain(applied), {
      timeout: 60_000,
      interval: 500,
    });
    await yard.git('rm', '-rq', 'environments/dev', 'environments/staging');
    await yard.commit('environments/production/environment.yaml', (text) =>
      text.replace(/^ {2}promotesFrom.*\n/m, ''),
    );
    const held = (await yard.git('rev-parse', 'HEAD')).slice(0, 10);
    await vi.waitFor(async () => expect((await run('status')).out).toContain('held'), {
      timeout: 60_000,
      interval: 500,
    });
    const { out } = await run('status');
    expect(out).toContain(`switchyard plan --from ${applied} --to ${held}\n`);
    expect(out).toContain(`switchyard acknowledge ${held}\n`);
    const plan = await run('plan', '--from', applied, '--to', held);
    expect(plan.out).toContain('- Deployment/staging/bird-strike');
    expect(await run('acknowledge', held.slice(0, 5))).toMatchObject({
      status: 0,
      out: `Commit ${held} is let through.\n`,
    });
    await vi.waitFor(async () => expect((await run('status')).out).not.toContain('held'), {
      timeout: 60_000,
      interval: 500,
    });
  });
});

describe('a deployment that was removed while a monitor watches it', () => {
  it('goes on, and status and get say why and what to do', async () => {
    await yard.commit('monitors/bird-strike.yaml', () =>
      [
        ...['apiVersion: switchyard/v1', 'kind: Monitor', 'metadata: { name: bird-strike }', 'spec:'],
        '  target: { deployment: bird-strike, environment: production }',
        '  window: { size: 1h }',
        '  reference: { dataset: { name: bird-strike, version: "1" } }',
        '  drift: {}\n',
      ].join('\n'),
    );
    const shows = (words: string[], text: string) =>
      vi.waitFor(async () => expect((await run(...words)).out).toContain(text), {
        timeout: 60_000,
        interval: 500,
      });
    await shows(['get', 'monitors'], 'bird-strike');
    await yard.git('rm', '-q', 'environments/production/bird-strike.yaml');
    await yard.git('commit', '-qm', 'Give the deployment up');
    const why =
      'it is no longer declared, and is kept because Monitor/bird-strike still refers to it. Repair Monitor/bird-strike first.';
    await shows(['status'], why);
    const { out } = await run('status');
    expect(out).toMatch(
      /^REMOVED, KEPT +REASON +MESSAGE\nDeployment\/production\/bird-strike +KeptForReference +it is/m,
    );
    const list = await run('get', 'deployments', '-o', 'json');
    expect(list.out).toContain('KeptForReference');
    expect((await run('get', 'deployments')).out).toMatch(
      /production +bird-strike .*KeptForReference .*it is no/,
    );
  });
});
