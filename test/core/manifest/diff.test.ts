import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedFields, diff } from '../../../core/manifest/diff.ts';
import { withLastGood } from '../../../core/manifest/last-good.ts';
import { loadSnapshot } from '../../../core/manifest/load-snapshot.ts';
import { massRemoval } from '../../../core/manifest/mass-removal.ts';
import { order } from '../../../core/manifest/order.ts';
import type { Snapshot } from '../../../core/manifest/snapshot.ts';
import type { Change, Ref, Resource } from '../../../core/plugin.ts';
import { anyHistory } from './any-registry.ts';
import { MemoryTree } from './memory-tree.ts';
import { smallKinds } from './small-kinds.ts';
import {
  deployment,
  environment,
  type Files,
  goodFiles,
  model,
  SmallRegistry,
  version,
} from './small-registry.ts';

let registry: SmallRegistry;
beforeEach(async () => {
  registry = await SmallRegistry.open();
});
afterEach(() => registry.close());

const nothing: ReadonlyMap<Ref, Resource> = new Map();
const told = (changes: readonly Change[]) =>
  changes.map(
    (change) => `${change.type} ${(change.type === 'removed' ? change.previous : change.next).ref}`,
  );

async function changesOf(files: Files, previous: Snapshot): Promise<string[]> {
  const next = await registry.load(files, { previous });
  const good = withLastGood(next, previous.resources);
  return told(diff(previous.resources, good.resources, good.referrers));
}

