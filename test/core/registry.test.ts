import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Registry, registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';
import { git } from '../fixtures/registry.ts';
import { widget, widgetPlugin, Yard } from '../fixtures/yard.ts';

let yard: Yard;
beforeEach(() => {
  yard = new Yard();
});
afterEach(() => yard.close());

async function startWithReader(): Promise<Registry> {
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

describe('the registry that plugins are given', () => {
  it('plans what no branch names yet, by the code that would apply it', async () => {
    const main = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    const own = await startWithReader();
    expect(own.applied()).toBe(main);
    expect(own.reference).toBe('refs/heads/main');

    git(yard.registry, 'checkout', '-q', '-b', 'wish');
    const wish = await yard.commit({
      'widgets/a.yaml': widget('a', { size: 7 }),
      'widgets/b.yaml': 'kind: Widget',
    });
    git(yard.registry, 'checkout', '-q', 'main');

    const { plan, issues, held } = await own.plan(main, wish);
    expect(plan.changes).toEqual([
      {
        ref: 'Widget/a',
        type: 'changed',
        plugin: 'widgets',
        path: 'widgets/a.yaml',
        line: 1,
        fields: [{ pointer: '/spec/size', before: 1, after: 7 }],
        steps: [{ action: 'make', description: 'make Widget/a 7 wide' }],
      },
    ]);
    expect(issues[0]).toMatchObject({ path: 'widgets/b.yaml', severity: 'error' });
    expect(held).toBeUndefined();
    expect((await own.examine(wish)).resources.get('Widget/a')?.spec).toEqual({ size: 7 });
    expect((await own.examine(main)).resources.get('Widget/a')?.spec).toEqual({ size: 1 });
    expect(yard.world.get('a')).toBe(1);
    expect(yard.kernel.head().applied).toBe(main);
  });

  it('tells where it lives, and fetches and moves references there', async () => {
    const main = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    const own = await startWithReader();
    expect(own.location).toBe(yard.registry);
    await own.push([{ reference: 'refs/proposals/1/head', from: null, to: main }]);
    expect(git(yard.registry, 'rev-parse', 'refs/proposals/1/head')).toBe(main);
    expect([...(await own.fetch(['refs/proposals/*']))]).toEqual([['refs/proposals/1/head', main]]);
    await expect(
      own.push([{ reference: 'refs/proposals/1/head', from: '1'.repeat(40), to: null }]),
    ).rejects.toMatchObject({ code: 'ReferenceMoved' });
  });

  it('shows conditions and takes entries of the journal', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    const own = await startWithReader();
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
