import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Proposal } from '../../../../core/capabilities/forge.ts';
import type { Gate } from '../../../../core/capabilities/gate.ts';
import type {
  CheckVerdict,
  ProposalCheck,
  ProposalSubject,
} from '../../../../core/capabilities/proposal-check.ts';
import type { Resource } from '../../../../core/plugin.ts';
import type { ShownProposal } from '../../../../plugins/proposals/proposals.ts';
import type { ModelSpec } from '../../../../schemas/generated/model.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { until } from '../../../fixtures/until.ts';
import { countedRequests, onlySource } from '../counted-requests.ts';
import {
  ada,
  approvalGates,
  grace,
  openWorld,
  production,
  promotion,
  type World,
} from '../proposal-world.ts';

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

/** A check whose runs are counted, and which can be told what to say and when. */
function countedCheck(verdict: () => CheckVerdict | Promise<CheckVerdict>, concerns = 'always the same') {
  const runs: AbortSignal[] = [];
  const check: ProposalCheck = {
    title: 'It is counted',
    version: 1,
    concerns: () => concerns,
    async run(_, { signal }) {
      runs.push(signal);
      return verdict();
    },
  };
  return { check, runs };
}

async function commentOf(number: number): Promise<string> {
  return (await world.forge.comments(number))[0]?.body ?? '';
}

