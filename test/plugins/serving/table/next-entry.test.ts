import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Variant, VersionToServe } from '../../../../core/capabilities/serving-runtime.ts';
import { checkRoutingTable } from '../../../../plugins/serving/dataplane/interface/check-routing-table.ts';
import type { ServedDeployment } from '../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { nextEntry } from '../../../../plugins/serving/table/next-entry.ts';
import { versionResource } from '../../artifacts/resource.ts';
import { desired } from '../world.ts';

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

describe('what a declaration says', () => {
  const example = {
    name: 'golden',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [3] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [7] }],
  } as const;
  /** How one version is run. */
  const run = {
    examples: [example],
    session: { provider: 'cuda', graphOptimization: 'basic', executionMode: 'parallel', intraOpThreads: 2 },
    placement: 'worker',
    replicas: 3,
  } as const;
  const variants: Variant[] = [
    { version: 'a', role: 'stable', weight: 90 },
    { version: 'b', role: 'candidate', weight: 10 },
  ];
  const settings = {
    variants,
    rules: {
      matches: [{ all: [{ header: 'x-group', equals: 'beta' }], version: 'b' }],
      sticky: { by: { cookie: 'who' }, salt: 'salt' },
      aliases: { preview: 'b' },
    },
    batching: { maxBatchSize: 4, maxDelayMs: 5 },
    limits: {
      ...{ maxQueue: 6, timeoutMs: 7 },
      rates: [{ key: { header: 'x-tenant' }, perSecond: 8, burst: 9 }],
    },
    cache: { bytes: 10_000, ttlMs: 11 },
    logging: { sample: 0.12, redact: [{ name: 'x', by: 'drop' }] },
  } as const;
  const paths = { pathOf: ({ version: one }: VersionToServe) => `/cache/${one}` };
  const everywhere = { ...paths, isReady: () => true };
  const nowhere = { ...paths, isReady: () => false };
  const declared = desired([{ ...version('a'), ...run }, version('b')], settings);
  const { entry } = nextEntry({ desired: declared, last: undefined, ...everywhere })!;

  test('is in the entry, all of it: of the deployment, and of each version where it is run', () => {
    check(entry);
    const { model, commit } = declared;
    const pinned = (name: string) => {
      const { artifact, signature } = version(name);
      return { version: name, ...{ digest: artifact.digest, size: artifact.size, signature, examples: [] } };
    };
    expect(entry).toEqual({
      ...{ environment: 'production', name: 'bird-strike', model, commit, ...settings },
      versions: [
        { ...pinned('a'), path: '/cache/a', ...run },
        { ...pinned('b'), path: '/cache/b' },
      ],
      generation: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    // What waits for its artifact goes on with what was said before.
    const waiting = { ...nowhere, pathOf: () => undefined };
    expect(nextEntry({ desired: declared, last: entry, ...waiting })?.entry).toEqual(entry);
  });

  test.each([
    ['cache', { bytes: 10_000, ttlMs: 12 }],
    ['limits', { ...settings.limits, rates: [{ perSecond: 8, burst: 9 }] }],
    ['batching', { maxBatchSize: 4, maxDelayMs: 6 }],
    ['logging', { sample: 0.13, redact: [] }],
    ['rules', { ...settings.rules, sticky: { by: { cookie: 'who' }, salt: 'pepper' } }],
    ['cache', undefined],
    ['logging', undefined],
    ['rules', undefined],
  ])('is another generation, once all is ready, where it has another %s: %j', (name, value) => {
    const { [name as 'cache']: _, ...others } = declared;
    const changed = { ...others, ...(value === undefined ? {} : { [name]: value }) };
    const next = nextEntry({ desired: changed, last: entry, ...everywhere })!;
    check(next.entry);
    expect(next.isDesired).toBe(true);
    expect(next.entry.generation).not.toBe(entry.generation);
    expect(next.entry[name as 'cache']).toEqual(value);
    // Until then the route is what it was.
    expect(nextEntry({ desired: changed, last: entry, ...nowhere })).toEqual({ entry, isDesired: false });
  });

  test.each([
    ['session', { provider: 'cpu' }],
    ['session', undefined],
    ['placement', 'inline'],
    ['placement', undefined],
    ['replicas', 2],
    ['replicas', undefined],
    ['examples', []],
    ['signature', { ...version('a').signature, inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 1] }] }],
  ])('is a version of other content, made anew, where it has another %s: %j', (name, value) => {
    const { [name as 'session']: _, ...others } = { ...version('a'), ...run };
    const changed = { ...others, ...(value === undefined ? {} : { [name]: value }) };
    const next = nextEntry({
      desired: desired([changed, version('b')], settings),
      last: entry,
      ...nowhere,
    })!;
    expect(next.isDesired).toBe(true);
    expect(next.entry.generation).not.toBe(entry.generation);
    expect(next.entry.versions[0]![name as 'session']).toEqual(value);
  });
});
