import { beforeEach, describe, expect, it } from 'vitest';
import type { DeploymentSpec } from '../../../../schemas/generated/deployment.ts';
import { HandMadeProposer } from '../../../fixtures/hand-made-proposer.ts';
import { RolloutWorld, versionOf } from '../../../fixtures/rollout-world.ts';

let world: RolloutWorld;
let proposer: HandMadeProposer;
const minute = 60_000;
const strategy: DeploymentSpec['strategy'] = {
  canary: {
    steps: [{ setWeight: 10 }, { analysis: { templates: [{ templateName: 'healthy' }] } }, { setWeight: 50 }],
  },
};

beforeEach(async () => {
  world = new RolloutWorld();
  proposer = new HandMadeProposer();
  world.proposer = proposer;
  world.restart();
  world.declare({ strategy });
  await world.deploy('1.0.0');
});

/** 1.1.0 is tried, and its analysis fails. */
async function rollBack() {
  await world.deploy('1.1.0');
  world.verdicts['step-2'] = 'Failed';
  await world.reconcile();
  return world.reconcile();
}
const pass = async (minutes: number) => {
  world.clock.turn(minutes * minute);
  return world.reconcile();
};
const answers = () =>
  world.runtime
    .current('production', 'bird-strike')
    ?.variants.map(({ version, weight }) => [version, weight]);
const said = () => world.journal.map(({ type }) => type);

