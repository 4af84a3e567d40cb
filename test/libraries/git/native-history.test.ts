import { openRepository } from '../../../libraries/git/open-repository.ts';
import { historySuite } from '../../conformance/repository-history.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';

historySuite('native git', (path) =>
  openRepository(path, { implementation: 'native', environment: cleanEnvironment }),
);
