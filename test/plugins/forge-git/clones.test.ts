import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from '../../../core/capabilities/forge.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../../libraries/git/opened-repository.ts';
import type { GitForge } from '../../../plugins/forge-git/git-forge.ts';
import { type Join, joinProposals } from '../../../plugins/forge-git/join.ts';
import { type GitRepository, useRepository } from '../../fixtures/git-repository.ts';
import { ada, type ForgeWorld, forgeWorld, grace } from './forge-world.ts';
import { makeKey } from './signing.ts';

const theirs = 'refs/remotes/origin/proposals/';

describe.each(['native', 'isomorphic'] as const)('proposals in several clones (%s)', (implementation) => {
  let world: ForgeWorld;
  const opened: OpenedRepository[] = [];
  beforeEach(async () => {
    world = await forgeWorld(implementation);
    world.real.git('config', 'receive.denyCurrentBranch', 'ignore');
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await world.close();
  });

  interface Clone {
    readonly real: GitRepository;
    readonly forge: GitForge;
    /** Fetches and joins; answers what became of it. */
    fetch(): Promise<Join>;
    /** Fetches, joins, and pushes what is ahead, with leases. */
    push(): Promise<Join>;
  }

  async function clone(name: string): Promise<Clone> {
    const path = join(world.folder, name);
    world.real.git('clone', '-q', world.real.path, path);
    const real = useRepository(path);
    const repository = await openRepository(path, { implementation });
    opened.push(repository);
    const fetch = async () => {
      real.git('fetch', '-q', '--prune', 'origin', `+refs/proposals/*:${theirs}*`);
      return joinProposals(repository, theirs);
    };
    return {
      real,
      forge: await world.open(path),
      fetch,
      async push() {
        const joined = await fetch();
        if (joined.ahead.length > 0) {
          const leases = joined.ahead.map(
            ({ reference, from }) => `--force-with-lease=${reference}:${from ?? ''}`,
          );
          const moves = joined.ahead.map(({ reference, to }) => `${to ?? ''}:${reference}`);
          real.git('push', '-q', '--atomic', ...leases, 'origin', ...moves);
        }
        return joined;
      },
    };
  }

  async function draft(more: Partial<Draft> = {}): Promise<Draft> {
    return {
      key: 'a',
      on: await world.tip(),
      changes: new Map([['models/a.yaml', 'name: a\n']]),
      message: 'feat: a',
      title: 'A',
      body: '',
      author: ada,
      ...more,
    };
  }

  const state = (real: GitRepository) =>
    real.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/proposals/');

  it('survives a mirror clone, an ordinary fetch, packing and collecting', async () => {
    const { number, head } = await world.forge.open(await draft());
    await world.forge.comment(number, 'plan', 'the plan');
    await world.forge.review(number, { verdict: 'approve', head, body: 'yes', by: grace });
    world.real.git('pack-refs', '--all');
    world.real.git('reflog', 'expire', '--expire=now', '--all');
    world.real.git('gc', '-q', '--prune=now');
    world.real.git('repack', '-q', '-a', '-d');
    const mirror = join(world.folder, 'mirror.git');
    world.real.git('clone', '-q', '--mirror', world.real.path, mirror);
    const copy = await clone('copy');
    copy.real.git('fetch', '-q', 'origin', 'refs/proposals/*:refs/proposals/*');
    for (const forge of [world.forge, await world.open(mirror), copy.forge]) {
      expect(await forge.get(number)).toMatchObject({ state: 'open', head, key: 'a' });
      expect(await forge.comments(number)).toMatchObject([{ slot: 'plan', body: 'the plan' }]);
      expect(await forge.reviews(number)).toMatchObject([{ verdict: 'approve', body: 'yes' }]);
      await forge.comment(number, 'plan', 'another plan');
      expect(await forge.comments(number)).toMatchObject([{ body: 'another plan' }]);
    }
    world.real.git('fsck', '--strict');
  });

  it('joins what two people wrote to one proposal, with its signatures, and both come to the same', async () => {
    const keys = join(world.folder, 'keys');
    const [adaKey, graceKey] = [makeKey(keys, ada.email), makeKey(keys, grace.email)];
    const { number, head } = await world.forge.open(await draft());
    const [one, other] = [await clone('one'), await clone('other')];
    await one.fetch();
    await other.fetch();
    const review = { head, body: '' } as const;
    await one.forge.review(number, { ...review, verdict: 'approve', by: grace, sign: graceKey.sign });
    await one.forge.comment(number, 'plan', 'from one');
    await other.forge.review(number, { ...review, verdict: 'comment', by: ada, sign: adaKey.sign });
    await other.forge.label(number, 'high-risk', 'add', ada, adaKey.sign);
    await one.push();
    expect((await other.push()).proposals).toEqual([{ number, action: 'joined' }]);
    expect((await one.fetch()).proposals).toEqual([{ number, action: 'advanced' }]);
    expect(state(one.real)).toBe(state(other.real));
    expect(state(world.real)).toBe(state(other.real));
    for (const forge of [one.forge, other.forge, world.forge]) {
      const reviews = await forge.reviews(number);
      expect(reviews.map(({ verdict }) => verdict).sort()).toEqual(['approve', 'comment']);
      expect(reviews.every(({ proof }) => proof.type === 'signature')).toBe(true);
      expect((await forge.get(number))?.labels.map(({ name }) => name)).toEqual(['high-risk']);
      expect(await forge.comments(number)).toMatchObject([{ body: 'from one' }]);
    }
    expect((await one.fetch()).proposals).toEqual([]);
    expect((await other.push()).ahead).toEqual([]);
  });

  it('makes the same commit in both clones that join at the same time', async () => {
    const { number } = await world.forge.open(await draft());
    const [one, other] = [await clone('one'), await clone('other')];
    await one.fetch();
    await other.fetch();
    await one.forge.comment(number, 'plan', 'from one');
    await other.forge.comment(number, 'alert', 'from the other');
    one.real.git('fetch', '-q', other.real.path, `+refs/proposals/*:${theirs}*`);
    other.real.git('fetch', '-q', one.real.path, `+refs/proposals/*:${theirs}*`);
    for (const { real } of [one, other]) {
      const repository = await openRepository(real.path, { implementation });
      opened.push(repository);
      await joinProposals(repository, theirs);
    }
    expect(state(one.real)).toBe(state(other.real));
    expect(await one.forge.comments(number)).toHaveLength(2);
  });

  it('gives the later pusher another number where two clones gave the same', async () => {
    const key = makeKey(join(world.folder, 'keys'), grace.email);
    const [one, other] = [await clone('one'), await clone('other')];
    const first = await one.forge.open(await draft({ key: 'one', title: 'One' }));
    const second = await other.forge.open(await draft({ key: 'other', title: 'Other' }));
    expect(second.number).toBe(first.number);
    const approval = { verdict: 'approve', head: second.head, body: '', by: grace, sign: key.sign } as const;
    await other.forge.review(second.number, approval);
    await one.push();
    const joined = await other.push();
    expect(joined.proposals).toEqual([
      { number: 2, action: 'renumbered', from: 1 },
      { number: 1, action: 'taken' },
    ]);
    await one.fetch();
    expect(state(one.real)).toBe(state(other.real));
    for (const forge of [one.forge, other.forge, world.forge]) {
      const found = await forge.list({ state: 'open', limit: 10 });
      expect(found.map(({ number, title }) => [number, title])).toEqual([
        [2, 'Other'],
        [1, 'One'],
      ]);
      expect(await forge.reviews(2)).toMatchObject([{ verdict: 'approve', proof: { type: 'signature' } }]);
      await expect(forge.open(await draft({ key: 'other' }))).rejects.toMatchObject({ number: 2 });
    }
  });

  it('goes on after a crash in the middle of giving other numbers', async () => {
    const [one, other] = [await clone('one'), await clone('other')];
    await one.forge.open(await draft({ key: 'one', title: 'One' }));
    await other.forge.open(await draft({ key: 'other', title: 'Other' }));
    await one.push();
    // As the first of the two steps leaves it: under both numbers.
    for (const part of ['head', 'meta'])
      other.real.git('update-ref', `refs/proposals/2/${part}`, `refs/proposals/1/${part}`);
    await other.push();
    await other.push();
    await one.fetch();
    expect(state(one.real)).toBe(state(other.real));
    expect((await one.forge.list({ limit: 10 })).map(({ title }) => title).sort()).toEqual(['One', 'Other']);
    expect(await one.forge.broken()).toEqual([]);
  });

  it('tells of two proposals that two clones opened for one key', async () => {
    const [one, other] = [await clone('one'), await clone('other')];
    await one.forge.open(await draft({ title: 'One' }));
    await other.forge.open(await draft({ title: 'Other' }));
    await one.push();
    expect((await other.push()).rivals).toEqual([[1, 2]]);
    await other.forge.close(2, { by: ada, reason: 'superseded', supersededBy: 1 });
    expect((await other.push()).rivals).toEqual([]);
    await one.fetch();
    expect(await one.forge.get(2)).toMatchObject({ state: 'closed', supersededBy: 1 });
  });

  it('takes the head of the newer of two updates that were made side by side', async () => {
    const { number, head } = await world.forge.open(await draft());
    const [one, other] = [await clone('one'), await clone('other')];
    await one.fetch();
    await other.fetch();
    await one.forge.update(
      number,
      await draft({ title: 'One', changes: new Map([['models/a.yaml', '1']]) }),
      head,
    );
    await other.forge.update(
      number,
      await draft({ title: 'Other', changes: new Map([['models/a.yaml', '2']]) }),
      head,
    );
    await one.push();
    await other.push();
    await one.fetch();
    expect(state(one.real)).toBe(state(other.real));
    const found = await one.forge.get(number);
    const winner = found?.title === 'One' ? '1' : '2';
    expect(one.real.git('show', `${found?.head}:models/a.yaml`)).toBe(winner);
  });

  it('brings back events that somebody dropped from the other clone', async () => {
    const { number, head } = await world.forge.open(await draft());
    const one = await clone('one');
    await one.fetch();
    await one.forge.review(number, { verdict: 'request-changes', head, body: 'no', by: grace });
    await one.push();
    world.real.git('update-ref', `refs/proposals/${number}/meta`, `refs/proposals/${number}/meta~1`);
    expect(await world.forge.reviews(number)).toEqual([]);
    const { ahead } = await one.push();
    expect(ahead.map(({ reference }) => reference)).toEqual([`refs/proposals/${number}/meta`]);
    expect(await world.forge.reviews(number)).toHaveLength(1);
  });

  it('leaves what it cannot read, and repairs what is broken here from what is whole there', async () => {
    const first = await world.forge.open(await draft());
    const second = await world.forge.open(await draft({ key: 'b' }));
    const one = await clone('one');
    await one.fetch();
    const main = world.real.git('rev-parse', 'main');
    world.real.git('update-ref', `refs/proposals/${first.number}/meta`, main);
    one.real.git('update-ref', `refs/proposals/${second.number}/meta`, main);
    const joined = await one.push();
    expect(joined.proposals).toEqual([
      { number: second.number, action: 'taken' },
      { number: first.number, action: 'skipped', reason: expect.stringContaining('is no event') as string },
    ]);
    expect(await one.forge.broken()).toEqual([]);
    expect(await world.forge.broken()).toEqual([]);
  });
});
