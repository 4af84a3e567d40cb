import { join } from 'node:path';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import type { Repository } from '../../../libraries/git/repository.ts';
import { GitForge } from '../../../plugins/forge-git/git-forge.ts';
import { type ForgeUnderTest, initialFiles, Killed } from '../../conformance/forge.ts';
import {
  type GitRepository,
  makeRepository,
  temporaryFolder,
  useRepository,
} from '../../fixtures/git-repository.ts';

export const ada = { name: 'Ada', email: 'ada@example.org' };
export const grace = { name: 'Grace', email: 'grace@example.org' };

type Implementation = 'native' | 'isomorphic';

export interface ForgeWorld extends ForgeUnderTest {
  readonly forge: GitForge;
  /** Driven by the real git. */
  readonly real: GitRepository;
  /** A folder that goes with the world. */
  readonly folder: string;
  open(path?: string): Promise<GitForge>;
}

/** A registry with a few commits, and the embedded forge over it. */
export async function forgeWorld(implementation: Implementation): Promise<ForgeWorld> {
  const folder = temporaryFolder();
  const real = makeRepository(join(folder.path, 'registry'));
  real.commit({ 'platform.yaml': 'kind: Platform\n' }, 'begin');
  real.commit(initialFiles, 'add manifests');
  const opened: { close(): Promise<void> }[] = [];
  const use = async (path = real.path): Promise<Repository> => {
    const repository = await openRepository(path, { implementation });
    opened.push(repository);
    return repository;
  };
  const open = async (path?: string, wrap = (one: Repository) => one) => {
    const repository = wrap(await use(path));
    const forge = new GitForge({ repository, base: 'refs/heads/main' });
    opened.push({ close: () => forge.stop() });
    return forge;
  };
  const forge = await open();
  const commitTo = (reference: string, files: Readonly<Record<string, string>>) => {
    const work = join(folder.path, 'work');
    real.git('worktree', 'add', '-q', '--detach', work, reference);
    const commit = useRepository(work).commit(files);
    real.git('worktree', 'remove', '--force', work);
    real.git('update-ref', reference, commit);
    return commit;
  };
  return {
    forge,
    real,
    folder: folder.path,
    open,
    another: () => open(),
    dying: (step) => open(undefined, (one) => dyingRepository(one, step)),
    author: ada,
    reviewer: grace,
    base: 'refs/heads/main',
    tip: async () => real.git('rev-parse', 'refs/heads/main'),
    moveBase: async (files) => commitTo('refs/heads/main', files),
    pushTo: async (number, files) => commitTo(`refs/proposals/${number}/head`, files),
    async reviewAs(number, verdict, head, body) {
      await (await open()).review(number, { verdict, head, body, by: grace });
    },
    async labelAs(number, name, change) {
      await (await open()).label(number, name, change, grace);
    },
    repository: () => use(),
    async close() {
      for (const one of opened.splice(0).reverse()) await one.close();
      folder.remove();
    },
  };
}

/**
 * A repository that stops, with all that would follow, before its write number `step`. References move one by one, in
 * the order asked: what a file system without transactions would leave behind is the worst case.
 */
export function dyingRepository(repository: Repository, step: number): Repository {
  let writes = 0;
  const write = () => {
    writes += 1;
    if (writes >= step) throw new Killed();
  };
  return new Proxy(repository, {
    get(target, name) {
      if (name === 'makeCommit') {
        return async (...given: Parameters<Repository['makeCommit']>) => {
          write();
          return target.makeCommit(...given);
        };
      }
      if (name === 'makeCommits') {
        return async (drafts: Parameters<Repository['makeCommits']>[0]) => {
          const made: string[] = [];
          for (const draft of drafts) {
            write();
            made.push(await target.makeCommit(draft(made)));
          }
          return made;
        };
      }
      if (name === 'updateReferences') {
        return async (updates: Parameters<Repository['updateReferences']>[0]) => {
          for (const update of updates) {
            write();
            await target.updateReferences([update]);
          }
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
