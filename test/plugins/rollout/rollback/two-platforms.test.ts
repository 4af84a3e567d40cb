import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeploymentSpec } from '../../../../schemas/generated/deployment.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { RolloutWorld } from '../../../fixtures/rollout-world.ts';
import { openGitWorld, production } from '../../proposals/proposal-world.ts';

const strategy: DeploymentSpec['strategy'] = {
  canary: { steps: [{ setWeight: 10 }, { analysis: { templates: [{ templateName: 'healthy' }] } }] },
};

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

it('two platforms that roll the same version back ask for one proposal between them', {
  timeout: 120_000,
}, async () => {
  const git = await openGitWorld(join(folder.path, 'fresh'));
  const text = git.read('HEAD', production);
  git.commit({ [production]: text.replace('version: 1.0.0', 'version: 1.1.0') });
  const platforms = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const engine = await git.engine({ folder: join(folder.path, name) });
      const world = new RolloutWorld();
      world.proposer = engine;
      world.restart();
      world.declare({ strategy });
      await world.deploy('1.0.0');
      await world.deploy('1.1.0');
      world.verdicts['step-2'] = 'Failed';
      return { engine, world };
    }),
  );
  for (let round = 0; round < 4; round += 1) {
    // Each at its own time, so that what they tell of the rollback is not the same.
    for (const { world, engine } of platforms) {
      world.clock.turn(61_000);
      await world.reconcile();
      await engine.idle();
    }
  }
  const proposals = await git.forge.list({ limit: 10 });
  expect(proposals.filter(({ state }) => state === 'open')).toHaveLength(1);
  const [open] = proposals.filter(({ state }) => state === 'open');
  for (const { world } of platforms) {
    expect(world.runtime.answer(world.key).version).toBe('1.0.0');
    expect(await world.reconcile()).toMatchObject({
      reason: 'RolledBack',
      message: expect.stringContaining(`proposal ${open?.number} puts Git right`),
    });
  }
  // Neither takes the place of the other's for ever.
  const count = proposals.length;
  for (const { world } of platforms) {
    world.clock.turn(61_000);
    await world.reconcile();
  }
  expect(await git.forge.list({ limit: 10 })).toHaveLength(count);
  await git.close();
});
