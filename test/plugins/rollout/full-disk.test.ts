import { beforeEach, describe, expect, it } from 'vitest';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';

const full = new Error('the disk that holds the state is full');
let world: RolloutWorld;

beforeEach(async () => {
  world = new RolloutWorld();
  await world.deploy('1.0.0');
  world.declare({
    version: '1.1.0',
    strategy: {
      canary: { steps: [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'healthy' }] } }] },
    },
  });
  await world.deploy('1.1.0');
  await world.reconcile();
  expect(weights()).toEqual({ '1.0.0': 50, '1.1.0': 50 });
  world.journal.length = 0;
  world.diskFull = full;
});

function weights(): Record<string, number> {
  const { variants } = world.runtime.declared.at(-1)!;
  return Object.fromEntries(variants.map(({ version, weight }) => [version, weight]));
}

const types = () => world.journal.map(({ type }) => type);

/** Says something while nothing can be written. */
async function sayInVain(verb: 'abort' | 'pause'): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    const command = { verb, by: 'ada', at: world.clock.now() } as const;
    world.letters.push({ command, obeyed: resolve, refused: ({ message }) => resolve(message) });
  });
  await expect(world.reconcile()).rejects.toThrow(full.message);
  return answer;
}

describe('a disk that takes nothing', () => {
  it('does not keep an abort from sending traffic back, and hears of it once there is room', async () => {
    expect(await sayInVain('abort')).toBe(
      'traffic goes back to 1.0.0; it cannot be written down yet: the disk that holds the state is full',
    );
    expect(weights()).toEqual({ '1.0.0': 100 });
    // The kernel tries again, and the candidate does not come back.
    await expect(world.reconcile()).rejects.toThrow(full.message);
    expect(weights()).toEqual({ '1.0.0': 100 });
    expect(types()).toEqual([]);

    world.diskFull = undefined;
    expect(await world.reconcile()).toMatchObject({ degraded: { reason: 'RolledBack' } });
    expect(types()).toEqual(['rollout.abort', 'rollout.rolledBack']);
    expect(world.cell?.aborted).toMatchObject({ version: '1.1.0', message: 'aborted by ada' });
    expect(weights()).toEqual({ '1.0.0': 100 });
  });

  it('does not keep a failed analysis from sending traffic back', async () => {
    world.verdicts['step-2'] = 'Failed';
    await expect(world.reconcile()).rejects.toThrow(full.message);
    await expect(world.reconcile()).rejects.toThrow(full.message);
    expect(weights()).toEqual({ '1.0.0': 100 });

    world.diskFull = undefined;
    await world.reconcile();
    expect(types().filter((type) => type === 'rollout.rolledBack')).toHaveLength(1);
    expect(world.cell?.aborted?.version).toBe('1.1.0');
    expect(weights()).toEqual({ '1.0.0': 100 });
  });

  it('keeps everything else from happening: what cannot be written down is not done', async () => {
    expect(await sayInVain('pause')).toBe(full.message);
    world.verdicts['step-2'] = 'Successful';
    await expect(world.reconcile()).rejects.toThrow(full.message);
    expect(weights()).toEqual({ '1.0.0': 50, '1.1.0': 50 });
    world.diskFull = undefined;
    expect(await world.reconcile()).toMatchObject({ message: '1.1.0 answers' });
  });
});
