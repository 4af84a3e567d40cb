import { beforeEach, describe, expect, it } from 'vitest';
import { RolloutWorld, versionOf } from '../../fixtures/rollout-world.ts';

const canary = { canary: { steps: [{ setWeight: 50 }, { pause: {} }] } };
const bytes = (digit: string) => ({
  artifact: { uri: 'https://example.com/x.onnx', digest: `sha256:${digit.repeat(64)}`, size: 9 },
});
const original = versionOf('1.0.0');

let world: RolloutWorld;
beforeEach(async () => {
  world = new RolloutWorld();
  world.declare({ strategy: canary });
  await world.deploy('1.0.0');
});

const rewrite = (name: string, digit: string): void => {
  world.versions = world.versions.map((one) =>
    one.metadata.name === name ? versionOf(name, bytes(digit)) : one,
  );
};
const remove = (name: string): void => {
  world.versions = world.versions.filter(({ metadata }) => metadata.name !== name);
};
const route = () => world.runtime.current('production', 'bird-strike');
const weights = () => route()?.variants.map(({ version, weight }) => `${version} ${weight}`);
const digestOf = (name: string) =>
  world.runtime.declared.at(-1)?.versions.find(({ version }) => version === name)?.artifact.digest;

describe('what answers', () => {
  it('is not exchanged under its name where changes walk, and the deployment says what to do', async () => {
    rewrite('1.0.0', 'f');
    const outcome = await world.reconcile();
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'ArtifactChanged',
      message: expect.stringContaining('publish those bytes as a version of their own'),
      degraded: { reason: 'RolloutRefused' },
    });
    expect(digestOf('1.0.0')).toBe(original.spec.artifact.digest);
    expect(weights()).toEqual(['1.0.0 100']);
  });

  it('is itself again once its manifest is restored', async () => {
    rewrite('1.0.0', 'f');
    await world.reconcile();
    world.versions = world.versions.map((one) => (one.metadata.name === '1.0.0' ? original : one));
    expect(await world.reconcile()).toMatchObject({ state: 'ready', message: '1.0.0 answers' });
  });

  it('is exchanged at once where no step is between', async () => {
    world.declare({ strategy: { direct: {} } });
    await world.reconcile();
    rewrite('1.0.0', 'f');
    await world.reconcile();
    world.runtime.finish(world.key, '1.0.0');
    expect(await world.reconcile()).toMatchObject({ state: 'ready', message: '1.0.0 answers' });
    expect(world.cell?.stable?.digest).toBe(`sha256:${'f'.repeat(64)}`);
  });

  it('is remembered over a restart, with the bytes that it answers with', async () => {
    rewrite('1.0.0', 'f');
    await world.reconcile();
    world.cell = JSON.parse(JSON.stringify(world.cell));
    world.restart();
    expect(await world.reconcile()).toMatchObject({ reason: 'ArtifactChanged' });
    expect(digestOf('1.0.0')).toBe(original.spec.artifact.digest);
  });
});

describe.each([
  ['removed', () => remove('1.0.0')],
  ['rewritten', () => rewrite('1.0.0', 'f')],
] as const)('a walk from a version whose manifest is %s meanwhile', (_, change) => {
  it('goes on step by step, and can still go back', async () => {
    await world.deploy('1.1.0');
    expect(weights()).toEqual(['1.0.0 50', '1.1.0 50']);
    change();
    await world.reconcile();
    expect(weights()).toEqual(['1.0.0 50', '1.1.0 50']);
    expect(digestOf('1.0.0')).toBe(original.spec.artifact.digest);
    await world.say('abort');
    expect(weights()).toEqual(['1.0.0 100']);
  });

  it('begins at its first step where both come in one commit', async () => {
    change();
    await world.deploy('1.1.0');
    expect(weights()).toEqual(['1.0.0 50', '1.1.0 50']);
  });
});

describe('a version on trial', () => {
  it('begins anew with other bytes, and what was given up is given up by its bytes', async () => {
    await world.deploy('1.1.0');
    await world.say('abort');
    rewrite('1.1.0', 'f');
    await world.reconcile();
    expect(weights()).toEqual(['1.0.0 100']);
    world.runtime.finish(world.key, '1.1.0');
    await world.reconcile();
    expect(weights()).toEqual(['1.0.0 50', '1.1.0 50']);
    rewrite('1.1.0', 'e');
    await world.reconcile();
    expect(world.cell?.walk).toMatchObject({ stage: 0, isBegun: false, digest: `sha256:${'e'.repeat(64)}` });
    expect(weights()).not.toContain('1.1.0 100');
  });
});
