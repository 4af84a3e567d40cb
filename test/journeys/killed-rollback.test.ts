import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { heldOutStrikes } from '../../demo/strikes.ts';
import { Traffic } from '../../demo/traffic.ts';
import type { RoutingTable } from '../../plugins/serving/dataplane/interface/routing-table.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const ref = 'Deployment/staging/bird-strike';
const manifest = 'environments/staging/bird-strike.yaml';
const judged = `
      steps:
        - setWeight: 50
        - analysis: { templates: [{ templateName: never }] }`;
const template = `apiVersion: switchyard/v1
kind: AnalysisTemplate
metadata: { name: never }
spec:
  metrics:
    - name: errors
      interval: 1s
      count: 3
      minSamples: 5
      inconclusiveLimit: 60
      successCondition: result.candidate < 0.0
      provider: { builtin: { metric: errorRate } }
`;

let yard: Yard;
let platform: Platform;
let traffic: Traffic;

beforeAll(async () => {
  yard = await Yard.open();
  await yard.commit('analyses/never.yaml', () => template);
  const strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1996)).slice(
    0,
    40,
  );
  platform = await yard.up();
  await platform.converged();
  traffic = new Traffic(platform.target('staging'), strikes, 2);
});
afterAll(async () => {
  await traffic?.stop();
  await yard?.close();
}, 60_000);

/** What stands on disk, as whoever begins anew finds it. */
const disk = {
  /** The versions that staging is led to. */
  routed: () => {
    const path = join(yard.data, 'plugins', 'serving', 'table.json');
    const { deployments } = JSON.parse(readFileSync(path, 'utf8')) as RoutingTable;
    const entry = deployments.find(({ environment }) => environment === 'staging');
    return entry?.variants.map(({ version }) => version) ?? [];
  },
  entries: (type: string) => {
    const database = new Database(join(yard.data, 'state.db'), { readonly: true });
    try {
      const found = database.prepare('select count(*) as count from journal where type = ?').get(type);
      return (found as { count: number }).count;
    } finally {
      database.close();
    }
  },
  intents: () => readdirSync(join(yard.data, 'plugins', 'proposals', 'intents')).length,
  proposals: () => {
    try {
      return readdirSync(join(yard.registry, '.git', 'refs', 'proposals')).filter((name) =>
        /^\d+$/.test(name),
      ).length;
    } catch {
      return 0;
    }
  },
};

interface Shown {
  readonly number: number;
  readonly state: string;
  readonly key: string;
}
const proposals = async () => {
  const { items } = await platform.get<{ items: readonly { proposal: Shown }[] }>(
    '/plugins/proposals/proposals',
  );
  return items.map(({ proposal }) => proposal).filter(({ key }) => key === `version:${ref}`);
};
const condition = async () =>
  (await platform.resource(ref)).status?.conditions.find(({ type }) => type === 'Degraded');

/** Looks without a pause until it is so, then kills control. */
async function killControlWhen(isSo: () => boolean): Promise<void> {
  const [pid = Number.NaN] = await platform.children('control');
  const deadline = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`it never came to that\n${platform.log.slice(-4000)}`);
    await wait(1);
  }
  process.kill(pid, 'SIGKILL');
  await platform.until('another control process runs', async () => {
    const [now] = await platform.children('control');
    return now !== undefined && now !== pid;
  });
}

/** Has the version tried, from its first step. */
async function tryIt(round: number): Promise<void> {
  if (round === 0) {
    await yard.commit(manifest, (text) =>
      text
        .replace(/^( {2}version: )\S+/m, '$11.1.0')
        .replace(/^ {2}strategy:\n( {4}.*\n)+/m, `  strategy:\n    canary:${judged}\n`),
    );
    return;
  }
  const [open] = (await proposals()).filter(({ state }) => state === 'open');
  const who = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@localhost',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@localhost',
  };
  const closed = await yard.switchyard(
    ['close', String(open?.number), '--message', 'it is good', '--repo', yard.registry],
    who,
  );
  expect(closed.err).toBe('');
  await platform.until(
    'the decision is asked for',
    async () => (await condition())?.reason === 'RollbackDeclined',
  );
  const words = [
    'rollout',
    'accept-risk',
    'staging/bird-strike',
    '--reason',
    'it is good',
    '--api',
    platform.run.api,
  ];
  const accepted = await yard.switchyard(words);
  expect(accepted.err).toBe('');
}

const points: readonly (readonly [
  string,
  (before: { readonly entries: number; readonly proposals: number }) => boolean,
])[] = [
  ['the verdict is stored', ({ entries }) => disk.entries('analysis.ended') > entries],
  ['traffic is moved', () => disk.routed().join() === '1.0.0'],
  ['the proposal is queued', () => disk.intents() > 0],
  ['the proposal is opened', ({ proposals: before }) => disk.proposals() > before],
];

describe('a rollback of a platform whose control process is killed', () => {
  it.each(points.map(([name, isSo], round) => ({ name, isSo, round })))(
    'as soon as $name: traffic is back for good, and one proposal explains what Git says',
    async ({ isSo, round }) => {
      const before = { entries: disk.entries('analysis.ended'), proposals: disk.proposals() };
      const hasMoved = () => disk.routed().join() === '1.0.0';
      const begun = traffic.answeredBy('1.1.0');
      await tryIt(round);
      await platform.until(
        'the version is tried',
        async () => disk.routed().length === 2 || traffic.answeredBy('1.1.0') > begun,
      );
      await killControlWhen(() => isSo(before));
      const wasMoved = hasMoved();

      let cameBack = false;
      await platform.until('the rollback is told, with its proposal', async () => {
        cameBack ||= wasMoved && !hasMoved();
        const { reason, message = '' } = (await condition()) ?? {};
        return (
          reason === 'RolledBack' &&
          /proposal \d+ puts Git right/.test(message) &&
          (await platform.allFollow())
        );
      });
      expect(cameBack).toBe(false);
      expect(disk.routed()).toEqual(['1.0.0']);
      const answered = traffic.answeredBy('1.1.0');
      const sofar = traffic.answeredBy('1.0.0');
      await platform.until('more is answered', async () => traffic.answeredBy('1.0.0') > sofar + 50);
      // What was under way when the last process followed may still have come.
      expect(traffic.answeredBy('1.1.0') - answered).toBeLessThanOrEqual(2);

      // Git still declares what was given up: one open proposal says why, however often it was asked for.
      expect(await yard.git('show', `HEAD:${manifest}`)).toContain('version: 1.1.0');
      const all = await proposals();
      expect(all.filter(({ state }) => state === 'open')).toHaveLength(1);
      expect(all).toHaveLength(round + 1);
      const [open] = all.filter(({ state }) => state === 'open');
      const head = `refs/proposals/${open?.number}/head`;
      expect(await yard.git('show', `${head}:${manifest}`)).toContain('version: 1.0.0');
      const condemned = await yard.git('show', `${head}:models/bird-strike/versions/1.1.0.yaml`);
      expect(condemned.match(/quarantine:/g)).toHaveLength(1);
      expect(disk.entries('analysis.ended')).toBe(before.entries + 1);
    },
  );
});
