import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import type { Step } from '../../../plugins/proposals/step.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';
import { approvalGates, openGitWorld, production, promotion } from './proposal-world.ts';
import { closingStory, type StoryName, stories, wholeStory } from './whole-story.ts';

/** What the story leaves behind, and which time that it does: it is told twice, refused and then allowed. */
const points: readonly (readonly [Step, number])[] = [
  ['write intent', 1],
  ['look for proposal', 1],
  ['open proposal', 1],
  ['record opened', 1],
  ['remove intent', 1],
  ['comment', 1],
  ['report', 1],
  ['record judged', 1],
  ['keep judgement', 1],
  ['comment', 2],
  ['report', 2],
  ['keep judgement', 2],
  ['keep merge', 1],
  ['merge', 1],
  ['record merged', 1],
  ['forget proposal', 1],
];

/** The same of a story that ends with a close. */
const closingPoints: readonly (readonly [Step, number])[] = [
  ['close', 1],
  ['record closed', 1],
  ['forget proposal', 1],
];

const main = packageFile('test/plugins/proposals/crash-main.ts');
let folder: ReturnType<typeof temporaryFolder>;
let steps: Step[];
let closingSteps: Step[];

beforeAll(async () => {
  folder = temporaryFolder();
  const fresh = await openGitWorld(join(folder.path, 'fresh'));
  await fresh.close();
  steps = await stepsOfAStory('whole');
  closingSteps = await stepsOfAStory('closing');
}, 120_000);

afterAll(() => folder.remove());

/** What a story that nothing interrupts does, one step after another. */
async function stepsOfAStory(story: StoryName): Promise<Step[]> {
  const done: Step[] = [];
  const world = await openGitWorld(copy(story));
  const onStep = (step: Step): void => void done.push(step);
  await stories[story](world, await world.engine({ extraGates: approvalGates, onStep }));
  await world.close();
  return done;
}

function copy(name: string): string {
  const to = join(folder.path, name);
  cpSync(join(folder.path, 'fresh'), to, { recursive: true });
  return to;
}

/** Runs the story in a process of its own that is killed before a step; answers the signal it died of. */
async function killedBefore(
  place: string,
  step: Step,
  which: number,
  story: StoryName,
): Promise<string | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', main, place, step, String(which), story], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
}

describe('a process that is killed between two steps', () => {
  it('has steps to be killed between', () => {
    expect(new Set(steps)).toEqual(new Set(points.map(([step]) => step)));
    const shared = new Set<Step>(steps);
    // A look at the forge in the midst of a close takes the same steps once more, and changes nothing by them.
    const closing = closingSteps.filter((step) => !shared.has(step) || step === 'forget proposal');
    expect([...new Set(closing)]).toEqual(closingPoints.map(([step]) => step));
  });

  it('leaves one proposal, one comment, one merge and one journal entry, wherever it was killed', {
    timeout: 900_000,
  }, async () => {
    const one = async ([step, which]: readonly [Step, number]): Promise<void> => {
      const place = copy(`${step} ${which}`);
      expect([step, which, await killedBefore(place, step, which, 'whole')]).toEqual([
        step,
        which,
        'SIGKILL',
      ]);
      const world = await openGitWorld(place);
      const engine = await world.engine({ extraGates: approvalGates });
      if (step !== 'write intent') {
        // What was asked for goes on by itself.
        engine.start();
        await engine.idle();
        expect(await world.forge.list({ limit: 10 })).toHaveLength(1);
        expect(await engine.queue()).toEqual([]);
      }
      const commit = await wholeStory(world, engine);
      const [proposal, ...more] = await world.forge.list({ limit: 10 });
      expect(more).toEqual([]);
      expect(proposal).toMatchObject({ number: 1, state: 'merged', mergedAs: commit });
      expect(await world.forge.comments(1)).toHaveLength(1);
      expect(world.read('main', production)).toContain('version: 1.1.0');
      expect(world.git.git('log', '--format=%H', '--merges', 'main').split('\n')).toEqual([commit]);
      expect(world.git.git('rev-list', '--count', 'main')).toBe('3');
      const entries = world.journal().map(({ type, data }) => `${type} ${data.verdict ?? ''}`.trim());
      expect(entries.filter((entry) => !entry.startsWith('proposal.judged'))).toEqual([
        'proposal.opened',
        'proposal.merged',
      ]);
      const judged = entries.filter((entry) => entry.startsWith('proposal.judged'));
      expect(new Set(judged).size).toBe(judged.length);
      expect(world.journal().find(({ type }) => type === 'proposal.merged')?.data).toMatchObject({
        number: 1,
        approvals: [{ name: 'Grace', email: 'grace@example.org' }],
        checks: { manifests: 'pass' },
      });
      await world.close();
    };
    for (let at = 0; at < points.length; at += 2) await Promise.all(points.slice(at, at + 2).map(one));
  });

  it.each(closingPoints)(
    'leaves one closed proposal and one journal entry, killed before "%s"',
    {
      timeout: 300_000,
    },
    async (step, which) => {
      const place = copy(`closing ${step}`);
      expect(await killedBefore(place, step, which, 'closing')).toBe('SIGKILL');
      const world = await openGitWorld(place);
      const engine = await world.engine({ extraGates: approvalGates });
      const before = await world.forge.get(1);
      expect(before?.state).toBe(step === 'close' ? 'open' : 'closed');
      await closingStory(world, engine);
      const [proposal, ...more] = await world.forge.list({ limit: 10 });
      expect(more).toEqual([]);
      expect(proposal).toMatchObject({ number: 1, state: 'closed', closedBy: { name: 'Grace' } });
      const closings = world.git.git('log', '--format=%s', 'refs/proposals/1/meta').split('\n');
      expect(closings.filter((subject) => subject.startsWith('Close'))).toHaveLength(1);
      expect(world.journal().map(({ type }) => type)).toEqual([
        'proposal.opened',
        'proposal.judged',
        'proposal.closed',
      ]);
      await expect(
        engine.propose(promotion('1.1.0')),
        'a no is a no, also after the crash',
      ).rejects.toMatchObject({ code: 'ProposalDeclined' });
      expect(world.git.git('rev-list', '--count', 'main')).toBe('1');
      await world.close();
    },
  );
});
