import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSnapshot } from '../../../core/manifest/load-snapshot.ts';
import type { Snapshot } from '../../../core/manifest/snapshot.ts';
import { anyHistory } from './any-registry.ts';
import { MemoryTree } from './memory-tree.ts';
import { said } from './said.ts';
import { smallKinds } from './small-kinds.ts';

describe('any sequence of commits', () => {
  it('gives the snapshot that each of them gives when read from nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const repository = new MemoryTree();
        const cache = new Map<string, string>();
        const parseCache = {
          get: (key: string) => cache.get(key),
          put: (key: string, json: string) => void cache.set(key, json),
        };
        let previous: Snapshot | undefined;
        for (const files of history) {
          const commit = repository.add(files);
          const fromNothing = await loadSnapshot({ repository, commit, kinds: smallKinds });
          previous = await loadSnapshot({ repository, commit, kinds: smallKinds, previous });
          expect(said(previous)).toEqual(said(fromNothing));
          const cached = await loadSnapshot({ repository, commit, kinds: smallKinds, cache: parseCache });
          expect(said(cached)).toEqual(said(fromNothing));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives one entry for each document: a resource, a broken one, or a file that could hold any', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const repository = new MemoryTree();
        for (const files of history) {
          const snapshot = await loadSnapshot({
            repository,
            commit: repository.add(files),
            kinds: smallKinds,
          });
          for (const ref of snapshot.broken.keys()) {
            expect(snapshot.resources.has(ref)).toBe(false);
            expect(snapshot.issues.some((issue) => issue.ref === ref && issue.severity === 'error')).toBe(
              true,
            );
          }
          for (const path of snapshot.unidentified) {
            expect(snapshot.issues.some((issue) => issue.path === path && issue.severity === 'error')).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
