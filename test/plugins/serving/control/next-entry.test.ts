import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Variant, VersionToServe } from '../../../../core/capabilities/serving-runtime.ts';
import {
  checkRoutingTable,
  type ServedDeployment,
} from '../../../../plugins/serving/dataplane/routing-table.ts';
import { nextEntry } from '../../../../plugins/serving/next-entry.ts';
import { versionResource } from '../../artifacts/resource.ts';
import { desired } from './world.ts';

function version(name: string, content = name): VersionToServe {
  const digest = `sha256:${Buffer.from(content).toString('hex').padEnd(64, '0').slice(0, 64)}`;
  return {
    version: name,
    resource: versionResource(),
    artifact: { uri: `file:${name}.onnx`, digest, size: 1 },
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    },
    examples: [],
  };
}

const routed = (entry: ServedDeployment) =>
  entry.variants.filter(({ weight }) => weight > 0).map((variant) => variant.version);

function check(entry: ServedDeployment): void {
  checkRoutingTable({ format: 1, revision: 1, publishedAt: 'now', deployments: [entry] });
}

describe('whatever is asked, fetched, loaded and lost, in whatever order', () => {
  const names = ['a', 'b', 'c', 'd'];
  const name = fc.constantFrom(...names);
  const weights = fc.constantFrom<readonly number[]>([100], [90, 10], [50, 50], [100, 0], [0, 100]);
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('ask' as const),
      versions: fc.uniqueArray(name, { minLength: 2, maxLength: 4 }),
      weights,
      maxQueue: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ kind: fc.constant('fetch' as const), name }),
    fc.record({ kind: fc.constant('evict' as const), name }),
    fc.record({ kind: fc.constant('load' as const), name }),
    fc.record({ kind: fc.constant('lose' as const), name }),
  );

  test('the table stays valid, traffic never moves to what is not ready, and all ready means all moved', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const fetched = new Set<string>();
        const ready = new Set<string>();
        let asked: ReturnType<typeof desired> | undefined;
        let last: ServedDeployment | undefined;
        const advance = () => {
          if (asked === undefined) return undefined;
          const before = last;
          const next = nextEntry({
            desired: asked,
            last,
            pathOf: ({ version: one }) => (fetched.has(one) ? `/cache/${one}` : undefined),
            isReady: (pinned) =>
              before?.versions.some(({ version: one }) => one === pinned.version) === true &&
              ready.has(pinned.version),
          });
          if (next === undefined) return undefined;
          check(next.entry);
          if (before !== undefined && routed(before).join() !== routed(next.entry).join()) {
            for (const one of routed(next.entry)) expect(ready).toContain(one);
          }
          // What answers is always pinned, so that no process lets go of it.
          const pinned = next.entry.versions.map((one) => one.version);
          expect(pinned).toEqual(expect.arrayContaining(routed(next.entry)));
          last = next.entry;
          return next;
        };
        for (const one of steps) {
          if (one.kind === 'fetch') fetched.add(one.name);
          else if (one.kind === 'evict') fetched.delete(one.name);
          else if (one.kind === 'load') ready.add(one.name);
          else if (one.kind === 'lose') ready.delete(one.name);
          else {
            const variants: Variant[] = one.weights.map((weight, index) => ({
              version: one.versions[index] ?? '',
              role: index === 0 ? 'stable' : 'candidate',
              weight,
            }));
            const limits = { maxQueue: one.maxQueue, timeoutMs: 1000 };
            asked = desired(
              one.versions.map((each) => version(each)),
              { variants, limits },
            );
          }
          advance();
        }
        for (const each of names) {
          fetched.add(each);
          ready.add(each);
        }
        advance();
        const end = advance();
        if (asked === undefined) return;
        expect(end?.isDesired).toBe(true);
        expect(end?.entry.variants).toEqual(asked.variants);
        expect(end?.entry.limits).toEqual(asked.limits);
        expect(end?.entry.versions.map((one) => one.version)).toEqual(
          asked.versions.map((one) => one.version),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a version whose content changed under its name', () => {
  const everywhere = {
    pathOf: ({ artifact }: VersionToServe) => `/cache/${artifact.digest}`,
    isReady: () => false,
  };
  const first = nextEntry({ desired: desired([version('a', 'one')]), last: undefined, ...everywhere });

  test('is published at once: it cannot be pinned beside the old content', () => {
    const next = nextEntry({ desired: desired([version('a', 'two')]), last: first?.entry, ...everywhere });
    expect(next?.isDesired).toBe(true);
    expect(next?.entry.versions.map(({ digest }) => digest)).toEqual([version('a', 'two').artifact.digest]);
  });

  test('leaves the old content pinned while the other versions of the route are not here', () => {
    const split: Variant[] = [
      { version: 'a', role: 'stable', weight: 50 },
      { version: 'b', role: 'arm', weight: 50 },
    ];
    const next = nextEntry({
      desired: desired([version('a', 'two'), version('b')], { variants: split }),
      last: first?.entry,
      pathOf: (one) => (one.version === 'a' ? '/cache/two' : undefined),
      isReady: () => false,
    });
    expect(next).toEqual({ entry: first?.entry, isDesired: false });
  });
});

test('an entry that says the same has the same generation', () => {
  const sources = { pathOf: () => '/cache/a', isReady: () => true };
  const one = nextEntry({ desired: desired([version('a')]), last: undefined, ...sources });
  const two = nextEntry({ desired: desired([version('a')]), last: one?.entry, ...sources });
  const other = nextEntry({
    desired: desired([version('a')], { commit: 'other' }),
    last: one?.entry,
    ...sources,
  });
  expect(two?.entry.generation).toBe(one?.entry.generation);
  expect(other?.entry.generation).not.toBe(one?.entry.generation);
});
