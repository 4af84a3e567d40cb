import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { grace, oneApproval, openWorld, production, promotion, type World } from './proposal-world.ts';

const slow = { timeout: 60_000 };
let folder: ReturnType<typeof temporaryFolder>;
let world: World;

beforeEach(async () => {
  folder = temporaryFolder();
  world = await openWorld(folder.path);
});

afterEach(async () => {
  await world.close();
  folder.remove();
});

describe('proposing', slow, () => {
  it('opens a proposal whose diff is the one line that is meant', async () => {
    const engine = await world.engine();
    const proposed = await engine.propose(promotion('1.1.0'));
    if (proposed.state !== 'open') throw new Error(proposed.reason);
    const { proposal, isNew } = proposed;
    expect(isNew).toBe(true);
    const diff = world.git.git('diff', '-U0', 'main', proposal.head).split('\n').slice(5);
    expect(diff).toEqual([
      '-  version: 1.0.0 # the line that a promotion changes',
      '+  version: 1.1.0 # the line that a promotion changes',
    ]);
    expect(world.git.git('log', '-1', '--format=%B', proposal.head)).toMatch(
      /^feat\(production\): promote bird-strike 1\.1\.0\n\nBetter on 1999–2002\.\n\nSwitchyard-Change: promote\nSwitchyard-Model: bird-strike\nSwitchyard-Version: 1\.1\.0\nSwitchyard-Environment: production\nSwitchyard-Key: version:Deployment\/production\/bird-strike\nSwitchyard-Intent: sha256:[0-9a-f]{64}\n*$/,
    );
    expect(
      world.git
        .git('log', '-1', '--format=%(trailers:key=Switchyard-Version,valueonly)', proposal.head)
        .trim(),
    ).toBe('1.1.0');
    expect(proposal.body).toContain('**load** bird-strike');
    expect(await engine.queue()).toEqual([]);
  });

  it('judges it, and merges it once somebody approved', async () => {
    const engine = await world.engine({ extraGates: { approvals: oneApproval } });
    engine.start();
    const proposed = await engine.propose(promotion('1.1.0'));
    if (proposed.state !== 'open') throw new Error(proposed.reason);
    const { number, head } = proposed.proposal;
    await engine.idle();
    const refused = await engine.show(number);
    expect(refused.judgement?.verdict.state).toBe('refused');
    await expect(engine.merge(number, { by: grace })).rejects.toMatchObject({ code: 'MergeRefused' });
    await world.forge.review(number, { verdict: 'approve', head, body: 'yes', by: grace });
    const { commit } = await engine.merge(number, { by: grace, expectedHead: head });
    expect(world.git.git('rev-parse', 'main')).toBe(commit);
    expect(world.read('main', production)).toContain('version: 1.1.0 # the line');
    const message = world.git.git('log', '-1', '--format=%B', 'main');
    expect(message).toContain(`Switchyard-Proposal: ${number}\nSwitchyard-Head: ${head}\n`);
    expect(message).toContain('Approved-by: Grace <grace@example.org>\nSwitchyard-Checks: manifests=pass');
    await engine.idle();
    expect(world.journal().map(({ type }) => type)).toEqual([
      'proposal.opened',
      'proposal.judged',
      'proposal.judged',
      'proposal.merged',
    ]);
    expect(await world.forge.comments(number)).toHaveLength(1);
  });
});