describe('judging', { timeout: 120_000 }, () => {
  it('shows the verdict and the line that changes first, then plan, models and checks', async () => {
    const engine = await world.engine();
    await engine.propose(promotion('1.1.0'));
    const judgement = await engine.judge(1);
    expect(judgement.plan?.changes.map(({ ref }) => ref)).toEqual(['Deployment/production/bird-strike']);
    expect(judgement.blastRadius.environments).toEqual([
      {
        name: 'production',
        touched: ['Deployment/production/bird-strike'],
        deployments: 1,
        isDefault: true,
        traffic: null,
      },
    ]);
    expect(judgement.models).toMatchObject([
      {
        model: 'bird-strike',
        from: '1.0.0',
        to: '1.1.0',
        signature: [],
        size: { before: 40882, after: 40597 },
      },
    ]);
    const lines = (await commentOf(1)).split('\n').filter((line) => line !== '');
    expect(lines.slice(0, 2)).toEqual([
      '## It may merge',
      '- `Deployment/production/bird-strike` `/spec/version`: `1.0.0` → `1.1.0`',
    ]);
    const reports = await world.forge.checks(1, judgement.head);
    expect(reports.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['manifests', 'pass'],
      ['gate', 'pass'],
    ]);
  });

  it('costs nothing while nothing moves, and writes nothing again after a restart', async () => {
    const { check, runs } = countedCheck(() => ({ outcome: 'pass', summary: 'fine' }));
    const engine = await world.engine({ extraChecks: { counted: check } });
    engine.start();
    await engine.propose(promotion('1.1.0'));
    await engine.idle();
    const before = world.forge.writes(1);
    await engine.stop();
    const next = await world.engine({ extraChecks: { counted: check } });
    next.start();
    await next.idle();
    next.look();
    await next.idle();
    expect(world.forge.writes(1)).toEqual(before);
    expect(before).toEqual({ 'comment plan': 1, report: 1 });
    expect(runs).toHaveLength(1);
  });

  it('says how much traffic is touched, takes the figure once, and writes nothing for another one', async () => {
    const counted = countedRequests();
    counted.answer('production', 'bird-strike', '1.0.0', 12);
    counted.pass(20);
    const engine = await world.engine({ sources: counted.sources, now: counted.now });
    await engine.propose(promotion('1.1.0'));
    const first = await engine.judge(1);
    expect(await commentOf(1)).toContain(
      '`production` (the default): 1 of 1 deployment, 100 % of 12 requests since 2026-01-05 12:00 UTC ' +
        '(counted at 2026-01-05 12:20 UTC) |',
    );
    expect(await commentOf(1)).not.toContain('is not measured here');
    counted.answer('production', 'bird-strike', '1.0.0', 30);
    counted.pass(20);
    expect((await engine.judge(1)).blastRadius).toEqual(first.blastRadius);
    const before = world.forge.writes(1);
    const again = await engine.judge(1, { again: 'all' });
    expect(again.blastRadius.environments[0]?.traffic).toMatchObject({ requests: 42 });
    expect(world.forge.writes(1)['comment plan']).toBe(before['comment plan']);
  });

  it('judges as ever where traffic cannot be measured, and measures it once it can', async () => {
    const counted = countedRequests();
    let isAway = true;
    const source = counted.sources.get('builtin');
    const flaky = onlySource({
      measure: (question, signal) =>
        isAway ? Promise.reject(new Error('away')) : source.measure(question, signal),
    });
    const engine = await world.engine({ sources: flaky, now: counted.now });
    await engine.propose(promotion('1.1.0'));
    const judged = await engine.judge(1);
    expect(judged.verdict.state).toBe('allowed');
    expect(judged.blastRadius.environments).toMatchObject([{ traffic: null }]);
    expect(await commentOf(1)).toContain('How much traffic that is, is not measured here.');
    isAway = false;
    counted.answer('production', 'bird-strike', '1.0.0', 0);
    counted.pass(70);
    const later = await engine.judge(1);
    expect(later.blastRadius.environments).toMatchObject([{ traffic: { requests: 0 } }]);
  });

  it('is void when the base moves: plan, checks and verdict are made anew', async () => {
    let seen: ProposalSubject | undefined;
    const check: ProposalCheck = {
      title: 'Sees',
      version: 1,
      concerns: ({ merged }) => merged.commit,
      async run(subject) {
        seen = subject;
        return { outcome: 'pass', summary: 'fine' };
      },
    };
    const engine = await world.engine({ extraChecks: { sees: check } });
    engine.start();
    await engine.propose(promotion('1.1.0'));
    await engine.idle();
    const first = await engine.show(1);
    const base = world.commit({ 'environments/dev/note.md': 'x' });
    engine.look();
    await until(async () => (await commentOf(1)).includes(base.slice(0, 12)));
    await engine.idle();
    const second = await engine.show(1);
    expect(second.judgement?.base).toBe(base);
    expect(second.judgement?.merged).not.toBe(first.judgement?.merged);
    expect(seen?.base.commit).toBe(base);
    expect(await world.forge.comments(1)).toHaveLength(1);
  });

  it('ends the checks of a head that is no more, and tells nobody of them', async () => {
    const { check, runs } = countedCheck(
      () =>
        new Promise<CheckVerdict>((resolve) =>
          setTimeout(() => resolve({ outcome: 'fail', summary: 'stale words' }), 60_000).unref(),
        ),
      'slow',
    );
    let isQuick = false;
    const sometimes: ProposalCheck = {
      ...check,
      async run(subject, context) {
        return isQuick ? { outcome: 'pass', summary: 'new' } : check.run(subject, context);
      },
    };
    const engine = await world.engine({
      extraChecks: { sometimes },
      settings: { interimMs: 50, pollMs: 50 },
    });
    engine.start();
    await engine.propose(promotion('1.1.0'));
    await until(async () => (await commentOf(1)).startsWith('## It is being judged: 1 check to go'));
    isQuick = true;
    const head = await world.forge.push(1, { 'environments/dev/note.md': 'x' }, ada);
    await until(async () => (await commentOf(1)).startsWith('## It may merge'));
    expect(runs[0]?.aborted).toBe(true);
    expect((await world.forge.checks(1, head)).map(({ summary }) => summary)).toContain('new');
    expect(await commentOf(1)).not.toContain('stale words');
  });

  it('shows a conflict as such, and does not merge it', async () => {
    const engine = await world.engine();
    await engine.propose(promotion('1.1.0'));
    world.commit({
      [production]: world.read('main', production).replace('version: 1.0.0', 'version: 1.2.0'),
    });
    const judgement = await engine.judge(1);
    expect(judgement).toMatchObject({ merged: null, plan: null, conflicts: [production] });
    expect(await commentOf(1)).toMatch(
      /^## It conflicts with its base\n\nA person has to settle:\n\n- `environments/,
    );
    await expect(engine.merge(1, { by: grace })).rejects.toMatchObject({ code: 'MergeConflict' });
  });

  it('fails what breaks a manifest, and does not blame it for what was broken before', async () => {
    world.commit({
      'environments/dev/broken.yaml':
        'apiVersion: switchyard/v1\nkind: Deployment\nmetadata: {name: broken, environment: dev}\nspec: {}\n',
    });
    const engine = await world.engine();
    await engine.propose(promotion('1.1.0'));
    expect((await engine.judge(1)).verdict.state).toBe('allowed');
    await engine.propose(promotion('9.9.9', '1.0.0', { key: 'try:b' }));
    const judgement = await engine.judge(2);
    expect(judgement.verdict.state).toBe('refused');
    expect(judgement.checks.find(({ name }) => name === 'manifests')?.summary).toContain(`${production}:9: `);
    expect(await commentOf(2)).toMatch(/^## It may not merge yet: 1 requirement not met/);
  });

  it('warns of what is unusual and of what the manifests warn of, and lets it pass', async () => {
    const engine = await world.engine();
    const path = 'models/bird-strike/versions/1.1.0.yaml';
    const value = { reason: 'It drifts.', since: '2026-01-01T00:00:00Z' };
    const edits = [{ op: 'set' as const, pointer: '/spec/quarantine', value }];
    await engine.propose(promotion('1.1.0', '1.0.0', { type: 'quarantine', files: [{ path, edits }] }));
    const { warnings, verdict } = await engine.judge(1);
    expect(verdict.state).toBe('allowed');
    expect(warnings.map(({ code, where }) => [code, where?.replace(/:\d+$/, '')])).toEqual([
      ['Quarantined', 'environments/dev/bird-strike.yaml'],
      ['StillDeployed', undefined],
    ]);
    const comment = await commentOf(1);
    expect(comment).toMatch(/^## It may merge/);
    expect(comment).toMatch(
      /> \[!WARNING\]\n> `environments\/dev\/bird-strike.yaml:\d+`: bird-strike 1.1.0 is/,
    );
    expect(comment).toContain('bird-strike 1.1.0 is deployed by dev/bird-strike');
  });

  it('warns of a version that skips an environment, whoever proposed it', async () => {
    const engine = await world.engine();
    await engine.propose(promotion('1.1.0', '1.0.0', { type: 'propose' }));
    const { warnings } = await engine.judge(1);
    expect(warnings.map(({ code }) => code)).toEqual(['OffThePath']);
  });

  it('does not warn of the older version that a rollback asks for', async () => {
    const engine = await world.engine();
    const toDev = (type: 'promote' | 'rollback', key: string) => {
      const path = 'environments/dev/bird-strike.yaml';
      const edits = [{ op: 'set' as const, pointer: '/spec/version', value: '1.0.0', expected: '1.1.0' }];
      return promotion('1.0.0', '1.1.0', { type, key, files: [{ path, edits }] });
    };
    await engine.propose(toDev('rollback', 'try:a'));
    expect((await engine.judge(1)).warnings).toEqual([]);
    await engine.propose(toDev('promote', 'try:b'));
    expect((await engine.judge(2)).warnings.map(({ code }) => code)).toEqual(['OlderVersion']);
  });

  it('hands gates and checks the base’s own configuration, whatever the proposal says of it', async () => {
    const strict: Gate = {
      async judge({ subject }) {
        const { spec } = subject.base.resources.get('Model/bird-strike') as Resource<ModelSpec>;
        const { owners } = spec;
        const met = owners.includes('eve');
        return {
          allowed: met,
          requirements: [
            { code: 'OwnerMissing', rule: 'owner', met, message: `owners are ${owners.join()}` },
          ],
        };
      },
    };
    const engine = await world.engine({ extraGates: { strict } });
    const path = 'models/bird-strike/model.yaml';
    const edits = [{ op: 'append' as const, pointer: '/spec/owners', value: 'eve' }];
    await engine.propose(promotion('1.1.0', '1.0.0', { key: 'try:owners', files: [{ path, edits }] }));
    const judgement = await engine.judge(1);
    expect(judgement.verdict).toMatchObject({ state: 'refused' });
    expect(judgement.verdict.requirements.map(({ message }) => message)).toContain(
      'owners are aviation-safety',
    );
  });
});

/** A slow check that ends when it is told to. */
function slowCheck() {
  const ends: ((verdict: CheckVerdict) => void)[] = [];
  const { check, runs } = countedCheck(() => new Promise((resolve) => ends.push(resolve)), 'slow');
  const end = async (verdict: CheckVerdict = { outcome: 'pass', summary: 'fine' }) => {
    await until(() => ends.length > 0);
    ends.shift()?.(verdict);
  };
  return { check: { ...check, slow: true }, runs, end };
}

describe('whoever looks', { timeout: 120_000 }, () => {
  const outcomes = (shown: ShownProposal) =>
    shown.judgement?.checks.map(({ name, outcome }) => `${name} ${outcome}`);

  it('sees at once what is known, with slow checks pending, which go on', async () => {
    const { check, runs, end } = slowCheck();
    const engine = await world.engine({ extraChecks: { slow: check }, extraGates: approvalGates });
    await engine.propose(promotion('1.1.0'));
    const first = await engine.show(1);
    expect(outcomes(first)).toEqual(['manifests pass', 'slow pending']);
    expect(first.judgement?.plan?.changes).toHaveLength(1);
    expect(first.judgement?.verdict.state).toBe('pending');
    expect(first.judgement?.verdict.requirements.map(({ code }) => code)).toContain('ApprovalMissing');
    await end();
    await until(async () => outcomes(await engine.show(1))?.includes('slow pass') === true);
    expect((await engine.show(1)).judgement?.verdict.state).toBe('refused');
    expect(runs).toHaveLength(1);
    expect(world.forge.writes(1), 'nothing is told by looking').toEqual({});
  });

  it('is never told that it may merge while a check runs, whatever the gates want', async () => {
    const { check, end } = slowCheck();
    const generous: Gate = { judge: async () => ({ allowed: true, requirements: [] }) };
    const engine = await world.engine({ extraChecks: { slow: check }, extraGates: { generous } });
    await engine.propose(promotion('1.1.0'));
    expect((await engine.show(1)).judgement?.verdict.state).toBe('pending');
    await end();
    expect((await engine.show(1, { run: 'wait' })).judgement?.verdict.state).toBe('allowed');
  });

  it('may wait, and is told how far it is', async () => {
    const { check, end } = slowCheck();
    const engine = await world.engine({ extraChecks: { slow: check } });
    await engine.propose(promotion('1.1.0'));
    const seen: string[] = [];
    const work = engine.show(1, {
      run: 'wait',
      onChange: ({ checks }) => seen.push(checks.find(({ name }) => name === 'slow')?.summary ?? ''),
    });
    await end();
    expect(outcomes(await work)).toEqual(['manifests pass', 'slow pass']);
    expect(seen.at(-2)).toBe('runs');
    expect(seen.at(-1)).toBe('fine');
  });

  it('leaves nothing running where nothing is to run', async () => {
    const { check, runs, end } = slowCheck();
    const engine = await world.engine({ extraChecks: { slow: check } });
    await engine.propose(promotion('1.1.0'));
    expect(outcomes(await engine.show(1, { run: 'none' }))).toEqual(['manifests pass', 'slow pending']);
    expect(runs).toHaveLength(0);
    const work = engine.show(1, { run: 'wait' });
    await end();
    await work;
    const next = await world.engine({ extraChecks: { slow: check } });
    expect(outcomes(await next.show(1, { run: 'none' })), 'another process found it').toEqual([
      'manifests pass',
      'slow pass',
    ]);
  });

  it('sees that a check could not judge, and later why it is tried again', async () => {
    const { check, end } = slowCheck();
    let now = Date.now();
    const options = { extraChecks: { slow: check }, now: () => now };
    const engine = await world.engine(options);
    await engine.propose(promotion('1.1.0'));
    const work = engine.show(1, { run: 'wait' });
    await end({ outcome: 'error', summary: 'the store is away' });
    await work;
    const look = async () => {
      const { judgement } = await (await world.engine(options)).show(1, { run: 'none' });
      return judgement?.checks.find(({ name }) => name === 'slow');
    };
    expect(await look()).toMatchObject({ outcome: 'error', summary: 'the store is away' });
    now += 10 * 60_000;
    expect(await look()).toMatchObject({
      outcome: 'pending',
      summary: 'is tried again; the last time the store is away',
    });
  });
});

describe('a judgement whose ground moves while it is made', { timeout: 120_000 }, () => {
  it.each(['base', 'head'])('is void when the %s does, says so, and is written nowhere', async (what) => {
    const { check, end } = slowCheck();
    const engine = await world.engine({ extraChecks: { slow: check } });
    await engine.propose(promotion('1.1.0'));
    const work = engine.judge(1);
    await until(() => engine.show(1).then((shown) => outcomeOf(shown, 'slow') === 'pending'));
    if (what === 'base') world.commit({ 'environments/dev/note.md': 'x' });
    else await world.forge.push(1, { 'environments/dev/note.md': 'x' }, ada);
    await end();
    await expect(work).rejects.toMatchObject({
      code: 'JudgementVoid',
      message: `the judgement of proposal 1 is void: its ${what} moved meanwhile`,
    });
    expect(world.forge.writes(1)['comment plan']).toBeUndefined();
    expect(world.forge.writes(1).report).toBeUndefined();
    expect(world.journal().filter(({ type }) => type === 'proposal.judged')).toEqual([]);
    const { head } = (await world.forge.get(1)) as Proposal;
    const base = world.git.git('rev-parse', 'main');
    const { judgement } = await engine.show(1, { run: 'wait' });
    expect(judgement, 'what is shown next is all of the new').toMatchObject({ head, base });
  });

  it('is void for whoever waits when it is asked for anew', async () => {
    const { check, end } = slowCheck();
    const engine = await world.engine({ extraChecks: { slow: check } });
    await engine.propose(promotion('1.1.0'));
    const first = engine.judge(1);
    await until(() => engine.show(1).then((shown) => outcomeOf(shown, 'slow') === 'pending'));
    const second = engine.judge(1, { again: 'all' });
    await expect(first).rejects.toMatchObject({ code: 'JudgementVoid' });
    await end();
    await end();
    expect((await second).verdict.state).toBe('allowed');
  });
});

function outcomeOf(shown: ShownProposal, check: string): string | undefined {
  return shown.judgement?.checks.find(({ name }) => name === check)?.outcome;
}

describe('checks', { timeout: 120_000 }, () => {
  it('are not run again for what they have judged, until somebody asks', async () => {
    const { check, runs } = countedCheck(() => ({
      outcome: 'fail',
      summary: 'no',
      details: '| a |\n| --- |',
    }));
    const engine = await world.engine({ extraChecks: { counted: check } });
    await engine.propose(promotion('1.1.0'));
    await engine.propose(promotion('1.1.0', '1.0.0', { key: 'try:b' }));
    for (const number of [1, 2, 1]) await engine.judge(number);
    expect(runs).toHaveLength(1);
    await engine.judge(1, { again: ['counted'] });
    expect(runs).toHaveLength(2);
  });

  it('that cannot judge count as errors, let nothing pass, and are tried again', async () => {
    let isBroken = true;
    const { check, runs } = countedCheck(() => {
      if (isBroken) throw new Error('the store is away');
      return { outcome: 'pass', summary: 'fine' };
    });
    const engine = await world.engine({ extraChecks: { counted: check } });
    await engine.propose(promotion('1.1.0'));
    const failed = await engine.judge(1);
    expect(failed.verdict.state).toBe('refused');
    expect(failed.checks.find(({ name }) => name === 'counted')).toMatchObject({
      outcome: 'error',
      summary: 'it could not judge: the store is away',
    });
    isBroken = false;
    expect((await engine.judge(1, { again: ['counted'] })).verdict.state).toBe('allowed');
    expect(runs).toHaveLength(2);
  });

  it('end when their time is over', async () => {
    const { check, runs } = countedCheck(() => new Promise(() => {}));
    const settings = { checkTimeoutsMs: { counted: 100 } };
    const engine = await world.engine({ extraChecks: { counted: check }, settings });
    await engine.propose(promotion('1.1.0'));
    const judgement = await engine.judge(1);
    expect(judgement.checks.find(({ name }) => name === 'counted')).toMatchObject({
      outcome: 'error',
      summary: 'it did not end within 100ms',
    });
    expect(runs[0]?.aborted).toBe(true);
  });

  it('run a few at once, whatever is open', async () => {
    let running = 0;
    let most = 0;
    const slow = (concerns: string): ProposalCheck => ({
      title: concerns,
      version: 1,
      concerns: ({ proposal }) => `${concerns} ${proposal.number}`,
      async run() {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 30));
        running -= 1;
        return { outcome: 'pass', summary: 'fine' };
      },
    });
    const extraChecks = { a: slow('a'), b: slow('b'), c: slow('c') };
    const engine = await world.engine({ extraChecks, settings: { parallelChecks: 2 } });
    for (const key of ['x', 'y']) await engine.propose(promotion('1.1.0', '1.0.0', { key: `try:${key}` }));
    await Promise.all([engine.judge(1), engine.judge(2)]);
    expect(most).toBe(2);
  });

  it('with nothing to say are neutral and named, and do not stand in the way', async () => {
    const check: ProposalCheck = {
      title: 'Never',
      version: 1,
      concerns: () => undefined,
      run: () => Promise.reject(new Error('it is not called')),
    };
    const engine = await world.engine({ extraChecks: { never: check } });
    await engine.propose(promotion('1.1.0'));
    expect((await engine.judge(1)).verdict.state).toBe('allowed');
    expect(await commentOf(1)).toContain('Nothing to say: `never`.');
  });
});

describe('a gate that cannot answer', { timeout: 120_000 }, () => {
  it('lets nothing pass', async () => {
    const broken: Gate = { judge: () => Promise.reject(new Error('out of order')) };
    const engine = await world.engine({ extraGates: { broken } });
    await engine.propose(promotion('1.1.0'));
    expect((await engine.judge(1)).verdict).toMatchObject({
      state: 'refused',
      requirements: [{ code: 'GateFailed', met: false }, { code: 'CheckPassed' }],
    });
  });
});
