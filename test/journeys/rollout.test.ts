import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { heldOutStrikes, type Strike } from '../../demo/strikes.ts';
import { Traffic } from '../../demo/traffic.ts';
import { acceptRisk } from './accepting-risk.ts';
import { shares } from './asking.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let yard: Yard;
let platform: Platform;
let strikes: readonly Strike[];
const ref = 'Deployment/staging/bird-strike';

beforeAll(async () => {
  yard = await Yard.open();
  strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1996)).slice(0, 40);
  platform = await yard.up();
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

const rollout = (verb: string, ...more: string[]) =>
  yard.switchyard(['rollout', verb, 'staging/bird-strike', ...more, '--api', platform.run.api]);

/** How many of a thousand requests to one inference process each version answers. */
const thousand = () => shares(platform, 'staging', strikes[0]!, 1000);

interface Facts {
  readonly rollout?: { readonly step: number; readonly to: string };
  readonly aborted?: { readonly version: string; readonly reason: string };
}
const facts = async (): Promise<Facts> => (await platform.resource(ref)).status?.facts ?? {};
const inStep = (step: number) =>
  platform.until(`step ${step} is reached everywhere`, async () => {
    return (await facts()).rollout?.step === step && (await platform.allFollow());
  });

const byHand = `
        - setWeight: 10
        - pause: {}
        - setWeight: 50
        - pause: {}`;

async function walk(version: string, steps = byHand): Promise<string> {
  return yard.commit('environments/staging/bird-strike.yaml', (text) =>
    text
      .replace(/^( {2}version: )\S+/m, `$1${version}`)
      .replace(/^ {2}strategy:\n( {4}.*\n)+/m, '')
      .replace(
        /^spec:\n/m,
        `spec:
  strategy:
    canary:
      steps:${steps}
`,
      ),
  );
}

/** An analysis of what the candidate answered, by a condition on how many answers and how many errors there were. */
const template = (name: string, condition: string) =>
  yard.commit(
    `analyses/${name}.yaml`,
    () => `apiVersion: switchyard/v1
kind: AnalysisTemplate
metadata: { name: ${name} }
spec:
  metrics:
    - name: errors
      interval: 1s
      count: 3
      minSamples: 5
      inconclusiveLimit: 60
      successCondition: ${condition}
      provider: { builtin: { metric: errorRate } }
`,
  );
const analysed = (name: string) => `
        - setWeight: 20
        - analysis: { templates: [{ templateName: ${name} }] }
        - setWeight: 60`;

describe('a canary', () => {
  let traffic: Traffic;

  it('gives the new version exactly its share of every thousand requests', async () => {
    traffic = new Traffic(platform.target('staging'), strikes, 4);
    await platform.until('traffic flows', async () => traffic.answeredBy('1.0.0') > 20);
    await walk('1.1.0');
    await inStep(2);
    const { status, out } = await rollout('status');
    expect(status).toBe(0);
    expect(out).toContain('staging/bird-strike  1.0.0 → 1.1.0 by canary');
    expect(out).toMatch(/1\.1\.0 +answers 10 % +candidate/);
    expect(out).toMatch(/✓ 1 {2}setWeight 10\n +▸ 2 {2}pause until promoted/);
    expect((await traffic.stop()).failures).toEqual([]);
    expect(await thousand()).toEqual({ '1.0.0': 900, '1.1.0': 100 });
  });

  it('goes on where it was when control is killed in the middle', async () => {
    expect((await rollout('promote', '--reason', 'ten percent are fine')).out).toContain(
      'promoted past step 2',
    );
    await inStep(4);
    traffic = new Traffic(platform.target('staging'), strikes, 4);
    const [before] = await platform.children('control');
    process.kill(before ?? Number.NaN, 'SIGKILL');
    await platform.until('another control process runs', async () => {
      const [now] = await platform.children('control');
      return now !== undefined && now !== before;
    });
    await inStep(4);
    expect((await traffic.stop()).failures).toEqual([]);
    expect(await thousand()).toEqual({ '1.0.0': 500, '1.1.0': 500 });
  });

  it('ends with the new version alone, and its history says who wanted it', async () => {
    traffic = new Traffic(platform.target('staging'), strikes, 4);
    const watching = rollout('status', '--watch');
    await rollout('promote');
    const watched = await watching;
    expect(watched.status).toBe(0);
    await platform.converged();
    expect((await traffic.stop()).failures).toEqual([]);
    expect(await thousand()).toEqual({ '1.1.0': 1000 });
    const { out } = await rollout('history');
    expect(out).toMatch(/rollout\.started .*1\.0\.0 → 1\.1\.0 by canary in 4 steps/);
    expect(out).toMatch(/rollout\.promote .*promoted past step 2/);
    expect(out).toMatch(/deployment\.switched .*1\.0\.0 → 1\.1\.0/);
    const [entry] = (await platform.journal(`&ref=${ref}&type=rollout.promote`)).slice(-1);
    expect(entry?.data).toMatchObject({ reason: 'ten percent are fine', by: expect.any(String) });
  });

  it('is not walked on the way back, which takes one look', async () => {
    const commit = await walk('1.0.0');
    await platform.converged(commit);
    expect(await thousand()).toEqual({ '1.0.0': 1000 });
  });

  it('that is aborted gives its traffic back at once, and is not tried again until somebody answers for it', async () => {
    await walk('1.1.0');
    await inStep(2);
    traffic = new Traffic(platform.target('staging'), strikes, 4);
    await platform.until('the candidate answers', async () => traffic.answeredBy('1.1.0') > 5);
    const { out } = await rollout('abort', '--reason', 'wrong in fog');
    expect(out).toContain('traffic goes back to 1.0.0');
    await platform.until('every process follows', () => platform.allFollow());
    const settled = traffic.answeredBy('1.1.0');
    const answered = traffic.answeredBy('1.0.0');
    await platform.until('more is answered', async () => traffic.answeredBy('1.0.0') > answered + 200);
    // What was under way when the last process followed may still come.
    expect(traffic.answeredBy('1.1.0') - settled).toBeLessThanOrEqual(4);
    expect((await traffic.stop()).failures).toEqual([]);

    const { conditions = [] } = (await platform.resource(ref)).status ?? {};
    expect(conditions.find(({ type }) => type === 'Degraded')).toMatchObject({
      status: 'True',
      reason: 'RolledBack',
      message: expect.stringContaining('wrong in fog'),
    });
    expect((await rollout('status', '--watch')).status).toBe(1);
    const [control = Number.NaN] = await platform.children('control');
    process.kill(control, 'SIGKILL');
    await platform.until('another one remembers', async () => {
      const [now] = await platform.children('control');
      return now !== control && (await facts()).aborted?.version === '1.1.0' && (await platform.allFollow());
    });
    expect(await thousand()).toEqual({ '1.0.0': 1000 });
    const again = await rollout('abort');
    expect(again).toMatchObject({ status: 1, err: expect.stringContaining('RolloutCommandRefused') });
    const retried = await rollout('retry');
    expect(retried).toMatchObject({ status: 1, err: expect.stringContaining('asks for its quarantine') });
    await acceptRisk(yard, platform, 'staging');
    await inStep(2);
  });
});

