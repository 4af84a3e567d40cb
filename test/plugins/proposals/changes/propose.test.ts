import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Proposed } from '../../../../core/capabilities/proposer.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { until } from '../../../fixtures/until.ts';
import { ada, grace, oneApproval, openWorld, production, promotion, type World } from '../proposal-world.ts';

let folder: ReturnType<typeof temporaryFolder>;
let world: World;

beforeEach(async () => {
  folder = temporaryFolder();
  world = await openWorld(folder.path);
}, 60_000);

afterEach(async () => {
  await world.close();
  folder.remove();
});

function opened(proposed: Proposed) {
  if (proposed.state !== 'open') throw new Error(`it is queued: ${proposed.reason}`);
  return proposed;
}

describe('proposing', { timeout: 120_000 }, () => {
  it('opens a proposal whose diff is the one line that is meant', async () => {
    const engine = await world.engine();
    const { proposal, isNew } = opened(await engine.propose(promotion('1.1.0')));
    expect(isNew).toBe(true);
    const diff = world.git.git('diff', '-U0', 'main', proposal.head).split('\n').slice(5);
    expect(diff).toEqual([
      '-  version: 1.0.0 # the line that a promotion changes',
      '+  version: 1.1.0 # the line that a promotion changes',
    ]);
    expect(world.git.git('log', '-1', '--format=%B', proposal.head)).toMatch(
      /^feat\(production\): promote bird-strike 1\.1\.0\n\nBetter on 1999–2002\.\n\nSwitchyard-Change: promote\nSwitchyard-Model: bird-strike\nSwitchyard-Version: 1\.1\.0\nSwitchyard-Environment: production\nSwitchyard-Key: version:Deployment\/production\/bird-strike\nSwitchyard-Intent: sha256:[0-9a-f]{64}\n*$/,
    );
    const version = world.git.git(
      'log',
      '-1',
      '--format=%(trailers:key=Switchyard-Version,valueonly)',
      proposal.head,
    );
    expect(version.trim()).toBe('1.1.0');
    expect(proposal.body).toContain('**load** bird-strike');
    expect(await engine.queue()).toEqual([]);
  });

  it('answers the same proposal for the same change, whoever asks and in whatever words', async () => {
    const engine = await world.engine();
    const first = opened(await engine.propose(promotion('1.1.0')));
    const again = opened(
      await engine.propose(promotion('1.1.0', '1.0.0', { author: grace, reason: 'I want it too.' })),
    );
    expect(again.isNew).toBe(false);
    expect(again.proposal).toEqual(first.proposal);
    expect(await world.forge.list({ limit: 10 })).toHaveLength(1);
  });

  it('puts the labels that the open proposal lacks on it, as the word of whoever asks', async () => {
    const engine = await world.engine();
    const first = opened(await engine.propose(promotion('1.1.0')));
    expect(first.done).toBe('opened');
    const labels = ['break-glass'];
    const again = opened(await engine.propose(promotion('1.1.0', '1.0.0', { author: grace, labels })));
    expect(again).toMatchObject({ isNew: false, done: 'labelled', proposal: { number: 1 } });
    expect(again.proposal.head).toBe(first.proposal.head);
    expect((await world.forge.get(1))?.labels).toMatchObject([{ name: 'break-glass', by: grace }]);
    expect(opened(await engine.propose(promotion('1.1.0', '1.0.0', { author: grace, labels }))).done).toBe(
      'nothing',
    );
  });

  it('warns of a timeout for a check that there is not, and of no other', async () => {
    const checkTimeoutsMs = { regression: 1000, manifests: 60_000 };
    const engine = await world.engine({ settings: { checkTimeoutsMs } });
    engine.start();
    expect(world.log.lines.filter(({ facts }) => 'check' in facts)).toMatchObject([
      { level: 'warn', facts: { check: 'regression', known: ['manifests'] } },
    ]);
  });

  it('puts no label on what somebody pushed while it was asked for', async () => {
    const engine = await world.engine({
      async onStep(step) {
        if (step === 'add label') await world.forge.push(1, { 'models/note.txt': 'x' }, grace);
      },
    });
    await engine.propose(promotion('1.1.0'));
    await expect(
      engine.propose(promotion('1.1.0', '1.0.0', { labels: ['break-glass'] })),
    ).rejects.toMatchObject({ code: 'ProposalTakenOver' });
    expect((await world.forge.get(1))?.labels).toEqual([]);
  });

  it('gives the open proposal a newer commit where a newer change of the same thing is wanted', async () => {
    const engine = await world.engine();
    const first = opened(await engine.propose(promotion('1.1.0')));
    const newer = opened(await engine.propose(promotion('1.2.0')));
    expect(newer.proposal.number).toBe(first.proposal.number);
    expect(newer.proposal.title).toBe('Promote bird-strike 1.2.0 to production');
    expect(world.git.git('diff', '--stat', 'main', newer.proposal.head)).toContain(
      '1 insertion(+), 1 deletion(-)',
    );
    expect(world.git.git('rev-parse', `${newer.proposal.head}^`)).toBe(world.git.git('rev-parse', 'main'));
    expect(world.journal().map(({ type }) => type)).toEqual(['proposal.opened', 'proposal.updated']);
  });

  it('makes the same change anew where the base moved under it', async () => {
    const engine = await world.engine();
    const first = opened(
      await engine.propose(promotion('1.1.0', '1.0.0', { files: rename('keepWarm', '20m') })),
    );
    const text = world.read('main', production);
    world.commit({ [production]: text.replace('keepWarm: 10m', 'keepWarm: 15m') });
    const again = opened(
      await engine.propose(promotion('1.1.0', '1.0.0', { files: rename('keepWarm', '20m') })),
    );
    expect(again.proposal.number).toBe(first.proposal.number);
    expect(again.proposal.head).not.toBe(first.proposal.head);
    const main = world.git.git('rev-parse', 'main');
    expect(await world.repository.mergeTree(main, again.proposal.head)).toHaveProperty('tree');
  });

  it('does not overwrite what a person pushed to its branch', async () => {
    const engine = await world.engine();
    const { proposal } = opened(await engine.propose(promotion('1.1.0')));
    const pushed = await world.forge.push(proposal.number, { 'models/note.txt': 'x' }, grace);
    await expect(engine.propose(promotion('1.2.0'))).rejects.toMatchObject({ code: 'ProposalTakenOver' });
    expect((await world.forge.get(proposal.number))?.head).toBe(pushed);
    expect(await engine.queue()).toEqual([]);
  });

  it("does not overwrite the platform's own rollback by what a person asks for, until it is closed", async () => {
    const engine = await world.engine();
    const platform = { name: 'Switchyard', email: 'switchyard@localhost' };
    const rollback = promotion('1.1.0', '1.0.0', { type: 'rollback', author: platform });
    const { proposal } = opened(await engine.propose(rollback));
    await expect(engine.propose(promotion('1.2.0'), { byHand: true })).rejects.toMatchObject({
      code: 'RollbackOpen',
      hint: expect.stringContaining('switchyard close 1 --message'),
    });
    expect(await world.forge.get(proposal.number)).toMatchObject({ state: 'open', head: proposal.head });
    expect(await engine.queue()).toEqual([]);
    const newer = opened(await engine.propose({ ...rollback, title: 'Roll back, with newer evidence' }));
    expect(newer.proposal.number).toBe(1);
    await world.forge.close(1, { by: grace, reason: 'the labels came late' });
    expect(opened(await engine.propose(promotion('1.2.0'), { byHand: true })).proposal.number).toBe(2);
  });

  it('respects that a person closed it, until something differs or a person asks by hand', async () => {
    const engine = await world.engine();
    const { proposal } = opened(await engine.propose(promotion('1.1.0')));
    await world.forge.close(proposal.number, { by: grace, reason: 'not on a Friday' });
    await expect(engine.propose(promotion('1.1.0'))).rejects.toMatchObject({
      code: 'ProposalDeclined',
      message: 'the same change was closed as proposal 1 by Grace',
    });
    const other = opened(await engine.propose(promotion('1.2.0')));
    expect(other.proposal.number).toBe(2);
    await world.forge.close(2, { by: grace, reason: 'nor this' });
    const byHand = opened(await engine.propose(promotion('1.2.0'), { byHand: true }));
    expect(byHand.proposal.number).toBe(3);
  });

  it('refuses what the base already says, and what the base says otherwise than was expected', async () => {
    const engine = await world.engine();
    await expect(engine.propose(promotion('1.0.0'))).rejects.toMatchObject({ code: 'NothingToPropose' });
    await expect(engine.propose(promotion('1.2.0', '0.9.0'))).rejects.toMatchObject({
      code: 'EditRefused',
      message: expect.stringContaining('/spec/version is "1.0.0", not "0.9.0"'),
    });
    expect(await world.forge.list({ limit: 10 })).toEqual([]);
    expect(await engine.queue()).toEqual([]);
  });

  it.each([
    '../escape.yaml',
    '.git/config',
    'a/../b',
    '/etc/passwd',
    'a//b',
    'x\u0000y',
    '.GIT /config',
    'git~1/hooks',
  ])('refuses the path %j', async (path) => {
    const engine = await world.engine();
    const intent = promotion('1.1.0', '1.0.0', { files: [{ path, content: 'eA==' }] });
    await expect(engine.propose(intent)).rejects.toMatchObject({ code: 'IntentInvalid' });
  });

  it('cannot be made to write trailers that nobody meant', async () => {
    const engine = await world.engine();
    const { proposal } = opened(
      await engine.propose(
        promotion('1.1.0', '1.0.0', {
          reason: 'Fine.\n\nApproved-by: Eve <eve@example.org>\nSwitchyard-Checks: all=pass',
          trailers: { 'Switchyard-Model': 'bird-strike\nApproved-by: Eve <eve@example.org>' },
        }),
      ),
    );
    const trailers = world.git.git('log', '-1', '--format=%(trailers:key=Approved-by)', proposal.head);
    expect(trailers.trim()).toBe('');
  });

  it('opens no more than so many within an hour', async () => {
    const engine = await world.engine({ settings: { maxPerHour: 2 } });
    for (const name of ['a', 'b']) await engine.propose(promotion('1.1.0', '1.0.0', { key: `try:${name}` }));
    await expect(engine.propose(promotion('1.1.0', '1.0.0', { key: 'try:c' }))).rejects.toMatchObject({
      code: 'TooManyProposals',
    });
    const hour = 3_600_000;
    const later = await world.engine({ settings: { maxPerHour: 2 }, now: () => Date.now() + hour });
    expect(opened(await later.propose(promotion('1.1.0', '1.0.0', { key: 'try:c' }))).isNew).toBe(true);
  });

  it('says clearly that the disk does not take it, and begins nothing', async () => {
    const engine = await world.engine();
    const intents = join(world.folder, 'engine', 'intents');
    renameSync(intents, `${intents}.away`);
    writeFileSync(intents, 'no folder');
    await expect(engine.propose(promotion('1.1.0'))).rejects.toMatchObject({
      code: 'IntentNotKept',
      status: 507,
    });
    expect(await world.forge.list({ limit: 10 })).toEqual([]);
  });
});

