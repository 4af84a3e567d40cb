import { openRepository } from '../../../libraries/git/open-repository.ts';
import { commitSuite } from '../../conformance/repository-commits.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';

commitSuite('isomorphic-git', (path) =>
  openRepository(path, { implementation: 'isomorphic', environment: cleanEnvironment }),
);
