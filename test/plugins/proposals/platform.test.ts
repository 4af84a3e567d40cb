import { afterEach, describe, expect, it } from 'vitest';
import { type Proposer, proposer } from '../../../core/capabilities/proposer.ts';
import { definePlugin } from '../../../core/plugin.ts';
import { plugin as forgeGit } from '../../../plugins/forge-git/index.ts';
import { plugin as proposals } from '../../../plugins/proposals/index.ts';
import { until } from '../../fixtures/until.ts';
import { widget, widgetPlugin, Yard } from '../../fixtures/yard.ts';

const yards: Yard[] = [];

afterEach(async () => {
  for (const yard of yards.splice(0)) await yard.close();
});

/** A platform with the embedded forge, and what another plugin would be given of it. */
async function platform(): Promise<{ yard: Yard; asker: () => Proposer }> {
  const yard = new Yard();
  yards.push(yard);
  await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
  let given: Proposer | undefined;
  const asking = definePlugin({
    name: 'asking',
    description: 'Asks for changes.',
    needs: { proposers: proposer },
    setup(_, { proposers }) {
      given = proposers.get('proposals');
    },
  });
  await yard.start({
    plugins: [widgetPlugin(yard.world), forgeGit, proposals, asking].map((definition) => ({
      definition,
      options: definition.name === 'proposals' ? { poll: '1s' } : {},
    })),
  });
  return { yard, asker: () => given as Proposer };
}

describe('a platform with proposals', { timeout: 120_000 }, () => {
  it('takes what a plugin asks for, judges it, and runs what was merged', async () => {
    const { yard, asker } = await platform();
    const ask = (method: string, path: string, body?: unknown) =>
      yard.kernel.route(
        'proposals',
        path,
        new Request(`http://localhost/plugins/proposals/${path}`, {
          method,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
    const proposed = await asker().propose({
      key: 'size:Widget/a',
      type: 'propose',
      title: 'Make a larger',
      files: [
        { path: 'widgets/a.yaml', edits: [{ op: 'set', pointer: '/spec/size', value: 2, expected: 1 }] },
      ],
      trailers: {},
      author: { name: 'Ada', email: 'ada@example.org' },
    });
    expect(proposed).toMatchObject({ state: 'open', isNew: true });
    await until(async () => {
      const [entry] = await yard.store.journal({ type: 'proposal.judged', limit: 1 });
      return entry?.data.verdict === 'allowed';
    });
    const shown = await (await ask('GET', 'proposals/1'))?.json();
    expect(shown).toMatchObject({
      judgement: {
        plan: { changes: [{ ref: 'Widget/a', steps: [{ description: 'make Widget/a 2 wide' }] }] },
      },
    });
    const by = { name: 'Grace', email: 'grace@example.org' };
    expect((await ask('POST', 'proposals/1/merge', { by }))?.status).toBe(200);
    await yard.settle();
    await until(() => yard.world.get('a') === 2);
    const entries = await yard.store.journal({ limit: 100 });
    const types = entries.map(({ type }) => type).filter((type) => type.startsWith('proposal.'));
    expect(types.sort()).toEqual(['proposal.judged', 'proposal.merged', 'proposal.opened']);
    expect(entries.find(({ type }) => type === 'proposal.opened')?.ref).toBe('Widget/a');
  });
});
