import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Registry, registry } from '../../../core/capabilities/registry.ts';
import type { Plan } from '../../../core/control/plan.ts';
import { definePlugin, ready, suspendAnnotation } from '../../../core/plugin.ts';
import { MemoryStore } from '../../../core/state/memory-store.ts';
import { git } from '../../fixtures/registry.ts';
import { type WidgetSpec, widget, widgetKind, Yard } from '../../fixtures/yard.ts';

const file = 'widgets/a.yaml';
const running = (size: number) => widget('a', { size });
const suspended = (size: number) => widget('a', { size }, { [suspendAnnotation]: 'true' });

let yard: Yard;
let own: Registry | undefined;
beforeEach(() => {
  yard = new Yard();
});
afterEach(() => yard.close());

/** Its plan says from where to where: that of a suspended resource is about what was made, not about what was written. */
const widener = definePlugin({
  name: 'widgets',
  description: 'Widens widgets.',
  kinds: [widgetKind],
  needs: { registry },
  setup(host, { registry: providers }) {
    own = providers.get('registry');
    host.control<WidgetSpec, never>(widgetKind, {
      plan(change) {
        const from = change.type === 'added' ? 0 : change.previous.spec.size;
        const to = change.type === 'removed' ? 0 : change.next.spec.size;
        return [{ action: 'widen', description: `widen ${from} → ${to}` }];
      },
      async reconcile({ resource }) {
        yard.world.set(resource.metadata.name, resource.spec.size);
        return ready('Made', 'it is there');
      },
      async remove({ resource }) {
        yard.world.delete(resource.metadata.name);
        return ready('Gone', 'it is gone');
      },
    });
  },
});

async function start(): Promise<void> {
  await yard.start({ plugins: [{ definition: widener, options: {} }] });
}

const stepsOf = ({ changes }: Plan) =>
  changes.map(({ ref, steps }) => [ref, ...steps.map(({ description }) => description)]);

/** Commits, waits until it is done, and answers the steps that were planned. */
async function push(files: Record<string, string | null>): Promise<string[][]> {
  const commit = await yard.commit(files);
  await yard.settle();
  return stepsOf((await yard.kernel.plan(commit))?.plan as Plan);
}

const leave = ['Widget/a', 'leave it as it is: it is suspended'];
const resume = 'resume: it is no longer suspended';
const resumeSomewhere =
  'resume from where it was left, which is not known here; what follows is as if it were new';

describe('the plan of a suspended resource', () => {
  it('says that it is left as it is, whatever is written of it', async () => {
    await yard.commit({ [file]: running(1) });
    await start();
    expect(await push({ [file]: suspended(1) })).toEqual([leave]);
    expect(await push({ [file]: suspended(2) })).toEqual([leave]);
    expect(yard.world.get('a')).toBe(1);
  });

  it('says so of one that is new', async () => {
    await yard.commit({ 'README.md': 'widgets' });
    await start();
    expect(await push({ [file]: suspended(2) })).toEqual([leave]);
    expect(yard.world.has('a')).toBe(false);
  });

  it('does not list it where something that it stands on changes', async () => {
    const on = (annotations?: Record<string, string>) => widget('a', { size: 1, on: 'b' }, annotations);
    await yard.commit({ [file]: on(), 'widgets/b.yaml': widget('b', { size: 1 }) });
    await start();
    await push({ [file]: on({ [suspendAnnotation]: 'true' }) });
    expect(await push({ 'widgets/b.yaml': widget('b', { size: 2 }) })).toEqual([['Widget/b', 'widen 1 → 2']]);
  });

  it('goes on from what was made of it when it is resumed', async () => {
    await yard.commit({ [file]: running(1) });
    await start();
    await push({ [file]: suspended(2) });
    await push({ [file]: suspended(3) });
    expect(await push({ [file]: running(3) })).toEqual([['Widget/a', resume, 'widen 1 → 3']]);
    expect(yard.world.get('a')).toBe(3);
  });

  it('goes on from what was made of it also after a restart', async () => {
    await yard.commit({ [file]: running(1) });
    await start();
    await push({ [file]: suspended(2) });
    await yard.stop();
    const commit = await yard.commit({ [file]: running(2) });
    await start();
    const plan = (await yard.kernel.plan(commit))?.plan as Plan;
    expect(stepsOf(plan)).toEqual([['Widget/a', resume, 'widen 1 → 2']]);
    expect(yard.world.get('a')).toBe(2);
  });

  it('is as if it were new when one is resumed that was suspended from the first', async () => {
    await yard.commit({ [file]: suspended(2) });
    await start();
    expect(await push({ [file]: running(2) })).toEqual([['Widget/a', resumeSomewhere, 'widen 0 → 2']]);
  });

  it('takes away what was made, not what was written', async () => {
    await yard.commit({ [file]: running(1) });
    await start();
    await push({ [file]: suspended(2) });
    expect(await push({ [file]: null })).toEqual([['Widget/a', 'widen 1 → 0']]);
    expect(yard.world.has('a')).toBe(false);
  });

  it('says that where it was left is not known, once the state is gone', async () => {
    await yard.commit({ [file]: running(1) });
    await start();
    await push({ [file]: suspended(2) });
    await yard.stop();
    yard.store = new MemoryStore();
    await start();
    expect(await push({ [file]: running(2) })).toEqual([['Widget/a', resumeSomewhere, 'widen 0 → 2']]);
  });

  it('is planned by a proposal from what was made, too', async () => {
    await yard.commit({ [file]: running(1) });
    await start();
    const main = await yard.commit({ [file]: suspended(2) });
    await yard.settle();
    git(yard.registry, 'checkout', '-q', '-b', 'wish');
    const wish = await yard.commit({ [file]: running(3) });
    git(yard.registry, 'checkout', '-q', 'main');
    const planned = await own?.plan(main, wish);
    expect(planned && stepsOf(planned.plan)).toEqual([['Widget/a', resume, 'widen 1 → 3']]);
  });
});
