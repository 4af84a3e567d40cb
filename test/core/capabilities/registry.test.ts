import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Registry, registry } from '../../../core/capabilities/registry.ts';
import { definePlugin } from '../../../core/plugin.ts';
import { registrySuite } from '../../conformance/registry.ts';
import { git } from '../../fixtures/registry.ts';
import { widget, widgetPlugin, Yard } from '../../fixtures/yard.ts';

let yard: Yard;
beforeEach(() => {
  yard = new Yard();
});
afterEach(() => yard.close());

async function startWithReader(yard: Yard): Promise<Registry> {
  let given: Registry | undefined;
  const reader = definePlugin({
    name: 'reader',
    description: 'Reads the registry.',
    needs: { registry },
    setup: (_host, { registry: providers }) => {
      given = providers.get('registry');
    },
  });
  await yard.start({
    plugins: [
      { definition: reader, options: {} },
      { definition: widgetPlugin(yard.world), options: {} },
    ],
  });
  if (given === undefined) throw new Error('the plugin was not set up');
  return given;
}

registrySuite('a running kernel', async (place) => ({
  registry: await startWithReader(place),
  close: () => place.stop(),
}));

describe('the registry that plugins are given', () => {
  it('changes nothing by planning', async () => {
    const main = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    const own = await startWithReader(yard);
    git(yard.registry, 'checkout', '-q', '-b', 'wish');
    const wish = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 7 }) });
    git(yard.registry, 'checkout', '-q', 'main');
    expect((await own.plan(main, wish)).plan.changes).toHaveLength(1);
    expect(yard.world.get('a')).toBe(1);
    expect(yard.kernel.head().applied).toBe(main);
  });

  it('shows conditions and takes entries of the journal', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    const own = await startWithReader(yard);
    expect(own.status('Widget/a')?.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
    await own.record({
      type: 'test.noted',
      ref: 'Widget/a',
      commit: null,
      message: 'noted',
      data: { by: 'me' },
    });
    expect((await own.journal({ type: 'test.noted', limit: 1 }))[0]).toMatchObject({ message: 'noted' });
  });
});
