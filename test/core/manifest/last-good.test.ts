import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastGoodFromHistory, withLastGood } from '../../../core/manifest/last-good.ts';
import { loadSnapshot } from '../../../core/manifest/load-snapshot.ts';
import { relatedView } from '../../../core/manifest/references.ts';
import type { Snapshot } from '../../../core/manifest/snapshot.ts';
import type { Ref, Resource } from '../../../core/plugin.ts';
import { anyHistory } from './any-registry.ts';
import { MemoryTree } from './memory-tree.ts';
import { smallKinds, versionKind } from './small-kinds.ts';
import { deployment, type Files, goodFiles, model, SmallRegistry, version } from './small-registry.ts';

let registry: SmallRegistry;
beforeEach(async () => {
  registry = await SmallRegistry.open();
});
afterEach(() => registry.close());

const nothing: ReadonlyMap<Ref, Resource> = new Map();
const path = 'models/fraud/model.yaml';
const deployed = 'environments/dev/fraud.yaml';

/** What is applied after a good commit, and the snapshot of a commit on top of it. */
async function follow(change: Files, first: Files = goodFiles) {
  const good = await registry.load(first);
  const applied = withLastGood(good, nothing).resources;
  const snapshot = await registry.load(change, { previous: good });
  return { applied, snapshot, result: withLastGood(snapshot, applied) };
}

function codes(issues: ReadonlyMap<Ref, readonly { readonly code: string }[]>) {
  return Object.fromEntries([...issues].map(([ref, found]) => [ref, found.map(({ code }) => code)]));
}

describe('with everything right', () => {
  it('the resources are those of the snapshot, and what vanished is removed', async () => {
    const { snapshot, result } = await follow({ [deployed]: null });
    expect(result.resources).toBe(snapshot.resources);
    expect(result.referrers).toBe(snapshot.referrers);
    expect([result.kept.size, result.refused.size]).toEqual([0, 0]);
    expect(result.removed).toEqual(['Deployment/dev/fraud']);
  });
});

