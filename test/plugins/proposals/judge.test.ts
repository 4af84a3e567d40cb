import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gate } from '../../../core/capabilities/gate.ts';
import type {
  CheckVerdict,
  ProposalCheck,
  ProposalSubject,
} from '../../../core/capabilities/proposal-check.ts';
import type { Resource } from '../../../core/plugin.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { until } from '../../fixtures/until.ts';
import { ada, grace, openWorld, production, promotion, type World } from './proposal-world.ts';

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
      { name: 'production', touched: ['Deployment/production/bird-strike'], deployments: 1, isDefault: true },
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
      ['switchyard/gate', 'pass'],
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
