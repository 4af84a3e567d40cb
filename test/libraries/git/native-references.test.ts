import { openRepository } from '../../../libraries/git/open-repository.ts';
import { referenceSuite } from '../../conformance/repository-references.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';

referenceSuite('native git', (path) =>
  openRepository(path, { implementation: 'native', environment: cleanEnvironment }),
);
