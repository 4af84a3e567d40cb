import { openRepository } from '../../../core/source/open-repository.ts';
import { repositorySuite } from '../../conformance/repository.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';

repositorySuite({
  name: 'native git',
  open: (path) => openRepository(path, { implementation: 'native', environment: cleanEnvironment }),
  refuses: [],
});
