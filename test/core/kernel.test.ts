import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readyOf } from '../../core/control/conditions.ts';
import type { Plan } from '../../core/control/plan.ts';
import { suspendAnnotation } from '../../core/plugin.ts';
import { MemoryStore } from '../../core/state/memory-store.ts';
import { git } from '../fixtures/registry.ts';
import { until } from '../fixtures/until.ts';
import { widget, Yard } from '../fixtures/yard.ts';

let yard: Yard;
beforeEach(() => {
  yard = new Yard();
});
afterEach(() => yard.close());

const readyStatus = (ref: string) => readyOf(yard.kernel.resource(ref)?.status);
const world = () => Object.fromEntries([...yard.world].sort());

const widgets = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`widgets/${name}.yaml`, widget(name, { size: 1 })]));

const platform = (maxRemovalPercent: number) =>
  `apiVersion: switchyard/v1\nkind: Platform\nmetadata: { name: yard }\nspec: { plugins: [{ name: widgets }], sync: { maxRemovalPercent: ${maxRemovalPercent} } }\n`;

describe('the kernel', () => {
  it('makes what the newest commit declares', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start();
    expect(world()).toEqual({ a: 1 });
    expect(readyStatus('Widget/a')).toMatchObject({ status: 'True', reason: 'Made' });
    expect(yard.kernel.phase).toBe('running');

    const commit = await yard.commit({
      'widgets/a.yaml': widget('a', { size: 2 }),
      'widgets/b.yaml': widget('b', { size: 3 }),
    });
    await yard.settle();
    expect(world()).toEqual({ a: 2, b: 3 });
    expect(yard.kernel.head()).toMatchObject({ commit, applied: commit, held: null, error: null });

    await yard.commit({ 'widgets/a.yaml': null });
    await yard.settle();
    expect(world()).toEqual({ b: 3 });
    expect(yard.kernel.resource('Widget/a')).toBeUndefined();
  });

  it('waits for the first commit of an empty repository', async () => {
    git(yard.folder, 'init', '-q', '-b', 'main', yard.registry);
    await yard.start();
    expect(yard.kernel.phase).toBe('starting');
    expect(yard.kernel.head()).toMatchObject({ commit: null, error: null });
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.settle();
    expect(world()).toEqual({ a: 1 });
  });

  it('keeps the last good version of a broken manifest and hurts no neighbour', async () => {
    await yard.commit({
      'widgets/a.yaml': widget('a', { size: 1 }),
      'widgets/b.yaml': widget('b', { size: 1 }),
    });
    await yard.start();
    await yard.commit({
      'widgets/a.yaml': widget('a', { size: 2 }).replace('"size":2', '"size":2,"sise":3'),
      'widgets/b.yaml': widget('b', { size: 2 }),
    });
    await yard.settle();
    expect(world()).toEqual({ a: 1, b: 2 });
    expect(readyStatus('Widget/a')).toMatchObject({ status: 'False', reason: 'InvalidManifest' });
    expect(readyStatus('Widget/a')?.message).toMatch(/^widgets\/a\.yaml:4:\d+: .*sise/);
    expect(readyStatus('Widget/b')?.status).toBe('True');
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 3 }) });
    await yard.settle();
    expect(world()).toEqual({ a: 3, b: 2 });
    expect(readyStatus('Widget/a')?.status).toBe('True');
  });

  it('finds the last good version in Git when the state is gone', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 7 }) });
    await yard.commit({
      'widgets/a.yaml': 'apiVersion: switchyard/v1\nkind: Widget\nmetadata: { name: a }\n',
    });
    await yard.start();
    expect(world()).toEqual({ a: 7 });
    expect(readyStatus('Widget/a')?.reason).toBe('InvalidManifest');
  });

  it('removes nothing while a document cannot be identified', async () => {
    await yard.commit({
      'widgets/a.yaml': widget('a', { size: 1 }),
      'widgets/b.yaml': widget('b', { size: 1 }),
    });
    await yard.start();
    await yard.commit({ 'widgets/a.yaml': null, 'widgets/b.yaml': '{{{ not yaml' });
    await yard.settle();
    expect(world()).toEqual({ a: 1, b: 1 });
    await yard.commit({ 'widgets/b.yaml': widget('b', { size: 2 }) });
    await yard.settle();
    expect(world()).toEqual({ b: 2 });
  });

  it('holds a mass removal until a human acknowledges it', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = names.map((name) => [`widgets/${name}.yaml`, widget(name, { size: 1 })]);
    await yard.commit(Object.fromEntries(all));
    await yard.start();
    const commit = await yard.commit(
      Object.fromEntries(all.slice(1).map(([path]) => [path as string, null])),
    );
    await yard.settle();
    expect(yard.world.size).toBe(6);
    expect(yard.kernel.head().held).toMatchObject({ commit, reason: 'MassRemovalHeld' });
    await expect(yard.kernel.acknowledge('another', 'ada')).rejects.toMatchObject({ code: 'NothingHeld' });
    await yard.kernel.acknowledge(commit, 'ada');
    await yard.settle();
    expect(world()).toEqual({ a: 1 });
    expect(yard.kernel.head().held).toBeNull();
    const types = (await yard.kernel.journal({ limit: 20 })).map(({ type }) => type);
    expect(types).toContain('snapshot.held');
    expect(types).toContain('snapshot.acknowledged');
  });

  it('holds a mass removal also where broken documents keep some of what was removed', async () => {
    const stands = {
      'widgets/a.yaml': widget('a', { size: 1, on: 'b' }),
      'widgets/c.yaml': widget('c', { size: 1, on: 'd' }),
    };
    const base = Object.fromEntries(
      ['b', 'd', 'e'].map((name) => [`widgets/${name}.yaml`, widget(name, { size: 1 })]),
    );
    await yard.commit({ ...stands, ...base });
    await yard.start();
    const commit = await yard.commit({
      'widgets/b.yaml': null,
      'widgets/d.yaml': null,
      'widgets/e.yaml': null,
    });
    await yard.settle();
    expect(yard.kernel.head().held).toMatchObject({ commit, reason: 'MassRemovalHeld' });
    expect(yard.world.size).toBe(5);
  });

  it('judges a removal by the limit that is applied, whatever the commit says of it', async () => {
    const few = { 'platform.yaml': platform(30), ...widgets(['a', 'b', 'c', 'd', 'e', 'f']) };
    const removal = Object.fromEntries(
      Object.keys(widgets(['b', 'c', 'd', 'e'])).map((path) => [path, null]),
    );
    await yard.commit(few);
    await yard.start();
    const daring = await yard.commit({ ...removal, 'platform.yaml': platform(100) });
    await yard.settle();
    expect(yard.kernel.head().held).toMatchObject({ commit: daring, reason: 'MassRemovalHeld' });
    expect(yard.kernel.head().held?.message).toContain('at most 30 %');
    expect(yard.world.size).toBe(6);

    await yard.commit({ ...few, 'platform.yaml': platform(100) });
    await yard.settle();
    await yard.commit({ ...removal, 'platform.yaml': platform(0) });
    await yard.settle();
    expect(yard.kernel.head().held).toBeNull();
    expect(world()).toEqual({ a: 1, f: 1 });
  });

  it('removes what vanished while it was down', async () => {
    await yard.commit({
      'widgets/a.yaml': widget('a', { size: 1 }),
      'widgets/b.yaml': widget('b', { size: 1 }),
    });
    await yard.start();
    await yard.stop();
    await yard.commit({ 'widgets/a.yaml': null });
    await yard.start();
    expect(world()).toEqual({ b: 1 });
  });

  it('does not touch a suspended resource, and goes on when it is resumed', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start();
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }, { [suspendAnnotation]: 'true' }) });
    await yard.settle();
    expect(world()).toEqual({ a: 1 });
    expect(yard.kernel.resource('Widget/a')?.status?.suspended).toBe(true);
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    expect(world()).toEqual({ a: 2 });
  });

  it('plans and touches nothing in a dry run', async () => {
    const commit = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start({ dryRun: true });
    expect(world()).toEqual({});
    expect(yard.kernel.head().held).toMatchObject({ commit, reason: 'DryRun' });
    const plan = (await yard.kernel.plan(commit))?.plan as Plan;
    expect(plan.changes).toMatchObject([
      { ref: 'Widget/a', type: 'added', plugin: 'widgets', steps: [{ action: 'make' }] },
    ]);
  });

  it('plans a change with its fields, before and after', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start();
    const second = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    const plan = (await yard.kernel.plan(second))?.plan as Plan;
    expect(plan).toMatchObject({
      from: first,
      to: second,
      changes: [
        {
          ref: 'Widget/a',
          type: 'changed',
          path: 'widgets/a.yaml',
          fields: [{ pointer: '/spec/size', before: 1, after: 2 }],
        },
      ],
    });
  });

  it('keeps the plan of the commit that runs over a restart', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start();
    const second = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    const made = await yard.kernel.plan(second);
    expect(made?.plan).toMatchObject({ from: first, changes: [{ ref: 'Widget/a', type: 'changed' }] });
    await yard.stop();
    await yard.start();
    expect(yard.kernel.head().applied).toBe(second);
    expect(await yard.kernel.plan(second)).toEqual(made);
  });

  it('plans what was committed while it was down from the commit that ran', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start();
    await yard.stop();
    const second = await yard.commit({ 'widgets/b.yaml': widget('b', { size: 1 }) });
    await yard.start();
    const made = await yard.kernel.plan(second);
    expect(made).toMatchObject({ from: first, plan: { from: first, changes: [{ ref: 'Widget/b' }] } });
  });

  it('tells how many steps a plan has, not how many changes', async () => {
    const first = await yard.commit({ 'README.md': 'widgets' });
    await yard.start();
    const told: unknown[] = [];
    yard.kernel.on('plan.made', (event) => told.push(event));
    // What nothing plans (the Platform) is a change without a step.
    const second = await yard.commit({ 'platform.yaml': platform(30), ...widgets(['a', 'b']) });
    await yard.settle();
    const plan = (await yard.kernel.plan(second))?.plan as Plan;
    expect(plan.changes).toHaveLength(3);
    expect(told).toEqual([{ from: first, to: second, steps: 2 }]);
  });

  it('writes one journal entry a commit, also over restarts, and says when history was rewritten', async () => {
    const first = await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) }, 'Make a');
    await yard.start();
    await yard.stop();
    await yard.start();
    git(yard.registry, 'commit', '-q', '--amend', '-m', 'Make a, said better');
    await yard.settle();
    const entries = await yard.kernel.journal({ type: 'snapshot.applied', limit: 10 });
    expect(entries.map(({ message }) => message)).toEqual(['Make a, said better', 'Make a']);
    expect(entries[0]?.data).toMatchObject({ historyRewritten: true, previous: first, author: 'Ada' });
  });

  it('says what keeps it from reading the registry, and goes on when it can again', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start();
    git(yard.registry, 'branch', '-m', 'main', 'aside');
    await yard.settle();
    expect(world()).toEqual({ a: 1 });
    git(yard.registry, 'branch', '-m', 'aside', 'main');
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    await yard.settle();
    expect(world()).toEqual({ a: 2 });
    expect(yard.kernel.head().error).toBeNull();
  });

  it('fetches a remote when somebody outside says that there is news', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start({ location: `file://${yard.registry}` });
    expect(world()).toEqual({ a: 1 });
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 2 }) });
    yard.kernel.look();
    await until(() => yard.world.get('a') === 2);
  });

  it('answers with Prometheus text about itself', async () => {
    await yard.commit({ 'widgets/a.yaml': widget('a', { size: 1 }) });
    await yard.start();
    const text = await yard.kernel.metrics();
    expect(text).toContain('switchyard_resources{kind="Widget",ready="True"} 1');
    expect(text).toContain('switchyard_source_up 1');
    expect(text).toMatch(/switchyard_reconcile_total\{kind="Widget",result="ready"\} \d+/);
  });

  it('ends in the state that the last commit declares, whatever came before it', async () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), name: names, size: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), name: names }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('break' as const), name: names }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), forget: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('rewrite' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const own = new Yard();
        try {
          const filler = Object.fromEntries(
            Array.from({ length: 12 }, (_, index) => `z${index}`).map((name) => [
              `widgets/${name}.yaml`,
              widget(name, { size: 0 }),
            ]),
          );
          await own.commit(filler);
          await own.start();
          const declared = new Map<string, number>();
          for (const one of steps) {
            if (one.do === 'set') {
              declared.set(one.name, one.size);
              await own.commit({ [`widgets/${one.name}.yaml`]: widget(one.name, { size: one.size }) });
            } else if (one.do === 'remove') {
              declared.delete(one.name);
              await own.commit({ [`widgets/${one.name}.yaml`]: null });
            } else if (one.do === 'break') {
              await own.commit({ [`widgets/${one.name}.yaml`]: `${widget(one.name, { size: 1 })}more: 1\n` });
            } else if (one.do === 'rewrite') {
              git(own.registry, 'commit', '-q', '--amend', '--allow-empty', '-m', 'Rewritten');
            } else if (one.do === 'settle') await own.settle();
            else {
              await own.stop();
              if (one.forget) own.store = new MemoryStore();
              await own.start();
            }
          }
          const last = [...declared].map(
            ([name, size]) => [`widgets/${name}.yaml`, widget(name, { size })] as const,
          );
          const gone = ['a', 'b', 'c', 'd'].filter((name) => !declared.has(name));
          await own.commit({
            ...Object.fromEntries(last),
            ...Object.fromEntries(gone.map((name) => [`widgets/${name}.yaml`, null])),
          });
          await own.settle();
          const held = own.kernel.head().held;
          if (held) {
            await own.kernel.acknowledge(held.commit, 'test');
            await own.settle();
          }
          const made = [...own.world].filter(([name]) => !name.startsWith('z')).sort();
          /** Deleting the state loses the memory of what was made: it cannot be taken away any more. */
          const forgot = steps.some((one) => one.do === 'restart' && one.forget);
          const expected = [...declared].sort();
          if (forgot) expect(made).toEqual(expect.arrayContaining(expected));
          else expect(made).toEqual(expected);
        } finally {
          await own.close();
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  }, 120_000);
});