describe('a deployment that was rolled back', () => {
  it('asks for one proposal that reverts the line and quarantines the version with what was measured', async () => {
    const outcome = await rollBack();
    expect(answers()).toEqual([['1.0.0', 100]]);
    expect(proposer.proposals).toHaveLength(1);
    const [{ intent } = expect.fail('nothing was proposed')] = proposer.proposals;
    const entry = said().indexOf('rollout.rolledBack') + 1;
    expect(intent).toMatchObject({
      key: 'version:Deployment/production/bird-strike',
      type: 'rollback',
      title: 'Quarantine bird-strike 1.1.0 and roll back to 1.0.0 in production',
      files: [
        {
          ref: 'Deployment/production/bird-strike',
          edits: [{ op: 'set', pointer: '/spec/version', value: '1.0.0', expected: '1.1.0' }],
        },
        {
          ref: 'ModelVersion/bird-strike/1.1.0',
          edits: [
            {
              op: 'set',
              pointer: '/spec/quarantine',
              value: {
                reason: 'Rolled back in production/bird-strike in step 2 of 3: m failed 1 > limit 0',
                since: '2026-01-01T00:00:00Z',
                evidence: expect.stringMatching(new RegExp(`^journal entry ${entry}, verdict [0-9a-f]{16}$`)),
              },
            },
          ],
        },
      ],
      trailers: { 'Switchyard-Previous-Version': '1.1.0', 'Switchyard-Version': '1.0.0' },
    });
    expect(intent.reason).toContain('| `m` | – | `1` | – | 2026-01-01T00:00:00.000Z | Failed |');
    expect(intent.reason).not.toContain('P(a good version');
    expect(intent.reason).toMatch(/`switchyard replay [0-9a-f]{16}` reaches the verdict again/);
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'RolledBack',
      degraded: {
        reason: 'RolledBack',
        message: expect.stringMatching(/proposal 1 puts Git right; decide by 2026-01-02T00:00:00.000Z$/),
      },
      facts: { aborted: { version: '1.1.0', recourse: { state: 'open', number: 1 } } },
    });
  });

  it('asks no second time, however often it is looked at and started anew', async () => {
    await rollBack();
    for (let round = 0; round < 5; round += 1) {
      world.restart();
      await pass(2);
    }
    expect(proposer.proposals).toHaveLength(1);
    expect(answers()).toEqual([['1.0.0', 100]]);
  });

  it('is well again once the proposal is merged', async () => {
    await rollBack();
    proposer.end(1, 'merged');
    world.repair.heard(world.deployment.ref);
    expect((await world.reconcile()).message).toContain('proposal 1 was merged and is about to be applied');
    world.versions = world.versions.map((one) =>
      one.metadata.name === '1.1.0' ? versionOf('1.1.0', { quarantine: { reason: 'errors' } }) : one,
    );
    world.declare({ version: '1.0.0' });
    const outcome = await world.reconcile();
    expect(outcome).toMatchObject({ state: 'ready', reason: 'Serving', message: '1.0.0 answers' });
    expect(outcome.degraded).toBeUndefined();
    expect(world.cell?.aborted).toBeUndefined();
    expect(proposer.proposals).toHaveLength(1);
  });

  it('asks for a decision where a person closes the proposal, and does not ask for the same again', async () => {
    await rollBack();
    proposer.end(1, 'closed');
    world.repair.heard(world.deployment.ref);
    const outcome = await world.reconcile();
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'RollbackDeclined',
      degraded: { reason: 'RollbackDeclined' },
      message: expect.stringContaining(
        'proposal 1 was closed by Grace without being merged: declare another version, or `switchyard rollout accept-risk production/bird-strike --reason TEXT`',
      ),
    });
    world.restart();
    for (let round = 0; round < 3; round += 1) await pass(30);
    expect(proposer.proposals).toHaveLength(1);
    expect(answers()).toEqual([['1.0.0', 100]]);
  });

  it('notices a close that nobody told it of', async () => {
    await rollBack();
    proposer.end(1, 'closed');
    expect(await pass(1)).toMatchObject({ reason: 'RollbackDeclined' });
  });

  it('leaves alone what a person proposes instead', async () => {
    await rollBack();
    const [{ intent } = expect.fail('nothing was proposed')] = proposer.proposals;
    await proposer.propose({ ...intent, title: 'Promote bird-strike 1.2.0 to production', files: [] });
    await pass(5);
    expect(proposer.proposals.map((one) => one.intent.title)).toEqual([
      'Promote bird-strike 1.2.0 to production',
    ]);
  });

  it('waits while the forge is away: traffic is back, and the proposal comes once', async () => {
    proposer.isAway = true;
    expect(await rollBack()).toMatchObject({
      reason: 'RolledBack',
      message: expect.stringContaining('the proposal that puts Git right waits: the forge is away'),
    });
    expect(answers()).toEqual([['1.0.0', 100]]);
    await pass(1);
    await proposer.comeBack();
    expect((await pass(1)).message).toContain('proposal 1 puts Git right');
    expect(proposer.proposals).toHaveLength(1);
  });

  it('says what to do by hand where nothing makes proposals', async () => {
    world.proposer = undefined;
    world.restart();
    expect(await rollBack()).toMatchObject({
      reason: 'RolledBack',
      message: expect.stringContaining(
        'nothing here makes proposals: set spec.version of production/bird-strike to 1.0.0 and quarantine 1.1.0 by hand',
      ),
    });
    world.proposer = proposer;
    world.restart();
    expect((await world.reconcile()).message).toContain('proposal 1 puts Git right');
  });

  it('tells once that nobody decided in time', async () => {
    await rollBack();
    expect(await pass(24 * 60)).toMatchObject({
      reason: 'RollbackOverdue',
      degraded: { reason: 'RollbackOverdue' },
    });
    await pass(1);
    await pass(60);
    expect(said().filter((type) => type === 'rollout.overdue')).toHaveLength(1);
  });

  it('asks as well where a person aborted', async () => {
    await world.deploy('1.1.0');
    await world.say('abort', { reason: 'wrong in fog' });
    await world.reconcile();
    expect(proposer.proposals).toHaveLength(1);
    const [{ intent } = expect.fail('nothing was proposed')] = proposer.proposals;
    expect(intent.reason).toContain('aborted by ada: wrong in fog');
    expect(JSON.stringify(intent.files)).toContain(
      `journal entry ${said().indexOf('rollout.rolledBack') + 1}`,
    );
    const entry = world.journal.find(({ type }) => type === 'rollout.rolledBack');
    expect(entry).toMatchObject({
      message: 'production/bird-strike went back from 1.1.0 to 1.0.0: aborted by ada: wrong in fog',
      data: { to: '1.0.0', version: '1.1.0', reason: 'AbortedByHand' },
    });
    expect(said().indexOf('rollout.abort')).toBeLessThan(said().indexOf('rollout.rolledBack'));
    expect(await world.metrics.collect()).toMatch(
      /switchyard_rollbacks_total\{.*reason="AbortedByHand"\} 1$/m,
    );
  });

  it('proposes the line alone where the version is quarantined already', async () => {
    await world.deploy('1.1.0');
    world.versions = world.versions.map((one) =>
      one.metadata.name === '1.1.0' ? versionOf('1.1.0', { quarantine: { reason: 'errors' } }) : one,
    );
    await world.say('abort');
    await world.reconcile();
    const [{ intent } = expect.fail('nothing was proposed')] = proposer.proposals;
    expect(intent.title).toBe('Roll bird-strike back to 1.0.0 in production');
    expect(intent.files).toHaveLength(1);
  });
});

