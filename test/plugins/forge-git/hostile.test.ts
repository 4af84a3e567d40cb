import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from '../../../core/capabilities/forge.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';
import { ada, type ForgeWorld, forgeWorld } from './forge-world.ts';

describe.each(['native', 'isomorphic'] as const)('garbage where proposals lie (%s)', (implementation) => {
  let world: ForgeWorld;
  beforeEach(async () => {
    world = await forgeWorld(implementation);
  });
  afterEach(() => world.close());

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

  const put = (reference: string, object: string) => world.real.git('update-ref', reference, object);
  const commit = (message: string, ...parents: string[]) =>
    world.real.git(
      'commit-tree',
      ...parents.flatMap((parent) => ['-p', parent]),
      '-m',
      message,
      world.real.git('rev-parse', 'main^{tree}'),
    );
  const blob = () =>
    execFileSync('git', ['hash-object', '-w', '--stdin'], {
      cwd: world.real.path,
      env: cleanEnvironment,
      input: 'garbage',
    })
      .toString()
      .trim();
  const zeros = '0'.repeat(40);
  const garbage: readonly (readonly [what: string, meta: () => string, reason: RegExp])[] = [
    ['a long history', () => 'main', /is no event: it has no trailer/],
    ['a commit of no event', () => commit('hello'), /is no event/],
    ['an event of no known kind', () => commit('x\n\nSwitchyard-Event: exploded'), /not known: exploded/],
    [
      'an event that says too little',
      () => commit('x\n\nSwitchyard-Event: opened'),
      /lacks base, baseCommit, head, key/,
    ],
    [
      'two verdicts in one event',
      () => commit('x\n\nSwitchyard-Event: opened\nSwitchyard-Event: merged'),
      /is no event/,
    ],
    ['a name of an object as an event', () => commit('x\n\nSwitchyard-Event: toString'), /not known/],
    [
      'a chain that begins with a merge',
      () =>
        commit(
          `x\n\nSwitchyard-Event: merged\nSwitchyard-Proposal-Id: ${zeros}\nSwitchyard-Head: ${zeros}\nSwitchyard-Merge-Commit: ${zeros}`,
        ),
      /does not begin with "opened"/,
    ],
    ['a blob', blob, /has a branch and no events/],
  ];

  it.each(garbage)('shows %s as broken, with the reason, and hurts no other', async (_what, meta, reason) => {
    const first = await world.forge.open(await draft());
    put('refs/proposals/9/head', 'main');
    put('refs/proposals/9/meta', meta());
    const last = await world.forge.open(await draft({ key: 'b' }));
    expect(last.number).toBe(10);
    const listed = await world.forge.list({ limit: 100 });
    expect(listed.map(({ number }) => number)).toEqual([10, first.number]);
    expect(await world.forge.broken()).toEqual([
      { number: 9, reason: expect.stringMatching(reason) as string },
    ]);
    await expect(world.forge.get(9)).rejects.toMatchObject({ code: 'ProposalBroken' });
    await expect(world.forge.comment(9, 'plan', 'x')).rejects.toMatchObject({ code: 'ProposalBroken' });
    await world.forge.comment(first.number, 'plan', 'x');
    expect(await world.forge.comments(first.number)).toHaveLength(1);
  });

  it('ignores other names below refs/proposals', async () => {
    for (const name of ['x', '0/head', '01/meta', '1/other', '99999999999/meta', 'keys/zz', 'keys/1/meta'])
      put(`refs/proposals/${name}`, 'main');
    expect(await world.forge.list({ limit: 10 })).toEqual([]);
    expect(await world.forge.broken()).toEqual([]);
    expect((await world.forge.open(await draft())).number).toBe(1);
  });

  it('opens a proposal whatever its claim names', async () => {
    const first = await world.forge.open(await draft());
    const claim = world.real.git('for-each-ref', '--format=%(refname)', 'refs/proposals/keys/');
    await world.forge.close(first.number, { by: ada, reason: 'no' });
    put(claim, 'main');
    const second = await world.forge.open(await draft());
    expect(second.number).toBe(2);
    expect(world.real.git('rev-parse', claim)).not.toBe(await world.tip());
    world.real.git('update-ref', '-d', claim);
    await expect(world.forge.open(await draft({ title: 'Other' }))).rejects.toMatchObject({ number: 2 });
  });

  it('takes a number above one that holds no commit', async () => {
    put('refs/proposals/1/meta', blob());
    expect((await world.forge.open(await draft())).number).toBe(2);
  });

  it('goes on with free numbers where somebody took the highest', async () => {
    put('refs/proposals/1/head', 'main');
    put('refs/proposals/999999999/head', 'main');
    expect((await world.forge.open(await draft())).number).toBe(2);
    const opened = await world.forge.open(await draft({ key: 'b' }));
    expect(opened.number).toBe(3);
    expect(await world.forge.get(3)).toMatchObject({ title: 'A', state: 'open' });
  });

  it('refuses an event with more labels or checks than people read', async () => {
    await world.forge.open(await draft());
    const says = `Switchyard-Event: opened\nSwitchyard-Base: refs/heads/main\nSwitchyard-Base-Commit: ${await world.tip()}\nSwitchyard-Head: ${await world.tip()}\nSwitchyard-Key: k\n`;
    for (const [number, name] of [
      [7, 'Label'],
      [8, 'Check'],
    ] as const) {
      const many = Array.from({ length: 3000 }, (_, index) => `Switchyard-${name}: ${index}`).join('\n');
      put(`refs/proposals/${number}/head`, 'main');
      put(`refs/proposals/${number}/meta`, commit(`x\n\n${says}${many}`));
    }
    expect(await world.forge.list({ limit: 10 })).toHaveLength(1);
    const reason = expect.stringContaining('more than 100 labels or checks') as string;
    expect(await world.forge.broken()).toEqual([
      { number: 7, reason },
      { number: 8, reason },
    ]);
  });

  it('refuses an event that is larger than any that is written', async () => {
    await world.forge.open(await draft());
    const tree = world.real.git('rev-parse', 'main^{tree}');
    const person = 'x <y@z> 1 +0000';
    const object = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\n${'x'.repeat(17 * 1024 * 1024)}\n`;
    const options = { cwd: world.real.path, env: cleanEnvironment, input: object };
    const hash = execFileSync('git', ['hash-object', '-w', '-t', 'commit', '--stdin'], options).toString();
    put('refs/proposals/7/meta', hash.trim());
    expect(await world.forge.list({ limit: 10 })).toHaveLength(1);
    expect(await world.forge.broken()).toEqual([
      { number: 7, reason: expect.stringContaining('is larger than an event may be') as string },
    ]);
  });

  it('says that the branch of an open proposal is gone when its commit was collected too', async () => {
    const { number } = await world.forge.open(await draft());
    const whole = await world.forge.open(await draft({ key: 'b', message: 'feat: b' }));
    world.real.git('update-ref', '-d', `refs/proposals/${number}/head`);
    expect(await world.forge.list({ limit: 10 })).toHaveLength(2);
    world.real.git('gc', '-q', '--prune=now');
    const forge = await world.another();
    expect((await forge.list({ limit: 10 })).map((one) => one.number)).toEqual([whole.number]);
    expect(await forge.broken?.()).toEqual([
      { number, reason: expect.stringContaining('is gone') as string },
    ]);
  });

  it('reads the times and names of hostile commits as something that can be shown', async () => {
    const { number, head } = await world.forge.open(await draft());
    const root = world.real.git('rev-parse', `refs/proposals/${number}/meta`);
    const tree = world.real.git('rev-parse', `${root}^{tree}`);
    const says = `Switchyard-Event: reviewed\nSwitchyard-Proposal-Id: ${root}\nSwitchyard-Base: refs/heads/main\nSwitchyard-Base-Commit: ${await world.tip()}\nSwitchyard-Head: ${head}\nSwitchyard-Verdict: approve\n`;
    const person = 'x <y@z> 999999999999999999999 +0000';
    const object = `tree ${tree}\nparent ${root}\nauthor ${person}\ncommitter ${person}\n\nx\n\n${says}`;
    const hash = ['hash-object', '-w', '-t', 'commit', '--stdin', '--literally'];
    const options = { cwd: world.real.path, env: cleanEnvironment, input: object };
    put(`refs/proposals/${number}/meta`, execFileSync('git', hash, options).toString().trim());
    expect(await world.forge.reviews(number)).toMatchObject([
      { by: { name: 'x' }, at: '9999-12-31T23:59:59.000Z' },
    ]);
    expect(await world.forge.list({ limit: 10 })).toHaveLength(1);
  });
});
