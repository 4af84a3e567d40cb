import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSnapshot } from '../../../core/manifest/load-snapshot.ts';
import { parserVersion } from '../../../core/manifest/parse.ts';
import { openParseCache } from '../../../core/manifest/parse-cache.ts';
import type { KindDefinition, Ref } from '../../../core/plugin.ts';
import { MemoryStore } from '../../../core/state/memory-store.ts';
import { anyHistory } from './any-registry.ts';
import { MemoryTree } from './memory-tree.ts';
import { said } from './said.ts';
import { smallKinds } from './small-kinds.ts';
import { deployment, environment, model, version } from './small-registry.ts';

const goodFiles = new Map([
  ['models/fraud/model.yaml', model('fraud', 'task: regression\n  card: models/fraud/card.md')],
  ['models/fraud/card.md', 'What it is for.'],
  ['models/fraud/versions/1.0.0.yaml', version('fraud', '1.0.0', 'inputs: 2')],
  ['environments/dev/environment.yaml', environment('dev')],
  ['environments/dev/fraud.yaml', deployment('fraud', 'dev', 'model: fraud, version: 1.0.0')],
]);

/** The small kinds, as a plugin has them whose rules change: the text of its functions does not tell which it follows. */
function kindsOf(
  rule: string,
  validationVersion: string | undefined,
  asked: string[] = [],
): KindDefinition[] {
  return smallKinds.map(({ validationVersion: _, ...kind }) => ({
    ...kind,
    ...(validationVersion === undefined ? {} : { validationVersion }),
    validate(resource, related) {
      asked.push(resource.ref);
      const findings = kind.validate?.(resource, related) ?? [];
      if (rule === 'as ever' || resource.metadata.name.length % 2 === 0) return findings;
      return [...findings, { code: 'OddName', pointer: '/metadata/name', message: 'its name is odd' }];
    },
  }));
}

/** One start of a process: what it reads of a commit, and the cache that it leaves. */
async function start(
  store: MemoryStore,
  repository: MemoryTree,
  commits: readonly string[],
  { kinds, code = 'code' }: { readonly kinds: readonly KindDefinition[]; readonly code?: string | undefined },
) {
  const cache = await openParseCache(store, code);
  let snapshot = await loadSnapshot({ repository, commit: commits[0] ?? '', kinds, cache });
  for (const commit of commits.slice(1)) {
    snapshot = await loadSnapshot({ repository, commit, kinds, cache, previous: snapshot });
  }
  await cache.save();
  return snapshot;
}

