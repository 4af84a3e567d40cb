import type { Agent } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { heldOutStrikes, type Strike } from '../../demo/strikes.ts';
import { Traffic } from '../../demo/traffic.ts';
import { murmurHash } from '../../libraries/murmur-hash/index.ts';
import { acceptRisk } from './accepting-risk.ts';
import { connection, shares, whoAnswers } from './asking.ts';
import { type Platform, Yard } from './yard.ts';

// One platform for all of them, on machines that may be busy: each strategy has an environment of its own.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let yard: Yard;
let platform: Platform;
let strikes: readonly Strike[];
let strike: Strike;

beforeAll(async () => {
  yard = await Yard.open();
  strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1996)).slice(0, 40);
  const [first] = strikes;
  if (first === undefined) throw new Error('there are strikes');
  strike = first;
  await template('answered', 'count: 60, failureCondition: result.candidate >= 0.0', 'metric: errorRate');
  await template('many', 'failureCondition: result.candidate >= 1000.0', 'metric: requests');
  await template(
    'alike',
    'successCondition: result.candidate <= 0.5',
    'metric: disagreement, tolerance: 0.1',
  );
  platform = await yard.up();
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

/** A metric that is looked at each second until the walk wants no more of it. */
const template = (name: string, condition: string, provider: string) =>
  yard.commit(
    `analyses/${name}.yaml`,
    () => `apiVersion: switchyard/v1
kind: AnalysisTemplate
metadata: { name: ${name} }
spec:
  metrics:
    - { name: m, interval: 1s, inconclusiveLimit: 100, ${condition}, provider: { builtin: { ${provider} } } }
`,
  );

interface Facts {
  readonly rollout?: { readonly step: number; readonly steps: readonly string[]; readonly requests?: number };
  readonly aborted?: { readonly version: string; readonly reason: string; readonly step: number };
}
const refOf = (environment: string) => `Deployment/${environment}/bird-strike`;
const facts = async (environment: string): Promise<Facts> =>
  (await platform.resource(refOf(environment))).status?.facts ?? {};
const until = (environment: string, what: string, isSo: (facts: Facts) => boolean) =>
  platform.until(what, async () => isSo(await facts(environment)) && (await platform.allFollow()));
const rollout = (verb: string, environment: string, ...more: string[]) =>
  yard.switchyard(['rollout', verb, `${environment}/bird-strike`, ...more, '--api', platform.run.api]);
const isHeld = async (environment: string, version: string) => {
  const { processes } = await platform.get<{ processes: readonly { versions?: object }[] }>(
    '/plugins/serving/processes',
  );
  return processes.some(({ versions = {} }) => `${environment}/bird-strike/${version}` in versions);
};

it('blueGreen: the new version is asked by its other name, takes over all at once when a human says so, and the old one is kept for a while', async () => {
  const commit = await yard.strategy(
    'staging',
    'blueGreen: { autoPromotion: false, previewPath: preview, scaleDownDelay: 2s }',
    '1.1.0',
  );
  const traffic = new Traffic(platform.target('staging'), strikes, 2);
  await until('staging', 'it waits for a human', ({ rollout }) => rollout?.step === 2);
  expect(await whoAnswers(platform, 'staging', strike, { version: 'preview' })).toBe('1.1.0');
  expect(await shares(platform, 'staging', strike, 100)).toEqual({ '1.0.0': 100 });
  const { out } = await rollout('status', 'staging');
  expect(out).toMatch(/▸ 2 {2}pause until promoted/);
  expect(await rollout('promote', 'staging', '--reason', 'the preview is right')).toMatchObject({
    status: 0,
  });
  await platform.converged(commit);
  expect(await shares(platform, 'staging', strike, 100)).toEqual({ '1.1.0': 100 });
  const { failures, byVersion } = await traffic.stop();
  expect(failures).toEqual([]);
  expect([...byVersion.keys()].sort()).toEqual(['1.0.0', '1.1.0']);
  expect(await whoAnswers(platform, 'staging', strike, { version: 'preview' })).toBe('1.1.0');
  const [switched] = (await platform.journal(`&ref=${refOf('staging')}&type=deployment.switched`)).slice(
    0,
    1,
  );
  await platform.until('the old version is released', async () => !(await isHeld('staging', '1.0.0')));
  const [released] = await platform.journal(`&ref=${refOf('staging')}&type=deployment.released`);
  const kept = Date.parse(released?.time ?? '') - Date.parse(switched?.time ?? '');
  expect(kept).toBeGreaterThan(1_500);
});