describe('a deployment that was rolled back because the source of its analysis was away', () => {
  async function rollBackUnjudged() {
    await world.deploy('1.1.0');
    world.verdicts['step-2'] = 'Error';
    await world.reconcile();
    await pass(9);
    return pass(2);
  }

  it('asks for the line alone, says why, and leaves the version unquarantined', async () => {
    expect(await rollBackUnjudged()).toMatchObject({
      reason: 'ProgressDeadlineExceeded',
      message: expect.stringContaining('proposal 1 puts Git right'),
    });
    expect(answers()).toEqual([['1.0.0', 100]]);
    const [{ intent } = expect.fail('nothing was proposed')] = proposer.proposals;
    expect(intent).toMatchObject({
      title: 'Roll bird-strike back to 1.0.0 in production',
      files: [{ ref: 'Deployment/production/bird-strike' }],
    });
    expect(intent.files).toHaveLength(1);
    expect(intent.reason).toContain('no progress in 10m');
    expect(intent.reason).toContain('Nothing was found against the version, which is not quarantined');
    expect(intent.reason).toContain(
      '`switchyard rollout retry production/bird-strike` tries the version again',
    );
  });

  it('is tried again by a retry, once the proposal was closed', async () => {
    await rollBackUnjudged();
    expect(await world.say('retry')).toContain('proposal 1 asks for the opposite: close it first');
    proposer.end(1, 'closed');
    expect((await pass(1)).message).toContain('or `switchyard rollout retry production/bird-strike`');
    delete world.verdicts['step-2'];
    expect(await world.say('retry')).toBe('1.1.0 is tried again from its first step');
    world.runtime.finish(world.key, '1.1.0');
    await world.reconcile();
    expect(answers()).toEqual([
      ['1.0.0', 90],
      ['1.1.0', 10],
    ]);
  });

  it('is asked for again where it is rolled back again after a retry', async () => {
    await rollBackUnjudged();
    proposer.end(1, 'closed', 'Grace', world.clock.now());
    await pass(1);
    expect(await world.say('retry')).toBe('1.1.0 is tried again from its first step');
    world.runtime.finish(world.key, '1.1.0');
    await world.reconcile();
    await pass(9);
    expect((await pass(2)).message).toContain('proposal 2 puts Git right');
    world.restart();
    await pass(2);
    expect(proposer.proposals).toHaveLength(2);
  });
});

