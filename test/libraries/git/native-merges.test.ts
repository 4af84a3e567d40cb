import { openRepository } from '../../../libraries/git/open-repository.ts';
import { mergeSuite } from '../../conformance/repository-merges.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';

mergeSuite('native git', (path) =>
  openRepository(path, { implementation: 'native', environment: cleanEnvironment }),
);