it('shadow: sees requests whose answers nobody gets, is compared, and takes over after so many', async () => {
  const commit = await yard.strategy(
    'dev',
    'shadow: { percent: 100, requests: 300, analysis: { templates: [{ templateName: alike }] } }',
    '1.0.0',
  );
  await until('dev', 'it is watched', ({ rollout }) => rollout?.step === 2);
  const watched = new Traffic(platform.target('dev'), strikes, 2);
  await platform.until('it has seen some', async () => watched.answeredBy('1.1.0') >= 100);
  // A few hundred more are needed to end: what came so far was stable's.
  const early = await watched.stop();
  expect([early.failures, [...early.byVersion.keys()]]).toEqual([[], ['1.1.0']]);
  expect((await facts('dev')).rollout).toMatchObject({ step: 2 });
  const traffic = new Traffic(platform.target('dev'), strikes, 2);
  await platform.converged(commit);
  expect((await traffic.stop()).failures).toEqual([]);
  expect(await shares(platform, 'dev', strike, 100)).toEqual({ '1.0.0': 100 });
  const [ended] = await platform.journal(`&ref=${refOf('dev')}&type=analysis.ended`);
  expect(ended?.message).toContain('Successful');
  const { evidence } = (ended?.data ?? {}) as {
    evidence: { analysis: { run: { metrics: readonly { measurements: readonly Measured[] }[] } } };
  };
  const last = evidence.analysis.run.metrics[0]?.measurements.at(-1)?.reading;
  // It was watched for 300, and judged by the last look, at the end; a pair or two may not be compared yet.
  expect(last?.samples).toBeGreaterThanOrEqual(280);
  // The versions do differ about a few strikes.
  expect(last?.result?.candidate).toBeGreaterThan(0);
});

interface Measured {
  readonly reading: { readonly samples?: number; readonly result?: { readonly candidate: number } };
}

it('blueGreen: goes back all at once where what is analysed after the promotion fails', async () => {
  const traffic = new Traffic(platform.target('production'), strikes, 2);
  await yard.strategy(
    'production',
    'blueGreen: { postPromotionAnalysis: { templates: [{ templateName: answered }] } }',
    '1.1.0',
  );
  await until('production', 'it goes back', ({ aborted }) => aborted !== undefined);
  expect((await facts('production')).aborted).toMatchObject({
    version: '1.1.0',
    reason: 'AnalysisFailed',
    step: 3,
  });
  expect(await shares(platform, 'production', strike, 100)).toEqual({ '1.0.0': 100 });
  const { failures, byVersion } = await traffic.stop();
  expect(failures).toEqual([]);
  // It had taken over: what fails is what it answered.
  expect(byVersion.get('1.1.0')).toBeGreaterThan(0);
  expect(await whoAnswers(platform, 'production', strike, { version: 'preview' })).toBe('1.0.0');
});

const keys = Array.from({ length: 40 }, (_, number) => `user-${number}`);

/** Where docs/inference.md says that a key belongs. */
const armOf = (key: string) =>
  (murmurHash(`production/bird-strike/1.1.0:${key}`) / 2 ** 32) * 100 < 50 ? '1.1.0' : '1.0.0';