describe('the difference of two snapshots', () => {
  it('adds each resource after what it refers to', async () => {
    const { resources, referrers } = await registry.load(goodFiles);
    expect(told(diff(nothing, resources, referrers))).toEqual([
      'added Environment/dev',
      'added Model/fraud',
      'added ModelVersion/fraud/1.0.0',
      'added Deployment/dev/fraud',
      'added Model/churn',
      'added ModelVersion/fraud/1.1.0',
    ]);
  });

  it('removes each resource before what it refers to, and last of all', async () => {
    const first = await registry.load(goodFiles);
    const empty = Object.fromEntries(Object.keys(goodFiles).map((path) => [path, null]));
    expect(
      await changesOf({ ...empty, 'environments/test/environment.yaml': environment('test') }, first),
    ).toEqual([
      'added Environment/test',
      'removed ModelVersion/fraud/1.1.0',
      'removed Model/churn',
      'removed Deployment/dev/fraud',
      'removed ModelVersion/fraud/1.0.0',
      'removed Model/fraud',
      'removed Environment/dev',
    ]);
  });

  it('changes what says something else, and affects what refers to that and wants to know', async () => {
    const first = await registry.load({
      ...goodFiles,
      'models/fraud/versions/1.1.0.yaml': version('fraud', '1.1.0', 'inputs: 4, parents: ["1.0.0"]'),
    });
    // A child does not wake for its parent, a deployment does for its version.
    expect(
      await changesOf({ 'models/fraud/versions/1.0.0.yaml': version('fraud', '1.0.0', 'inputs: 2') }, first),
    ).toEqual(['changed ModelVersion/fraud/1.0.0', 'affected Deployment/dev/fraud']);
  });

  it('is nothing for comments, layout and moved files', async () => {
    const first = await registry.load(goodFiles);
    const moved = {
      'models/fraud/model.yaml': null,
      'models/all.yaml': `# Moved.\n${model('fraud').replace('  name: fraud', '    name: "fraud" # so')}`,
    };
    expect(await changesOf(moved, first)).toEqual([]);
  });

  it('is the same however the maps came about', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const repository = new MemoryTree();
        let previous: Snapshot | undefined;
        let applied = nothing;
        for (const files of history) {
          const commit = repository.add(files);
          previous = await loadSnapshot({ repository, commit, kinds: smallKinds, previous });
          const { resources, referrers } = withLastGood(previous, applied);
          const changes = diff(applied, resources, referrers);
          const shuffled = (map: ReadonlyMap<Ref, Resource>) => new Map([...map].reverse());
          expect(told(diff(shuffled(applied), shuffled(resources), referrers))).toEqual(told(changes));
          const after = new Map(applied);
          for (const change of changes) {
            if (change.type === 'removed') after.delete(change.previous.ref);
            else after.set(change.next.ref, change.next);
          }
          const digests = (map: ReadonlyMap<Ref, Resource>) =>
            [...map].map(([ref, { digest }]) => `${ref} ${digest}`).sort();
          expect(digests(after)).toEqual(digests(resources));
          applied = resources;
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the order', () => {
  const ordered = (targets: Readonly<Record<Ref, readonly Ref[]>>) => {
    const items = new Map(Object.keys(targets).map((ref) => [ref, ref]));
    return order(items, (ref) => targets[ref] ?? []);
  };

  it('puts each after what it refers to, by itself or by pattern', () => {
    expect(ordered({ 'A/1': ['B/*'], 'B/2': [], 'B/1': ['C/x/1'], 'C/x/1': [] })).toEqual([
      'C/x/1',
      'B/1',
      'B/2',
      'A/1',
    ]);
  });

  it('lets a plain reference win over a pattern in the other direction', () => {
    expect(ordered({ 'Model/a': ['Version/a/*'], 'Version/a/1': ['Model/a'] })).toEqual([
      'Model/a',
      'Version/a/1',
    ]);
  });

  it('breaks a circle where it begins by name, whatever order it comes in', () => {
    expect(ordered({ 'A/2': ['A/3'], 'A/1': ['A/2'], 'A/3': ['A/1'] })).toEqual(['A/3', 'A/2', 'A/1']);
    expect(ordered({ 'A/3': ['A/1'], 'A/1': ['A/2'], 'A/2': ['A/3'] })).toEqual(['A/3', 'A/2', 'A/1']);
  });

  it('survives a chain of twenty thousand', () => {
    const name = (index: number) => `A/${String(index).padStart(6, '0')}`;
    const items = new Map(Array.from({ length: 20_000 }, (_, index) => [name(index), index]));
    expect(order(items, (index) => [name(index + 1)])[0]).toBe(19_999);
  });
});

describe('changed fields', () => {
  it('are pointers with what was and what is', async () => {
    const file = 'environments/dev/fraud.yaml';
    const first = await registry.load(goodFiles);
    const second = await registry.load({
      [file]: deployment('fraud', 'dev', 'model: fraud, version: 1.1.0, replicas: 2'),
    });
    const [before, after] = [first, second].map(
      ({ resources }) => resources.get('Deployment/dev/fraud') as Resource,
    );
    expect(changedFields(before as Resource, after as Resource)).toEqual([
      { pointer: '/spec/version', before: '1.0.0', after: '1.1.0' },
      { pointer: '/spec/replicas', before: undefined, after: 2 },
    ]);
    expect(changedFields(after as Resource, after as Resource)).toEqual([]);
  });

  it('name the file whose content changed', async () => {
    const path = 'models/fraud/model.yaml';
    const first = await registry.load({
      [path]: model('fraud', 'task: regression\n  attach: w.bin'),
      'w.bin': 'one',
    });
    const second = await registry.load({ 'w.bin': 'two' });
    const [before, after] = [first, second].map(({ resources }) => resources.get('Model/fraud') as Resource);
    expect(changedFields(before as Resource, after as Resource)).toEqual([
      {
        pointer: '/attachments/w.bin',
        before: before?.attachments[0]?.blob,
        after: after?.attachments[0]?.blob,
      },
    ]);
  });

  it('are a hundred at most, and none is long', async () => {
    const labels = (value: string) =>
      `  labels:\n${Array.from({ length: 300 }, (_, index) => `    k${index}: "${value}"\n`).join('')}`;
    const path = 'models/fraud/model.yaml';
    const first = await registry.load({ [path]: model('fraud', 'task: regression', labels('a')) });
    const second = await registry.load({
      [path]: model('fraud', 'task: regression', labels('b'.repeat(500))),
    });
    const third = await registry.load({ [path]: model('fraud') });
    const [a, b, c] = [first, second, third].map(({ resources }) => resources.get('Model/fraud') as Resource);
    expect(changedFields(a as Resource, b as Resource)).toHaveLength(100);
    const [field] = changedFields(b as Resource, c as Resource);
    expect(field?.pointer).toBe('/metadata/labels');
    expect(JSON.stringify(field?.before).length).toBeLessThan(1_500);
  });
});

describe('the hold on mass removal', () => {
  it.each([
    [100, 30, 30, false],
    [100, 31, 30, true],
    [3, 2, 30, false],
    [3, 3, 30, true],
    [10, 3, 30, false],
    [10, 4, 30, true],
    [10, 10, 100, false],
    [10, 3, 0, true],
    [0, 0, 30, false],
  ])('of %i resources, %i removed, at most %i %%: %s', (before, removed, maxRemovalPercent, isHeld) => {
    const held = massRemoval({ before, removed, maxRemovalPercent });
    expect(held !== undefined).toBe(isHeld);
    if (isHeld) expect(held?.message).toContain(`${removed} of ${before} resources`);
  });
});