describe('a broken manifest', () => {
  it('keeps its last good version', async () => {
    const { applied, result } = await follow({ [path]: model('fraud', 'task: guess') });
    expect(result.resources.get('Model/fraud')).toBe(applied.get('Model/fraud'));
    expect(codes(result.kept)).toEqual({ 'Model/fraud': ['UnknownValue'] });
    expect(result.removed).toEqual([]);
  });

  it('lets its neighbours change', async () => {
    const { result } = await follow({
      [path]: model('fraud', 'task: guess'),
      [deployed]: deployment('fraud', 'dev', 'model: fraud, version: 1.1.0'),
    });
    expect(result.resources.get('Deployment/dev/fraud')?.spec).toMatchObject({ version: '1.1.0' });
  });

  it('without an earlier version is not there, and neither is what needs it', async () => {
    const files = { ...goodFiles, [path]: model('fraud', 'task: guess') };
    const { result } = await follow({ 'README.md': 'x' }, files);
    expect([...result.resources.keys()].sort()).toEqual(['Environment/dev', 'Model/churn']);
    expect(codes(result.refused)).toEqual({
      'Model/fraud': ['UnknownValue'],
      'ModelVersion/fraud/1.0.0': ['BrokenReference'],
      'ModelVersion/fraud/1.1.0': ['BrokenReference'],
      // Both of what it refers to: a chain falls link by link.
      'Deployment/dev/fraud': ['BrokenReference', 'BrokenReference'],
    });
    const [issue] = result.refused.get('ModelVersion/fraud/1.0.0') ?? [];
    expect(issue).toMatchObject({
      path: 'models/fraud/versions/1.0.0.yaml',
      line: 3,
      column: 33,
      message: 'Model/fraud is broken, and has no earlier version that is valid',
      hint: `Repair ${path} first.`,
    });
  });

  it('that something new points to holds that back, and keeps what it was', async () => {
    const { applied, result } = await follow({
      'models/fraud/versions/1.2.0.yaml': version('fraud', '1.2.0', 'inputs: many'),
      [deployed]: deployment('fraud', 'dev', 'model: fraud, version: 1.2.0'),
    });
    expect(result.resources.get('Deployment/dev/fraud')).toBe(applied.get('Deployment/dev/fraud'));
    expect(codes(result.kept)).toEqual({ 'Deployment/dev/fraud': ['BrokenReference'] });
    expect(codes(result.refused)).toEqual({ 'ModelVersion/fraud/1.2.0': ['WrongType'] });
  });

  it('keeps what its last good version refers to and the commit gave up', async () => {
    const { applied, result } = await follow({
      [deployed]: deployment('fraud', 'dev', 'model: fraud, version: wrong'),
      'models/fraud/versions/1.0.0.yaml': null,
      'environments/dev/environment.yaml': null,
      'models/churn/model.yaml': null,
    });
    for (const ref of ['Deployment/dev/fraud', 'ModelVersion/fraud/1.0.0', 'Environment/dev']) {
      expect(result.resources.get(ref)).toBe(applied.get(ref));
    }
    expect(codes(result.kept)).toEqual({
      'Deployment/dev/fraud': ['InvalidValue'],
      'ModelVersion/fraud/1.0.0': ['KeptForReference'],
      'Environment/dev': ['KeptForReference'],
    });
    expect(result.removed).toEqual(['Model/churn']);
  });

  it('is kept as it was where a reference of it vanished', async () => {
    const { applied, result } = await follow({ 'models/fraud/versions/1.0.0.yaml': null });
    expect(result.resources.get('Deployment/dev/fraud')).toBe(applied.get('Deployment/dev/fraud'));
    expect(result.resources.get('ModelVersion/fraud/1.0.0')).toBe(applied.get('ModelVersion/fraud/1.0.0'));
    expect(codes(result.kept)['Deployment/dev/fraud']).toEqual(['MissingReference']);
  });

  it('stands in when the kind judges what refers to it', async () => {
    const fewer = deployment('fraud', 'dev', 'model: fraud, version: 1.0.0, replicas: 4');
    const { result } = await follow({
      'models/fraud/versions/1.0.0.yaml': version('fraud', '1.0.0', 'inputs: many'),
      [deployed]: fewer, // more replicas than the three columns of the version that stays
    });
    expect(codes(result.kept)).toEqual({
      'ModelVersion/fraud/1.0.0': ['WrongType'],
      'Deployment/dev/fraud': ['TooManyReplicas'],
    });
  });

  it('still wakes when something changes that its last good version refers to', async () => {
    const { result } = await follow({ [deployed]: deployment('fraud', 'dev', 'model: fraud') });
    expect(result.referrers.get('ModelVersion/fraud/1.0.0')).toContain('Deployment/dev/fraud');
  });

  it('is still seen by patterns', async () => {
    const { result } = await follow({
      'models/fraud/versions/1.0.0.yaml': version('fraud', '1.0.0', 'inputs: many'),
    });
    const other = result.resources.get('ModelVersion/fraud/1.1.0') as Resource;
    const seen = relatedView(other, versionKind as never, result.resources).matching('ModelVersion/fraud/*');
    expect(seen.map(({ ref }) => ref)).toEqual(['ModelVersion/fraud/1.0.0', 'ModelVersion/fraud/1.1.0']);
  });
});

describe('while a document cannot be identified', () => {
  it('nothing is removed', async () => {
    const { applied, result } = await follow({ [deployed]: null, 'models/other.yaml': '[' });
    expect(result.removed).toEqual([]);
    expect(result.resources.get('Deployment/dev/fraud')).toBe(applied.get('Deployment/dev/fraud'));
    expect(codes(result.kept)).toEqual({ 'Deployment/dev/fraud': ['RemovalHeld'] });
    expect(result.kept.get('Deployment/dev/fraud')?.[0]).toMatchObject({ hint: 'Repair models/other.yaml.' });
  });

  it('the one that its path names stays as it was', async () => {
    const { applied, result } = await follow({ [path]: '[' });
    expect([...result.resources].sort()).toEqual([...applied].sort());
    expect(codes(result.kept)).toEqual({ 'Model/fraud': ['InvalidYaml'] });
  });
});