/** Connections that are open to more than one inference process, as the processes themselves report. */
async function connections(): Promise<readonly Agent[]> {
  const agents: Agent[] = [];
  let openedAt = 0;
  await platform.until('more than one process has a connection', async () => {
    const { processes } = await platform.get<{ processes: readonly { connections?: number }[] }>(
      '/plugins/serving/processes',
    );
    if (agents.length > 0 && processes.filter(({ connections: open = 0 }) => open > 0).length > 1)
      return true;
    // Processes report once a second.
    if (Date.now() - openedAt < 1_500 || agents.length >= 16) return false;
    const more = Array.from({ length: 4 }, connection);
    await Promise.all(more.map((agent) => whoAnswers(platform, 'production', strike, { agent })));
    agents.push(...more);
    openedAt = Date.now();
    return false;
  });
  return agents;
}

/** Which version each key gets; fails where that depends on the connection. */
async function assigned(): Promise<Readonly<Record<string, string>>> {
  const agents = await connections();
  const found: Record<string, string> = {};
  for (const key of keys) {
    const headers = { 'x-user-id': key };
    const all = await Promise.all(
      agents.map((agent) => whoAnswers(platform, 'production', strike, { headers, agent })),
    );
    expect(new Set(all).size, key).toBe(1);
    found[key] = all[0] ?? '';
  }
  for (const agent of agents) agent.destroy();
  return found;
}

it('abTest: keeps each key on its arm in every process and over restarts, leads by rules, and ends when the metric decides', async () => {
  await yard.strategy(
    'production',
    `abTest:
  arms:
    - { name: control, version: stable, share: 50 }
    - { name: treatment, version: candidate, share: 50 }
  assignment: { header: x-user-id }
  match:
    - { all: [{ header: x-team, equals: birds }], arm: treatment }
  metric: { templates: [{ templateName: many }] }
  duration: 1h`,
  );
  await platform.until('the new strategy is looked at', async () => {
    const { status, digest } = await platform.resource(refOf('production'));
    return status?.observedDigest === digest;
  });
  await acceptRisk(yard, platform, 'production');
  await until('production', 'both arms answer', ({ rollout }) => rollout?.step === 2);
  const expected = Object.fromEntries(keys.map((key) => [key, armOf(key)]));
  expect(new Set(Object.values(expected)).size).toBe(2);
  expect(await assigned()).toEqual(expected);
  const headers = { 'x-user-id': keys.find((key) => armOf(key) === '1.0.0') ?? '', 'x-team': 'birds' };
  expect(await whoAnswers(platform, 'production', strike, { headers })).toBe('1.1.0');
  // Without a key, by shares.
  expect(await shares(platform, 'production', strike, 100)).toEqual({ '1.0.0': 50, '1.1.0': 50 });

  const [control = Number.NaN] = await platform.children('control');
  const [inference = Number.NaN] = await platform.children('inference');
  for (const pid of [control, inference]) process.kill(pid, 'SIGKILL');
  await platform.until('others run in their place', async () => {
    const [now] = await platform.children('control');
    const others = await platform.children('inference');
    return now !== undefined && now !== control && !others.includes(inference) && platform.allFollow();
  });
  expect(await assigned()).toEqual(expected);

  const agents = Array.from({ length: 4 }, connection);
  await platform.until('the metric decides', async () => {
    const asking = agents.map(async (agent) => {
      for (let turn = 0; turn < 50; turn++)
        await whoAnswers(platform, 'production', strike, { headers, agent });
    });
    await Promise.all(asking);
    return (await facts('production')).aborted?.reason === 'AnalysisFailed';
  });
  for (const agent of agents) agent.destroy();
  await platform.until('every process follows', () => platform.allFollow());
  expect(new Set(Object.values(await assigned()))).toEqual(new Set(['1.0.0']));
  expect(await whoAnswers(platform, 'production', strike, { headers })).toBe('1.0.0');
});
