import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askAll } from '../../demo/answers.ts';
import { heldOutStrikes, type Strike, tensorsOf } from '../../demo/strikes.ts';
import { Traffic } from '../../demo/traffic.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const signal = AbortSignal.timeout(300_000);
let yard: Yard;
let platform: Platform;
let strikes: readonly Strike[];

beforeAll(async () => {
  yard = await Yard.open();
  strikes = await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1998);
  platform = await yard.up();
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

const cli = (...words: string[]) => yard.switchyard([...words, '--api', platform.run.api]);

describe('from a fresh registry to a served model', () => {
  it('says where it answers, and prints a line that really asks the model', async () => {
    await platform.until('the summary is printed', async () => platform.log.includes('Try it:'));
    expect(platform.log).toContain('All 19 resources are ready');
    expect(platform.log).toContain(platform.run.api);
    const [, url = '', body = ''] = /curl -s (\S+) -H \S+ \S+ -d '(.*)'/.exec(platform.log) ?? [];
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ model_name: 'bird-strike', model_version: '1.0.0' });
    expect(response.headers.get('switchyard-commit')).toBe((await platform.head()).applied);
  });

  it('lists the deployments, each with the version that its manifest names', async () => {
    const { status, out } = await cli('get', 'deployments', '-o', 'json');
    const { items } = JSON.parse(out) as { items: { ref: string; spec: { version: string } }[] };
    expect(status).toBe(0);
    expect(items.map(({ ref, spec }) => [ref, spec.version])).toEqual([
      ['Deployment/dev/bird-strike', '1.1.0'],
      ['Deployment/production/bird-strike', '1.0.0'],
      ['Deployment/staging/bird-strike', '1.0.0'],
    ]);
  });

  it('is found by commands in the folder of the registry, without an address', async () => {
    const { status, out } = await yard.switchyard(['status']);
    expect(status).toBe(0);
    expect(out).toContain('19 ready');
    expect(out).toMatch(/inference\s+2 of 2 processes live/);
  });

  it('predicts from typed inputs, and names who answered', async () => {
    const values: Record<string, string> = Object.fromEntries(
      tensorsOf(strikes.slice(0, 2)).map(({ name, data }) => [name, JSON.stringify(data)]),
    );
    const inputs = Object.entries(values).flatMap(([name, value]) => ['-i', `${name}=${value}`]);
    const { status, out } = await cli('predict', 'bird-strike', '-e', 'dev', ...inputs, '-o', 'json');
    const answer = JSON.parse(out) as Record<string, unknown>;
    const [first, second] = await askAll(platform.target('dev'), strikes.slice(0, 2), signal);
    expect(status).toBe(0);
    expect(answer).toMatchObject({ model_name: 'bird-strike', model_version: '1.1.0' });
    expect(answer.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(answer.prediction_id).toMatch(/^[0-9a-f-]{36}$/);
    const probability = (answer.outputs as { name: string; data: number[] }[]).find(
      ({ name }) => name === 'probability',
    );
    expect(probability?.data).toEqual([first?.probability, second?.probability]);
  });

  it('shows one resource whole, with where it was read', async () => {
    const { status, out } = await cli('describe', 'deploy', 'bird-strike', '-e', 'staging');
    expect(status).toBe(0);
    expect(out).toContain('environments/staging/bird-strike.yaml:2 @');
    expect(out).toMatch(/Ready\s+True\s+Serving/);
    expect(out).toContain('deployment.switched');
  });
});

describe('a one-line commit under traffic', () => {
  it('fails no request, gives no answer that is not its version’s, and ends with the new version', async () => {
    const target = platform.target('staging');
    const before = await askAll(target, strikes, signal);
    const traffic = new Traffic(target, strikes, 8);
    await platform.until('traffic flows', async () => traffic.answeredBy('1.0.0') > 100);
    const commit = await yard.promote('staging', '1.1.0');
    await platform.until('the new version answers', async () => traffic.answeredBy('1.1.0') > 100);
    await platform.converged(commit);
    const after = await askAll(target, strikes, signal);
    const report = await traffic.stop();

    expect(report.failures).toEqual([]);
    expect(report.failed).toBe(0);
    expect(new Set(before.map(({ version }) => version))).toEqual(new Set(['1.0.0']));
    expect(new Set(after.map(({ version }) => version))).toEqual(new Set(['1.1.0']));
    const known = new Map([
      ['1.0.0', before],
      ['1.1.0', after],
    ]);
    for (const { strike, version, probability } of report.answers) {
      expect(probability).toBeCloseTo(known.get(version)?.[strike]?.probability ?? Number.NaN, 6);
    }
    expect(new Set(after.map((answer) => answer.commit))).toEqual(new Set([commit]));
  });

  it('leaves a plan and a journal that say what was done', async () => {
    const { applied } = await platform.head();
    const plan = await platform.get<{ changes: { ref: string; fields: unknown[] }[] }>(
      `/api/v1/plans/${applied}`,
    );
    expect(plan.changes.map(({ ref, fields }) => [ref, fields])).toEqual([
      ['Deployment/staging/bird-strike', [{ pointer: '/spec/version', before: '1.0.0', after: '1.1.0' }]],
    ]);
    const { out } = await cli('journal', '--ref', 'Deployment/staging/bird-strike');
    expect(out).toMatch(/deployment\.switched .*1\.0\.0 → 1\.1\.0/);
  });

  it('is planned offline in the same words', async () => {
    const { applied } = await platform.head();
    const made = await platform.get<{ changes: unknown }>(`/api/v1/plans/${applied}`);
    const { status, out } = await yard.switchyard([
      ...['plan', '--repo', yard.registry, '--from', 'HEAD~1', '--to', 'HEAD', '-o', 'json'],
    ]);
    expect(status).toBe(0);
    expect((JSON.parse(out) as { changes: unknown }).changes).toEqual(made.changes);
  });

  it('goes back at once by git revert: the version before is still warm', async () => {
    const target = platform.target('staging');
    const traffic = new Traffic(target, strikes, 4);
    await platform.until('traffic flows', async () => traffic.answeredBy('1.1.0') > 20);
    await yard.git('revert', '--no-edit', 'HEAD');
    const reverted = Date.now();
    await platform.until('the version before answers', async () => traffic.answeredBy('1.0.0') > 0);
    const took = Date.now() - reverted;
    await platform.converged(await yard.git('rev-parse', 'HEAD'));
    const report = await traffic.stop();
    expect(report.failed).toBe(0);
    // Nothing was fetched, loaded or warmed again; the bound is generous for a busy machine.
    expect(took).toBeLessThan(5_000);
    const loads = await platform.get<{ processes: { versions: Record<string, { loadedAt: string }> }[] }>(
      '/plugins/serving/processes',
    );
    for (const { versions } of loads.processes) {
      const loadedAt = versions['staging/bird-strike/1.0.0']?.loadedAt ?? '';
      expect(Date.parse(loadedAt)).toBeLessThan(reverted);
    }
  });
});
