import { join } from 'node:path';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { forgeSuite, initialFiles, Killed } from '../../conformance/forge.ts';
import { FolderForge } from '../../fixtures/folder-forge.ts';
import { makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';

const author = { name: 'Ada', email: 'ada@example.org' };
const reviewer = { name: 'Grace', email: 'grace@example.org' };

/** What the tests of proposals stand on is held to the same promises as every forge. */
forgeSuite('the forge of the tests', async () => {
  const folder = temporaryFolder();
  const git = makeRepository(join(folder.path, 'registry'));
  git.commit({ 'README.md': 'x' });
  git.commit(initialFiles);
  git.git('checkout', '-q', '--detach');
  const repository = await openRepository(git.path);
  const base = 'refs/heads/main';
  const forgeWith = (beforeWrite?: () => void) =>
    new FolderForge({
      folder: join(folder.path, 'forge'),
      repository,
      base,
      ...(beforeWrite && { beforeWrite }),
    });
  const forge = forgeWith();
  return {
    forge,
    another: async () => forgeWith(),
    async dying(step) {
      let count = 0;
      return forgeWith(() => {
        count += 1;
        if (count >= step) throw new Killed();
      });
    },
    author,
    reviewer,
    base,
    tip: async () => String(await repository.resolve(base)),
    async moveBase(files) {
      const from = String(await repository.resolve(base));
      return repository.write({
        reference: base,
        expected: from,
        message: 'Move\n',
        author,
        changes: new Map(Object.entries(files)),
      });
    },
    pushTo: (number, files) => forge.push(number, files, reviewer),
    reviewAs: (number, verdict, head, body) => forge.review(number, { verdict, head, body, by: reviewer }),
    labelAs: (number, name, change) => forge.label(number, name, change, reviewer),
    repository: async () => repository,
    async close() {
      await repository.close();
      folder.remove();
    },
  };
});