describe('a kernel that lost its store', () => {
  const recover = async (snapshot: Snapshot) => {
    const { repository } = registry;
    const found = await lastGoodFromHistory({
      repository,
      snapshot,
      kinds: smallKinds,
      broken: snapshot.broken,
    });
    return { found, ...withLastGood(snapshot, found) };
  };

  it('finds the last good version of a broken manifest in history', async () => {
    await registry.load(goodFiles);
    await registry.commit({ [path]: model('fraud', 'task: classification') });
    await registry.commit({ [path]: model('fraud', 'task: guess') });
    await registry.commit({ 'README.md': 'x' });
    const snapshot = await registry.load({ [path]: '[' });
    const { found, resources } = await recover(snapshot);
    expect([...found.keys()]).toEqual(['Model/fraud']);
    expect(found.get('Model/fraud')?.spec).toEqual({ task: 'classification' });
    expect(resources.size).toBe(6);
  });

  it('finds with it what that refers to and the commit gave up', async () => {
    await registry.commit(goodFiles);
    const snapshot = await registry.load({ 'models/fraud/versions/1.0.0.yaml': null });
    const { found, resources } = await recover(snapshot);
    expect([...found.keys()].sort()).toEqual(['Deployment/dev/fraud', 'ModelVersion/fraud/1.0.0']);
    expect(resources.size).toBe(6);
  });

  it('finds what was in a file that cannot be told, wherever it lies', async () => {
    await registry.commit({ 'all.yaml': `${model('a')}---\n${model('b')}` });
    const snapshot = await registry.load({ 'all.yaml': `${model('a')}---\napiVersion: switchyard/v1\n[` });
    const { resources } = await recover(snapshot);
    expect([...resources.keys()].sort()).toEqual(['Model/a', 'Model/b']);
  });

  it('finds nothing where there was nothing', async () => {
    const snapshot = await registry.load({ [path]: '[' });
    const { found, resources } = await recover(snapshot);
    expect([found.size, resources.size]).toEqual([0, 0]);
  });

  it('does not look further back than it is told', async () => {
    await registry.commit(goodFiles);
    for (let index = 0; index < 4; index += 1) await registry.commit({ [path]: `[ # ${index}` });
    const snapshot = await registry.load({ [path]: '{' });
    const { repository } = registry;
    const options = { repository, snapshot, kinds: smallKinds, broken: snapshot.broken };
    expect((await lastGoodFromHistory({ ...options, limit: 3 })).size).toBe(0);
    expect((await lastGoodFromHistory({ ...options, limit: 5 })).has('Model/fraud')).toBe(true);
  });
});

describe('any sequence of commits', () => {
  it('never applies what is not whole, never loses what is broken, and ends in what the last commit declares', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const repository = new MemoryTree();
        let previous: Snapshot | undefined;
        let applied = nothing;
        for (const files of history) {
          previous = await loadSnapshot({
            repository,
            commit: repository.add(files),
            kinds: smallKinds,
            previous,
          });
          const result = withLastGood(previous, applied);
          const { resources, kept, refused, removed } = result;

          for (const [ref, resource] of resources) {
            // Each is as declared, or as it was applied and told why.
            if (resource !== previous.resources.get(ref)) expect(resource).toBe(applied.get(ref));
            if (resource !== previous.resources.get(ref)) expect(kept.get(ref)?.length).toBeGreaterThan(0);
            // Whatever it refers to is there.
            const kind = smallKinds.find(({ kind: name }) => name === resource.kind);
            for (const { to, optional } of kind?.references?.(resource) ?? []) {
              if (!optional && !to.endsWith('/*')) expect(resources.has(to)).toBe(true);
            }
          }
          for (const ref of previous.broken.keys()) expect(resources.has(ref)).toBe(applied.has(ref));
          for (const ref of refused.keys()) expect(resources.has(ref)).toBe(false);
          expect(removed).toEqual([...applied.keys()].filter((ref) => !resources.has(ref)).sort());
          if (previous.unidentified.length > 0) expect(removed).toEqual([]);
          if (previous.broken.size + previous.unidentified.length === 0) {
            expect(resources).toBe(previous.resources);
          }
          applied = resources;
        }
      }),
      { numRuns: 100 },
    );
  });
});