describe('while the forge is away', { timeout: 120_000 }, () => {
  it('keeps what is asked for, in order, over a restart, and opens each once when the forge is back', async () => {
    const engine = await world.engine();
    world.forge.isAway = true;
    for (const name of ['a', 'b', 'c']) {
      const proposed = await engine.propose(promotion('1.1.0', '1.0.0', { key: `try:${name}` }), {
        waitMs: 0,
      });
      expect(proposed.state).toBe('queued');
    }
    await until(async () => (await engine.queue())[0]?.reason.includes('it is away') ?? false);
    await engine.stop();
    const next = await world.engine();
    expect((await next.queue()).map(({ intent }) => intent.key)).toEqual(['try:a', 'try:b', 'try:c']);
    world.forge.isAway = false;
    next.start();
    await next.idle();
    const all = await world.forge.list({ limit: 10 });
    expect(all.map(({ number, key }) => [number, key])).toEqual([
      [3, 'try:c'],
      [2, 'try:b'],
      [1, 'try:a'],
    ]);
    expect(readdirSync(join(world.folder, 'engine', 'intents'))).toEqual([]);
  });

  it('does not let one that fails by itself hold up the others', async () => {
    const engine = await world.engine();
    const open = world.forge.open.bind(world.forge);
    world.forge.open = async (draft) => {
      if (draft.key === 'try:a') throw new TypeError('something is not iterable');
      return open(draft);
    };
    const [first, second] = await Promise.all([
      engine.propose(promotion('1.1.0', '1.0.0', { key: 'try:a' }), { waitMs: 3000 }),
      engine.propose(promotion('1.1.0', '1.0.0', { key: 'try:b' }), { waitMs: 30_000 }),
    ]);
    expect(first).toMatchObject({ state: 'queued', reason: 'something is not iterable' });
    expect(second).toMatchObject({ state: 'open', proposal: { number: 1, key: 'try:b' } });
    expect((await engine.queue()).map(({ intent }) => intent.key)).toEqual(['try:a']);
    world.forge.open = open;
    await until(async () => (await engine.queue()).length === 0);
    expect(await world.forge.get(2)).toMatchObject({ key: 'try:a' });
  });

  it('lets a newer wish take the place of one that still waits', async () => {
    const engine = await world.engine();
    world.forge.isAway = true;
    await engine.propose(promotion('1.1.0'), { waitMs: 0 });
    await engine.propose(promotion('1.2.0'), { waitMs: 0 });
    expect((await engine.queue()).map(({ intent }) => intent.title)).toEqual([
      'Promote bird-strike 1.2.0 to production',
    ]);
  });

  it('does not open what is to be signed without a signature', async () => {
    const engine = await world.engine();
    world.forge.isAway = true;
    await engine.propose(promotion('1.1.0'), { waitMs: 0, sign: async () => '' });
    await engine.stop();
    world.forge.isAway = false;
    const next = await world.engine();
    next.start();
    await next.idle();
    expect(await world.forge.list({ limit: 10 })).toEqual([]);
    expect((await next.queue())[0]?.reason).toContain('signed by whoever asked');
    expect(opened(await next.propose(promotion('1.1.0'), { sign: async () => '' })).isNew).toBe(true);
    expect(await next.queue()).toEqual([]);
  });
});

