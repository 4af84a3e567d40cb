import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { askAll } from '../../demo/answers.ts';
import { heldOutStrikes, type Strike } from '../../demo/strikes.ts';
import { Traffic } from '../../demo/traffic.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const signal = AbortSignal.timeout(600_000);
let yard: Yard;
let platform: Platform;
let strikes: readonly Strike[];

beforeEach(async () => {
  yard = await Yard.open();
  strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1996)).slice(0, 40);
  platform = await yard.up();
  await platform.converged();
});
afterEach(() => yard?.close(), 60_000);

async function kill(program: 'control' | 'inference', pick: number): Promise<boolean> {
  const pids = await platform.children(program);
  const pid = pids[Math.floor(pick * pids.length)];
  if (pid === undefined) return false;
  process.kill(pid, 'SIGKILL');
  return true;
}

it('goes on answering while control is killed, and follows the registry again afterwards', async () => {
  const traffic = new Traffic(platform.target('staging'), strikes, 4);
  await platform.until('traffic flows', async () => traffic.answeredBy('1.0.0') > 20);
  const [before] = await platform.children('control');
  await kill('control', 0);
  const commit = await yard.promote('staging', '1.1.0');
  await platform.until('another control process runs', async () => {
    const [now] = await platform.children('control');
    return now !== undefined && now !== before;
  });
  await platform.until('the new version answers', async () => traffic.answeredBy('1.1.0') > 20);
  await platform.converged(commit);
  const report = await traffic.stop();
  expect(report.failures).toEqual([]);
});

it('converges to what the last commit declares, wherever its processes are killed', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
  const random = generator(seed);
  console.info(`killing at random points; run again with SEED=${seed}`);
  const traffic = new Traffic(platform.target('production'), strikes, 4);
  let commit = '';
  let killed = 0;
  for (let round = 0; round < 8; round++) {
    const version = round % 2 === 0 ? '1.1.0' : '1.0.0';
    commit = await yard.promote('staging', version);
    await wait(random() * 600);
    if (await kill(random() < 0.5 ? 'control' : 'inference', random())) killed += 1;
  }
  commit = await yard.promote('staging', '1.1.0');
  await platform.converged(commit);
  const report = await traffic.stop();

  expect(killed).toBeGreaterThan(4);
  const answers = await askAll(platform.target('staging'), strikes, signal);
  expect(new Set(answers.map((answer) => answer.version))).toEqual(new Set(['1.1.0']));
  // A killed process takes what it was answering with it; nobody is told anything wrong.
  expect([...report.byVersion.keys()]).toEqual(['1.0.0']);
  const { version } = (await platform.resource('Deployment/staging/bird-strike')).spec as { version: string };
  expect(version).toBe('1.1.0');
});

it('comes up again from the same folder after everything was killed at once', async () => {
  const others = [...(await platform.children('control')), ...(await platform.children('inference'))];
  await yard.promote('staging', '1.1.0');
  platform.signal('SIGKILL');
  expect(await platform.ended).toBe('SIGKILL');
  for (const pid of others) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has left by itself: its supervisor is gone.
    }
  }
  const commit = await yard.promote('production', '1.1.0');
  platform = await yard.up();
  await platform.converged(commit);
  for (const environment of ['staging', 'production']) {
    const [answer] = await askAll(platform.target(environment), strikes, signal);
    expect(answer?.version).toBe('1.1.0');
  }
  const applied = (await platform.journal()).filter(({ type }) => type === 'snapshot.applied');
  expect(applied.length).toBeGreaterThanOrEqual(2);
});

it('answers everything that is under way before it ends, with status 0', async () => {
  const traffic = new Traffic(platform.target('production'), strikes, 8);
  await platform.until('traffic flows', async () => traffic.answeredBy('1.0.0') > 50);
  expect(await platform.stop()).toBe(0);
  const report = await traffic.stop();
  // From some moment on nobody listens any more. Until then each request is answered.
  expect(report.failures.filter((reason) => !reason.includes('ECONNREFUSED'))).toEqual([]);
  expect(report.answers.length + report.failed).toBe(report.sent);
});

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
