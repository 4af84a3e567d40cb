import { openRepository } from '../../../libraries/git/open-repository.ts';
import { repositorySuite } from '../../conformance/repository.ts';
import { cleanEnvironment } from '../../fixtures/git-repository.ts';

repositorySuite({
  name: 'isomorphic-git',
  open: (path) => openRepository(path, { implementation: 'isomorphic', environment: cleanEnvironment }),
  refuses: ['sha256', 'reftable', 'alternates', 'linked work trees', 'partial clones'],
});