describe('a canary that is judged by what it answers', () => {
  it('goes back by itself, with the evidence, where its analysis fails', async () => {
    await walk('1.0.0');
    await platform.converged();
    await template('never', 'result.candidate < 0.0');
    await walk('1.1.0', analysed('never'));
    const traffic = new Traffic(platform.target('staging'), strikes, 4);
    await platform.until('it is rolled back', async () => (await facts()).aborted !== undefined);
    await platform.until('every process follows', () => platform.allFollow());
    expect((await traffic.stop()).failures).toEqual([]);
    expect(await facts()).toMatchObject({ aborted: { version: '1.1.0', reason: 'AnalysisFailed' } });
    expect(await thousand()).toEqual({ '1.0.0': 1000 });
    const [entry] = await platform.journal(`&ref=${ref}&type=rollout.rolledBack`);
    expect(entry?.message).toContain('never/errors failed 1 > limit 0');
    expect(JSON.stringify(entry?.data)).toContain('evidence');
  });

  it('walks to the end by itself where its analysis succeeds', async () => {
    await template('healthy', 'result.candidate <= 0.01');
    const traffic = new Traffic(platform.target('staging'), strikes, 4);
    await walk('1.1.0', analysed('healthy'));
    // The steps are others, but what was given up is not tried again by that.
    await platform.until('the new steps are looked at', async () => {
      const { status, digest } = await platform.resource(ref);
      return status?.observedDigest === digest && (await facts()).aborted !== undefined;
    });
    await acceptRisk(yard, platform, 'staging');
    await platform.converged();
    expect((await traffic.stop()).failures).toEqual([]);
    expect(await thousand()).toEqual({ '1.1.0': 1000 });
  });
});

describe('a canary under which inference processes die', () => {
  /** Kills one as a crash of a model would, and waits until another is in its place. */
  async function killInference(): Promise<void> {
    const [pid = Number.NaN, ...others] = await platform.children('inference');
    process.kill(pid, 'SIGKILL');
    await platform.until('another one took its place', async () => {
      const now = await platform.children('inference');
      return !now.includes(pid) && now.length > others.length && (await platform.allFollow());
    });
  }

  it('goes on after one death and back after two, and what answers next is left alone', async () => {
    await walk('1.0.0');
    await platform.converged();
    await walk('1.1.0');
    await inStep(2);
    await killInference();
    await inStep(2);
    expect(await thousand()).toEqual({ '1.0.0': 900, '1.1.0': 100 });
    await killInference();
    await platform.until('it is rolled back', async () => (await facts()).aborted !== undefined);
    await platform.until('every process follows', () => platform.allFollow());
    expect(await facts()).toMatchObject({ aborted: { version: '1.1.0', reason: 'ProcessesLost' } });
    expect(await thousand()).toEqual({ '1.0.0': 1000 });
    const [entry] = await platform.journal(`&ref=${ref}&type=rollout.rolledBack`);
    expect(entry?.message).toMatch(/2 inference processes ended within 1h while they held 1\.1\.0/);
    await killInference();
    await killInference();
    expect(await thousand()).toEqual({ '1.0.0': 1000 });
  });
});