describe('a version that was rolled back, and of which nobody had decided when another was declared', () => {
  const quarantined = () =>
    proposer.proposals
      .at(-1)
      ?.intent.files.slice(1)
      .map((file) => 'ref' in file && file.ref);
  async function rollBackBoth() {
    await rollBack();
    delete world.verdicts['step-2'];
    await world.deploy('1.2.0');
    world.verdicts['step-2'] = 'Failed';
    await world.reconcile();
    return world.reconcile();
  }

  it('is quarantined by the proposal that takes the place of its own', async () => {
    await rollBackBoth();
    expect(proposer.proposals).toHaveLength(1);
    const { intent } = proposer.proposals[0] ?? expect.fail('nothing was proposed');
    expect(intent.title).toBe('Quarantine bird-strike 1.1.0 and 1.2.0 and roll back to 1.0.0 in production');
    expect(quarantined()).toEqual(['ModelVersion/bird-strike/1.1.0', 'ModelVersion/bird-strike/1.2.0']);
    expect(intent.reason).toContain('1.1.0 was rolled back here before, and nobody had decided');
    expect(JSON.stringify(intent.files[1])).toContain('m failed 1 > limit 0');
  });

  it('is not, once somebody answers for it, closes the proposal, or Git has it quarantined', async () => {
    await rollBack();
    await world.deploy('1.2.0');
    expect(await world.say('accept-risk', { version: '1.1.0', reason: 'labels were late' })).toBe(
      'the risk of 1.1.0 is accepted: its quarantine is not asked for any more',
    );
    expect(world.cell?.undecided).toBeUndefined();

    world = new RolloutWorld();
    proposer = new HandMadeProposer();
    world.proposer = proposer;
    world.restart();
    world.declare({ strategy });
    await world.deploy('1.0.0');
    await rollBackBoth();
    proposer.end(1, 'closed');
    await pass(1);
    world.declare({ version: '1.0.0' });
    await world.reconcile();
    expect(world.cell?.undecided).toBeUndefined();
  });

  it('is not where it is declared again, and nothing is left of it once all is merged', async () => {
    await rollBackBoth();
    world.versions = world.versions.map((one) =>
      one.metadata.name === '1.0.0'
        ? one
        : versionOf(one.metadata.name, { quarantine: { reason: 'errors' } }),
    );
    world.declare({ version: '1.0.0' });
    await world.reconcile();
    expect(world.cell).toMatchObject({ stable: { version: '1.0.0' } });
    expect(world.cell?.undecided).toBeUndefined();
  });
});

describe('a retry of a version that was rolled back', () => {
  const tried = () => world.cell?.aborted === undefined;

  it('is refused before its quarantine is proposed, while that is open, and after it was closed', async () => {
    await world.deploy('1.1.0');
    world.verdicts['step-2'] = 'Failed';
    proposer.isAway = true;
    await world.reconcile();
    expect(await world.say('retry')).toContain(
      'its quarantine is about to be proposed: accept-risk says why not',
    );
    await proposer.comeBack();
    await pass(1);
    expect(await world.say('retry')).toContain('proposal 1 asks for its quarantine: close it');
    proposer.end(1, 'closed');
    expect(await world.say('retry')).toContain('was closed: accept-risk says why, and tries it again');
    expect(tried()).toBe(false);
    expect(answers()).toEqual([['1.0.0', 100]]);
  });

  it('is refused, as is accepting its risk, while the merged rollback is about to be applied', async () => {
    await rollBack();
    proposer.end(1, 'merged');
    for (const verb of ['retry', 'accept-risk'] as const) {
      expect(await world.say(verb, { reason: 'now' })).toContain('was merged and is about to be applied');
    }
    expect(tried()).toBe(false);
  });

  it('is refused where Git has its artifact quarantined, whatever name that has', async () => {
    world.proposer = undefined;
    world.restart();
    await rollBack();
    const [, { spec } = expect.fail('there is no 1.1.0')] = world.versions;
    world.versions.push(versionOf('1.3.0', { artifact: spec.artifact, quarantine: { reason: 'errors' } }));
    expect(await world.say('retry')).toContain('1.1.0 is quarantined: accept-risk says why not');
    expect(tried()).toBe(false);
  });

  it('is taken where nothing makes proposals', async () => {
    world.proposer = undefined;
    world.restart();
    await rollBack();
    delete world.verdicts['step-2'];
    expect(await world.say('retry')).toBe('1.1.0 is tried again from its first step');
  });
});

