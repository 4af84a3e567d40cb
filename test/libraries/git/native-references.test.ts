import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { referenceSuite } from '../../conformance/repository-references.ts';
import { cleanEnvironment, makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';

referenceSuite('native git', (path) =>
  openRepository(path, { implementation: 'native', environment: cleanEnvironment }),
);

it('packs references as they grow in number, so that a list of them stays quick', async () => {
  const folder = temporaryFolder();
  const real = makeRepository(join(folder.path, 'registry'));
  const commit = real.commit({ a: '1' });
  const repository = await openRepository(real.path, { environment: cleanEnvironment });
  try {
    const updates = Array.from({ length: 300 }, (_, index) => ({
      reference: `refs/proposals/${index}/head`,
      from: null,
      to: commit,
    }));
    await repository.updateReferences(updates);
    const files = readdirSync(join(real.path, '.git/refs'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('head'))).toEqual([]);
    expect((await repository.references('refs/proposals/')).size).toBe(300);
  } finally {
    await repository.close();
    folder.remove();
  }
});
