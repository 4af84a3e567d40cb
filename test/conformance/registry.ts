/** What every provider of `registry` promises: the kernel's own, and the one of a clone without a platform. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../core/capabilities/registry.ts';
import { suspendAnnotation } from '../../core/plugin.ts';
import { git } from '../fixtures/registry.ts';
import { widget, Yard } from '../fixtures/yard.ts';

const platform =
  'apiVersion: switchyard/v1\nkind: Platform\nmetadata: { name: yard }\nspec: { plugins: [{ name: widgets }], sync: { maxRemovalPercent: 100 } }\n';

/** Opens the registry of a yard, whose branch `main` has a commit, with the plugin `widgets`. The yard is closed elsewhere. */
export type OpenRegistry = (yard: Yard) => Promise<{ readonly registry: Registry; close(): Promise<void> }>;

export function registrySuite(name: string, open: OpenRegistry): void {
  describe(`the registry of ${name}`, () => {
    let yard: Yard;
    let main: string;
    let registry: Registry;
    let close: () => Promise<void>;

    beforeEach(async () => {
      yard = new Yard();
      main = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
      const opened = await open(yard);
      registry = opened.registry;
      close = () => opened.close();
    });
    afterEach(async () => {
      await close();
      await yard.close();
    });

    /** A commit beside `main`. */
    async function wish(files: Record<string, string | null>): Promise<string> {
      git(yard.registry, 'checkout', '-q', '-b', 'wish');
      const commit = await yard.commit(files);
      git(yard.registry, 'checkout', '-q', 'main');
      return commit;
    }

    test('says where it lives, what it follows and what runs', () => {
      expect(registry.location).toBe(yard.registry);
      expect(registry.reference).toBe('refs/heads/main');
      expect(registry.applied()).toBe(main);
    });

    test('plans what no branch names yet, by the code that would apply it', async () => {
      const wished = await wish({
        'widgets/a.yaml': widget('a', { size: 7 }),
        'widgets/b.yaml': 'kind: Widget',
      });
      git(yard.registry, 'branch', '-q', '-D', 'wish');
      const { plan, issues, held } = await registry.plan(main, wished);
      expect(plan).toEqual({
        from: main,
        to: wished,
        changes: [
          {
            ref: 'Widget/a',
            type: 'changed',
            plugin: 'widgets',
            path: 'widgets/a.yaml',
            line: 1,
            fields: [{ pointer: '/spec/size', before: 1, after: 7 }],
            steps: [{ action: 'make', description: 'make Widget/a 7 wide' }],
          },
        ],
      });
      expect(issues[0]).toMatchObject({ path: 'widgets/b.yaml', severity: 'error' });
      expect(held).toBeUndefined();
    });

    test('begins a plan with nothing where it is asked to', async () => {
      const { plan } = await registry.plan(null, main);
      expect(plan.changes).toMatchObject([{ ref: 'Widget/a', type: 'added' }]);
    });

    test('says why a platform would hold a commit', async () => {
      const sizes = ['b', 'c', 'd', 'e'].map((each) => [`widgets/${each}.yaml`, widget(each, { size: 1 })]);
      const many = await yard.commit(Object.fromEntries(sizes));
      const gone = await wish(Object.fromEntries(sizes.map(([path]) => [path as string, null])));
      expect((await registry.plan(many, gone)).held).toMatchObject({ reason: 'MassRemovalHeld' });
    });

    test('judges what a commit removes by the limit of where the plan begins', async () => {
      const sizes = ['b', 'c', 'd', 'e'].map((each) => [`widgets/${each}.yaml`, widget(each, { size: 1 })]);
      const many = await yard.commit(Object.fromEntries(sizes));
      const removal = Object.fromEntries(sizes.map(([path]) => [path as string, null]));
      const gone = await wish({ ...removal, 'platform.yaml': platform });
      expect((await registry.plan(many, gone)).held).toMatchObject({ reason: 'MassRemovalHeld' });
      const bold = await yard.commit({ 'platform.yaml': platform });
      expect((await registry.plan(bold, gone)).held).toBeUndefined();
    });

    test('counts as removed also what would stay only for something broken', async () => {
      const on = (name: string, target: string) => ({
        [`widgets/${name}.yaml`]: widget(name, { size: 1, on: target }),
      });
      const bases = ['p', 'q', 'r'].map((each) => [`widgets/${each}.yaml`, widget(each, { size: 1 })]);
      const stand = await yard.commit({ ...Object.fromEntries(bases), ...on('x', 'p'), ...on('y', 'q') });
      const gone = await wish(Object.fromEntries(bases.map(([path]) => [path as string, null])));
      expect((await registry.plan(stand, gone)).held).toMatchObject({ reason: 'MassRemovalHeld' });
    });

    test('plans that what is suspended is left as it is, and goes on when it is resumed', async () => {
      const held = widget('a', { size: 7 }, { [suspendAnnotation]: 'true' });
      const wished = await wish({ 'widgets/a.yaml': held });
      const resumed = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 7 }) });
      const stepsTo = async (from: string | null, to: string) =>
        (await registry.plan(from, to)).plan.changes.map(({ ref, steps }) => [
          ref,
          ...steps.map(({ action }) => action),
        ]);
      expect(await stepsTo(main, wished)).toEqual([['Widget/a', 'leave']]);
      expect(await stepsTo(null, wished)).toEqual([['Widget/a', 'leave']]);
      expect(await stepsTo(wished, resumed)).toEqual([['Widget/a', 'resume', 'make']]);
    });

    test('reads any commit, whatever was read before', async () => {
      const wished = await wish({ 'widgets/a.yaml': widget('a', { size: 7 }) });
      for (const [commit, size] of [[wished, 7] as const, [main, 1] as const, [wished, 7] as const]) {
        const examined = await registry.examine(commit);
        expect(examined.commit).toBe(commit);
        expect(examined.issues).toEqual([]);
        expect(examined.resources.get('Widget/a')?.spec).toEqual({ size });
        expect(examined.time).toBe(Number(git(yard.registry, 'log', '-1', '--format=%ct', commit)));
      }
    });

    test('moves references where it lives, and tells what patterns name', async () => {
      const head = 'refs/proposals/1/head';
      await registry.push([{ reference: head, from: null, to: main }]);
      expect(git(yard.registry, 'rev-parse', head)).toBe(main);
      expect([...(await registry.fetch(['refs/proposals/*']))]).toEqual([[head, main]]);
      git(yard.registry, 'branch', '-q', 'main-two');
      expect([...(await registry.fetch(['refs/heads/main']))]).toEqual([['refs/heads/main', main]]);
    });

    test('takes a move that was made already for made, and refuses one that another was first with', async () => {
      const head = 'refs/proposals/1/head';
      const move = { reference: head, from: null, to: main };
      await registry.push([move]);
      await registry.push([move]);
      expect(git(yard.registry, 'rev-parse', head)).toBe(main);
      const late = registry.push([{ reference: head, from: '1'.repeat(40), to: null }]);
      await expect(late).rejects.toMatchObject({ code: 'ReferenceMoved' });
      expect(git(yard.registry, 'rev-parse', head)).toBe(main);
    });

    test('may be told to look, and asked for what it has not seen', async () => {
      registry.look();
      expect(registry.status('Widget/nobody')).toBeUndefined();
      expect(await registry.journal({ type: 'test.never', limit: 1 })).toEqual([]);
    });
  });
}