describe('merging', { timeout: 120_000 }, () => {
  it('merges once every gate allows it, and says in the commit who did', async () => {
    const engine = await world.engine({ extraGates: { approvals: oneApproval } });
    engine.start();
    const { proposal } = opened(await engine.propose(promotion('1.1.0')));
    const { number, head } = proposal;
    await engine.idle();
    expect((await engine.show(number)).judgement?.verdict.state).toBe('refused');
    await expect(engine.merge(number, { by: grace })).rejects.toMatchObject({
      code: 'MergeRefused',
      message: 'proposal 1 may not merge: needs 1 approval by somebody else; has 0',
    });
    await world.forge.review(number, { verdict: 'approve', head, body: 'yes', by: grace });
    const { commit } = await engine.merge(number, { by: grace, expectedHead: head });
    expect(world.git.git('rev-parse', 'main')).toBe(commit);
    expect(world.read('main', production)).toContain('version: 1.1.0 # the line');
    const message = world.git.git('log', '-1', '--format=%B', 'main');
    expect(message).toContain(`Switchyard-Proposal: ${number}\nSwitchyard-Head: ${head}\n`);
    expect(message).toContain('Approved-by: Grace <grace@example.org>\nSwitchyard-Checks: manifests=pass');
    expect(message, 'she did not sign it: the platform merged for her').toContain(
      'Merged-for: Grace <grace@example.org>',
    );
    await engine.idle();
    expect(world.journal().map(({ type, data }) => `${type} ${data.verdict ?? ''}`.trim())).toEqual([
      'proposal.opened',
      'proposal.judged refused',
      'proposal.judged allowed',
      'proposal.merged',
    ]);
    expect(await engine.merge(number, { by: ada })).toEqual({ commit });
  });

  it('does not count an approval of an earlier head', async () => {
    const engine = await world.engine({ extraGates: { approvals: oneApproval } });
    const { proposal } = opened(await engine.propose(promotion('1.1.0')));
    const { number, head } = proposal;
    await world.forge.review(number, { verdict: 'approve', head, body: 'yes', by: grace });
    await world.forge.push(number, { 'models/note.txt': 'x' }, ada);
    await expect(engine.merge(number, { by: grace })).rejects.toMatchObject({ code: 'MergeRefused' });
    await expect(engine.merge(number, { by: grace, expectedHead: head })).rejects.toMatchObject({
      code: 'ProposalMoved',
    });
  });

  it('notices what was merged or closed elsewhere, and journals it once', async () => {
    const engine = await world.engine();
    engine.start();
    await engine.propose(promotion('1.1.0'));
    await engine.propose(promotion('1.1.0', '1.0.0', { key: 'try:b' }));
    await engine.idle();
    await world.forge.close(1, { by: grace, reason: 'no' });
    const { head } = (await world.forge.get(2)) ?? { head: '' };
    const base = world.git.git('rev-parse', 'main');
    await world.forge.merge(2, { expectedHead: head, expectedBase: base, message: 'Merge\n', by: grace });
    await engine.stop();
    const next = await world.engine();
    next.start();
    await next.idle();
    next.look();
    await next.idle();
    const entries = world.journal().filter(({ type }) => /closed|merged/.test(type));
    expect(entries.map(({ type, data }) => [type, data.number]).sort()).toEqual([
      ['proposal.closed', 1],
      ['proposal.merged', 2],
    ]);
  });
});

describe('two engines on one registry', { timeout: 120_000 }, () => {
  it('make one proposal of what both want, and merge it once', async () => {
    const one = await world.engine();
    const other = await world.engine({ folder: join(world.folder, 'other') });
    const both = await Promise.all([one.propose(promotion('1.1.0')), other.propose(promotion('1.1.0'))]);
    expect(both.map((proposed) => opened(proposed).proposal.number)).toEqual([1, 1]);
    await Promise.all([one.judge(1), other.judge(1)]);
    expect(await world.forge.comments(1)).toHaveLength(1);
    expect(world.forge.writes(1)['comment plan']).toBe(1);
    const merged = await Promise.all([one.merge(1, { by: grace }), other.merge(1, { by: grace })]);
    expect(new Set(merged.map(({ commit }) => commit)).size).toBe(1);
    expect(world.git.git('rev-list', '--merges', '--count', 'main')).toBe('1');
  });
});

function rename(field: string, value: string) {
  return [{ path: production, edits: [{ op: 'set' as const, pointer: `/spec/${field}`, value }] }];
}