describe('a start after an earlier one', () => {
  it('reads nothing and asks no kind again, where commit, code and validation are the same', async () => {
    const store = new MemoryStore();
    const repository = new MemoryTree();
    const commit = repository.add(goodFiles);
    const first = await start(store, repository, [commit], { kinds: kindsOf('as ever', '1') });
    const asked: string[] = [];
    const read: string[] = [];
    class Watched extends MemoryTree {
      override tree(id: string) {
        read.push(id);
        return repository.tree(id);
      }
    }
    const watched = new Watched();
    watched.add(goodFiles);
    const again = await start(store, watched, [commit], { kinds: kindsOf('as ever', '1', asked) });
    expect(said(again)).toEqual(said(first));
    expect(again.resources.size).toBe(4);
    expect(asked).toEqual([]);
    expect(read).toEqual([]);
  });

  it('gives resources that are copied, written as JSON and frozen as any other', async () => {
    const store = new MemoryStore();
    const repository = new MemoryTree();
    const commit = repository.add(goodFiles);
    const first = await start(store, repository, [commit], { kinds: smallKinds });
    const again = await start(store, repository, [commit], { kinds: smallKinds });
    for (const [ref, resource] of again.resources) {
      const before = first.resources.get(ref);
      expect(resource).not.toBe(before);
      expect({ ...resource }).toStrictEqual(before);
      expect(structuredClone(resource)).toStrictEqual(before);
      expect(JSON.stringify(resource)).toBe(JSON.stringify(before));
      for (const part of [resource, resource.metadata, resource.spec])
        expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('asks a kind for references again where its validation has another version', async () => {
    const store = new MemoryStore();
    const repository = new MemoryTree();
    const commit = repository.add(goodFiles);
    let target = 'Environment/dev';
    const kindsAt = (validationVersion: string): KindDefinition[] =>
      smallKinds.map((kind) => ({
        ...kind,
        validationVersion,
        references: (resource) =>
          resource.kind === 'Model' ? [{ to: target as Ref, pointer: '/metadata/name' }] : [],
      }));
    await start(store, repository, [commit], { kinds: kindsAt('1') });
    target = 'ModelVersion/fraud/1.0.0';
    const same = await start(store, repository, [commit], { kinds: kindsAt('1') });
    expect([...same.referrers.keys()]).toEqual(['Environment/dev']);
    const other = await start(store, repository, [commit], { kinds: kindsAt('2') });
    expect([...other.referrers.keys()]).toEqual(['ModelVersion/fraud/1.0.0']);
  });

  it('judges what changed meanwhile, and what refers to that', async () => {
    const store = new MemoryStore();
    const repository = new MemoryTree();
    await start(store, repository, [repository.add(goodFiles)], { kinds: kindsOf('as ever', '1') });
    const asked: string[] = [];
    const files = new Map(goodFiles).set(
      'models/fraud/versions/1.0.0.yaml',
      version('fraud', '1.0.0', 'inputs: 3'),
    );
    await start(store, repository, [repository.add(files)], { kinds: kindsOf('as ever', '1', asked) });
    expect(asked.sort()).toEqual(['Deployment/dev/fraud', 'ModelVersion/fraud/1.0.0']);
  });

  it('asks a kind again whose validation has another version, or none', async () => {
    const everything = ['Deployment/dev/fraud', 'Environment/dev', 'Model/fraud', 'ModelVersion/fraud/1.0.0'];
    for (const later of ['2', undefined]) {
      const store = new MemoryStore();
      const repository = new MemoryTree();
      const commit = repository.add(goodFiles);
      await start(store, repository, [commit], { kinds: kindsOf('as ever', '1') });
      const asked: string[] = [];
      const strict = await start(store, repository, [commit], { kinds: kindsOf('odd', later, asked) });
      expect(asked.sort()).toEqual(everything);
      expect(strict.issues.map(({ code, ref }) => [code, ref])).toContainEqual(['OddName', 'Model/fraud']);
    }
  });

  it('judges all of it anew by other code, and keeps nothing of code that has no name', async () => {
    const store = new MemoryStore();
    const repository = new MemoryTree();
    const commit = repository.add(goodFiles);
    for (const code of ['code', 'other code', undefined, undefined]) {
      const asked: string[] = [];
      const cache = await openParseCache(store, code ?? '');
      const kinds = kindsOf('as ever', '1', asked);
      await loadSnapshot({ repository, commit, kinds, cache: code ? cache : { ...cache, code } });
      await cache.save();
      expect(asked).toHaveLength(4);
    }
  });

  it('gives what reading from nothing gives, whatever was committed, changed in the kinds or damaged in between', async () => {
    const asked: string[] = [];
    const rules = ['as ever', 'odd'];
    const kindSets = rules.flatMap((rule) => [kindsOf(rule, rule, asked), kindsOf(rule, undefined, asked)]);
    const mishap = fc.constantFrom('none', 'none', 'cut', 'flip', 'swap', 'drop', 'code');
    const turn = fc.record({
      mishap,
      at: fc.nat(),
      kinds: fc.constantFrom(...kindSets),
      together: fc.integer({ min: 1, max: 3 }),
    });
    let restored = 0;
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.array(turn, { minLength: 6, maxLength: 6 }), async (history, turns) => {
        const store = new MemoryStore();
        const repository = new MemoryTree();
        const commits = history.map((files) => repository.add(files));
        for (const [index, { mishap, at, kinds, together }] of turns.entries()) {
          const from = index % commits.length;
          const some = commits.slice(from, from + together);
          asked.length = 0;
          const snapshot = await start(store, repository, some, {
            kinds,
            code: mishap === 'code' ? String(at) : 'code',
          });
          if (asked.length < snapshot.resources.size) restored += 1;
          const fromNothing = await loadSnapshot({ repository, commit: some.at(-1) ?? '', kinds });
          expect(said(snapshot)).toEqual(said(fromNothing));
          await damage(store, mishap, at);
        }
      }),
      { numRuns: 80 },
    );
    expect(restored).toBeGreaterThan(50);
  });
});

/** What may become of a row of the cache. */
async function damage(store: MemoryStore, mishap: string, at: number): Promise<void> {
  const rows = [...(await store.parsed(parserVersion))];
  const [name, text] = rows[at % rows.length] ?? ['', ''];
  const [, otherText] = rows[(at + 1) % rows.length] ?? ['', ''];
  const place = at % (text.length + 1);
  const flipped = String.fromCharCode((text.charCodeAt(place) || 48) ^ 1);
  const texts: Record<string, string> = {
    cut: text.slice(0, place),
    flip: text.slice(0, place) + flipped + text.slice(place + 1),
    swap: otherText,
  };
  if (mishap === 'drop') {
    await store.pruneParsed(
      parserVersion,
      new Set(rows.map(([other]) => other).filter((other) => other !== name)),
    );
  }
  const damaged = texts[mishap];
  if (damaged !== undefined && name !== '') await store.putParsed(parserVersion, new Map([[name, damaged]]));
}
