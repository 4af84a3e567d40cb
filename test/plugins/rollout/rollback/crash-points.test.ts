import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentSpec } from '../../../../schemas/generated/deployment.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { RolloutWorld } from '../../../fixtures/rollout-world.ts';
import { openGitWorld, production } from '../../proposals/proposal-world.ts';

const strategy: DeploymentSpec['strategy'] = {
  canary: { steps: [{ setWeight: 10 }, { analysis: { templates: [{ templateName: 'healthy' }] } }] },
};

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  folder = temporaryFolder();
  const fresh = await openGitWorld(join(folder.path, 'fresh'));
  const text = fresh.read('HEAD', production);
  fresh.commit({ [production]: text.replace('version: 1.0.0', 'version: 1.1.0') });
  await fresh.close();
}, 120_000);
afterAll(() => folder.remove());

/** A rollback on a real repository and its forge, in a process that dies before its nth deed; then another that lives. */
async function killedBefore(deadly: number) {
  const place = join(folder.path, `killed-${deadly}`);
  cpSync(join(folder.path, 'fresh'), place, { recursive: true });
  const git = await openGitWorld(place);
  const world = new RolloutWorld();
  const deeds: string[] = [];
  let isCounting = false;
  const deed = (name: string): void => {
    if (!isCounting) return;
    if (deeds.length >= deadly) throw new Error('killed');
    deeds.push(name);
  };
  const serve = world.runtime.serve.bind(world.runtime);
  world.runtime.serve = async (desired, signal) => {
    deed('move traffic');
    return serve(desired, signal);
  };
  const look = async () => {
    const request = world.request();
    return world.controller.reconcile({
      ...request,
      async save(cell) {
        deed(`save ${cell.aborted?.recourse?.state ?? (cell.aborted ? 'aborted' : 'walk')}`);
        await request.save(cell);
      },
      async record(type, message, data) {
        deed(`record ${type}`);
        await request.record(type, message, data);
      },
    });
  };
  const begin = async () => {
    const engine = await git.engine({ onStep: (step) => deed(step) });
    world.proposer = engine;
    world.restart();
    return engine;
  };

  const first = await begin();
  world.declare({ strategy });
  await world.deploy('1.0.0');
  await world.deploy('1.1.0');
  world.verdicts['step-2'] = 'Failed';
  isCounting = true;
  let wasKilled = false;
  try {
    await look();
    await look();
    // What was asked for is open before the wish for it is taken off the disk.
    await first.idle();
  } catch (error) {
    expect(String(error)).toContain('killed');
    wasKilled = true;
  }
  wasKilled ||= deeds.length >= deadly;
  await first.stop();

  // What is declared from here on must never lead requests back to what failed, once traffic was moved away.
  isCounting = false;
  const wasBack = world.runtime.current('production', 'bird-strike')?.variants.length === 1;
  const declared = world.runtime.declared.length;
  const second = await begin();
  for (let round = 0; round < 3; round += 1) {
    await world.reconcile();
    await second.idle();
    world.clock.turn(61_000);
  }
  const outcome = await world.reconcile();
  const cameBack = world.runtime.declared
    .slice(declared)
    .some(({ variants }) => variants.some(({ version }) => version === '1.1.0'));
  const proposals = await git.forge.list({ limit: 10 });
  const files = proposals.map(({ head }) => ({
    version: /version: (\S+)/.exec(git.read(head, production))?.[1],
    isQuarantined: git.read(head, 'models/bird-strike/versions/1.1.0.yaml').includes('quarantine:'),
  }));
  await git.close();
  const answers = world.runtime.answer(world.key).version;
  return { deeds, wasKilled, wasBack, cameBack, proposals, files, answers, outcome };
}

describe('a rollback in a process that is killed', { timeout: 300_000 }, () => {
  it('ends with traffic back and one proposal, wherever that was', async () => {
    const whole = await killedBefore(Number.POSITIVE_INFINITY);
    const said = whole.deeds;
    for (const deed of [
      'record rollout.rolledBack',
      'save aborted',
      'move traffic',
      'write intent',
      'open proposal',
    ])
      expect(said).toContain(deed);
    expect(said.indexOf('record rollout.rolledBack')).toBeLessThan(said.lastIndexOf('move traffic'));
    expect(said.indexOf('move traffic', said.indexOf('save aborted'))).toBeLessThan(
      said.indexOf('write intent'),
    );

    for (let deadly = 0; deadly < said.length; deadly += 1) {
      const at = `killed before ${said[deadly]} (${deadly})`;
      const { wasKilled, wasBack, cameBack, proposals, files, answers, outcome } = await killedBefore(deadly);
      expect(wasKilled, at).toBe(true);
      expect(answers, at).toBe('1.0.0');
      expect(wasBack && cameBack, at).toBe(false);
      expect(
        proposals.map(({ state, key }) => [state, key]),
        at,
      ).toEqual([['open', 'version:Deployment/production/bird-strike']]);
      expect(files, at).toEqual([{ version: '1.0.0', isQuarantined: true }]);
      expect(outcome, at).toMatchObject({
        reason: 'RolledBack',
        message: expect.stringContaining('proposal 1 puts Git right'),
      });
    }
  });
});