describe('accepting the risk', () => {
  it('tries the version again from its first step, after the proposal was closed', async () => {
    await rollBack();
    expect(await world.say('accept-risk', { reason: 'labels were late' })).toBe(
      'production/bird-strike cannot accept-risk: proposal 1 asks for the opposite: close it first, with a reason',
    );
    proposer.end(1, 'closed');
    await pass(1);
    expect(await world.say('retry')).toContain('accept-risk says why, and tries it again');
    delete world.verdicts['step-2'];
    expect(await world.say('accept-risk', { reason: 'labels were late' })).toBe(
      'the risk of 1.1.0 is accepted: it is tried again from its first step',
    );
    expect(world.journal.find(({ type }) => type === 'rollout.accept-risk')?.data).toMatchObject({
      by: 'ada',
      reason: 'labels were late',
      version: '1.1.0',
    });
    world.runtime.finish(world.key, '1.1.0');
    const outcome = await world.reconcile();
    expect(outcome.degraded).toBeUndefined();
    expect(answers()).toEqual([
      ['1.0.0', 90],
      ['1.1.0', 10],
    ]);
  });

  it('is taken in the moment after the proposal was closed, and is in the journal with the reason', async () => {
    await rollBack();
    proposer.end(1, 'closed');
    expect(await world.say('accept-risk', { reason: 'labels were late' })).toBe(
      'the risk of 1.1.0 is accepted: it is tried again from its first step',
    );
    expect(world.journal.find(({ type }) => type === 'rollout.accept-risk')?.message).toMatch(
      /^ada: accept-risk production\/bird-strike: .* \(labels were late\)$/,
    );
  });

  it('proposes to lift the quarantine where Git has one', async () => {
    world.versions = world.versions.map((one) =>
      one.metadata.name === '1.1.0' ? versionOf('1.1.0', { quarantine: { reason: 'errors' } }) : one,
    );
    expect(await world.say('accept-risk', { reason: 'labels were late' })).toBe(
      'the risk of 1.1.0 is accepted; proposal 1 lifts its quarantine',
    );
    expect(proposer.proposals[0]?.intent).toMatchObject({
      key: 'quarantine:ModelVersion/bird-strike/1.1.0',
      files: [{ edits: [{ op: 'remove', pointer: '/spec/quarantine' }] }],
      reason: '> ada accepts the risk: labels were late\n\n> It was quarantined because: errors',
    });
    expect(answers()).toEqual([['1.0.0', 100]]);
  });

  it('is refused where nothing was rolled back, or where it is not clear what is meant', async () => {
    expect(await world.say('accept-risk', { reason: 'why not' })).toContain(
      'no version was rolled back, and none is quarantined',
    );
    const quarantine = { reason: 'errors' };
    world.versions = ['1.0.0', '1.1.0', '1.2.0'].map((name) =>
      versionOf(name, name === '1.0.0' ? {} : { quarantine }),
    );
    expect(await world.say('accept-risk', { reason: 'why not' })).toContain('name one of 1.1.0, 1.2.0');
    expect(await world.say('accept-risk', { reason: 'why not', version: '1.0.0' })).toContain(
      '1.0.0 was not rolled back, and is not quarantined',
    );
  });
});

describe('a quarantined artifact', () => {
  it('is refused under the name of another version, too', async () => {
    const bad = versionOf('1.1.0', { quarantine: { reason: 'errors' } });
    const again = versionOf('1.2.0', { artifact: bad.spec.artifact });
    world.versions = [versionOf('1.0.0'), bad, again];
    expect(await world.deploy('1.2.0')).toMatchObject({
      state: 'stalled',
      reason: 'Quarantined',
      message: expect.stringContaining(
        'bird-strike 1.2.0 is the artifact of 1.1.0, which is quarantined: errors',
      ),
    });
    expect(answers()).toEqual([['1.0.0', 100]]);
  });
});
