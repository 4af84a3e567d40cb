import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Proposal } from '../../../core/capabilities/forge.ts';
import { ada, type ForgeWorld, forgeWorld, grace } from './forge-world.ts';

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly answer?: unknown;
  readonly code?: string;
}

describe.each(['native', 'isomorphic'] as const)('real processes at one forge (%s)', (implementation) => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld(implementation);
  });
  afterEach(() => world.close());

  const dist = join(import.meta.dirname, '../../../dist');

  /** A process that makes one call; it kills itself before its write number `step`. */
  function run(step: number, ...order: readonly unknown[]): Promise<Ended> {
    expect(existsSync(join(dist, 'plugins/forge-git/git-forge.js')), 'npm run build makes dist').toBe(true);
    const program = join(import.meta.dirname, 'forge-process.mjs');
    const given = [program, dist, world.real.path, implementation, String(step), JSON.stringify(order)];
    return new Promise((resolve, reject) => {
      execFile(process.execPath, given, (error, stdout, stderr) => {
        const signal = (error as { signal?: NodeJS.Signals } | null)?.signal ?? null;
        if (stderr !== '') reject(new Error(stderr));
        else resolve({ signal, ...(stdout !== '' && (JSON.parse(stdout) as object)) });
      });
    });
  }

  async function draft(key: string, more: object = {}): Promise<object> {
    return {
      key,
      on: await world.tip(),
      changes: [[`models/${key}.yaml`, `name: ${key}\n`]],
      message: `feat: ${key}\n\nSwitchyard-Model: ${key}`,
      title: key,
      body: 'Better.',
      author: ada,
      labels: ['promotion'],
      ...more,
    };
  }

  /** Kills a process before each of its writes in turn, and then does the same with a whole one. */
  async function killEverywhere(
    prepare: (round: number) => Promise<readonly unknown[]>,
    check: (round: number, ended: Ended) => Promise<void>,
  ): Promise<number> {
    for (let step = 1; step < 30; step++) {
      const order = await prepare(step);
      const killed = await run(step, ...order);
      const whole = await run(0, ...order);
      expect(whole.code).toBeUndefined();
      await check(step, whole);
      if (killed.signal !== 'SIGKILL') return step - 1;
    }
    throw new Error('it never came through');
  }

  it('leaves one proposal whenever the proposer is killed', async () => {
    const steps = await killEverywhere(
      async (round) => ['open', await draft(`key-${round}`)],
      async (round, { answer }) => {
        const found = await world.forge.list({ key: `key-${round}`, limit: 10 });
        expect(found).toMatchObject([
          { number: (answer as Proposal).number, state: 'open', title: `key-${round}` },
        ]);
      },
    );
    expect(steps).toBe(5);
  }, 300_000);

  it('leaves one newer commit whenever the updater is killed', async () => {
    let opened: Proposal;
    const steps = await killEverywhere(
      async (round) => {
        opened = (await run(0, 'open', await draft(`key-${round}`))).answer as Proposal;
        // Another content: within one second, the same would be the same commit.
        const newer = { title: 'newer', changes: [[`models/key-${round}.yaml`, 'name: newer\n']] };
        return ['update', opened.number, await draft(`key-${round}`, newer), opened.head];
      },
      async () => {
        const found = await world.forge.get(opened.number);
        expect(found).toMatchObject({ title: 'newer', state: 'open' });
        expect(found?.pushes).toHaveLength(2);
        expect(found?.head).not.toBe(opened.head);
      },
    );
    expect(steps).toBe(4);
  }, 300_000);

  it('leaves one comment, one review and one label whenever their writer is killed', async () => {
    const { number, head } = (await run(0, 'open', await draft('a'))).answer as Proposal;
    const calls = [
      ['comment', number, 'plan', 'the plan'],
      ['review', number, { verdict: 'approve', head, body: 'yes', by: grace }],
      ['label', number, 'break-glass', 'add', grace],
    ];
    for (const call of calls)
      await killEverywhere(
        async () => call,
        async () => undefined,
      );
    expect(await world.forge.comments(number)).toHaveLength(1);
    expect(await world.forge.reviews(number)).toHaveLength(1);
    const labels = (await world.forge.get(number))?.labels.map(({ name }) => name);
    expect(labels).toEqual(['promotion', 'break-glass']);
    expect(world.real.git('rev-list', '--count', `refs/proposals/${number}/meta`)).toBe('4');
  }, 300_000);

  it('leaves one merge whenever the merger is killed, and tells it on the proposal', async () => {
    let opened: Proposal;
    let base: string;
    const steps = await killEverywhere(
      async (round) => {
        opened = (await run(0, 'open', await draft(`key-${round}`))).answer as Proposal;
        base = await world.tip();
        const message = `Merge ${opened.number}\n\nSwitchyard-Proposal: ${opened.number}`;
        return [
          'merge',
          opened.number,
          { expectedHead: opened.head, expectedBase: base, message, by: grace },
        ];
      },
      async (_round, { answer }) => {
        const tip = await world.tip();
        expect(answer).toEqual({ commit: tip });
        expect(world.real.git('log', '-1', '--format=%P', tip)).toBe(`${base} ${opened.head}`);
        expect(await world.forge.get(opened.number)).toMatchObject({ state: 'merged', mergedAs: tip });
        const events = world.real
          .git('log', '--format=%s', `refs/proposals/${opened.number}/meta`)
          .split('\n');
        expect(events.filter((subject) => subject.startsWith('Merge as'))).toHaveLength(1);
      },
    );
    expect(steps).toBe(6);
    expect(world.real.git('for-each-ref', 'refs/proposals/keys/')).toBe('');
  }, 300_000);

  it('leaves it closed whenever the closer is killed, and its key free', async () => {
    let opened: Proposal;
    await killEverywhere(
      async (round) => {
        opened = (await run(0, 'open', await draft(`key-${round}`))).answer as Proposal;
        return ['close', opened.number, { by: grace, reason: 'no' }];
      },
      async (round) => {
        expect(await world.forge.get(opened.number)).toMatchObject({ state: 'closed', closedBy: grace });
        const again = (await run(0, 'open', await draft(`key-${round}`))).answer as Proposal;
        expect(again.number).toBeGreaterThan(opened.number);
      },
    );
  }, 300_000);

  it('opens one proposal for each of 20 processes with a key of its own, and one for 10 with the same', async () => {
    const own = Array.from({ length: 20 }, async (_, index) => run(0, 'open', await draft(`own-${index}`)));
    const opened = (await Promise.all(own)).map(({ answer }) => (answer as Proposal).number);
    expect(new Set(opened).size).toBe(20);
    const same = await draft('same');
    const ended = await Promise.all(Array.from({ length: 10 }, () => run(0, 'open', same)));
    expect(new Set(ended.map(({ answer }) => (answer as Proposal).number)).size).toBe(1);
    expect(await world.forge.list({ limit: 100 })).toHaveLength(21);
    expect(await world.forge.broken()).toEqual([]);
  }, 300_000);

  it('loses no event when 20 processes write to one proposal at once', async () => {
    const { number, head } = (await run(0, 'open', await draft('a'))).answer as Proposal;
    const writers = Array.from({ length: 20 }, (_, index) => {
      const by = { name: `Writer ${index}`, email: `writer-${index}@example.org` };
      return run(0, 'review', number, { verdict: 'approve', head, body: '', by });
    });
    for (const { code } of await Promise.all(writers)) expect(code).toBeUndefined();
    const reviews = await world.forge.reviews(number);
    expect(new Set(reviews.map(({ by }) => by.email)).size).toBe(20);
    expect(reviews).toHaveLength(20);
  }, 300_000);
});
