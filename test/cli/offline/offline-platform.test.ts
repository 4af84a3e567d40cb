import { openOfflinePlatform } from '../../../cli/offline/offline-platform.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { registrySuite } from '../../conformance/registry.ts';
import { widgetPlugin } from '../../fixtures/yard.ts';

registrySuite('a clone alone', async (yard) => {
  const repository = await openRepository(yard.registry);
  const platform = await openOfflinePlatform({
    repository,
    reference: 'refs/heads/main',
    plugins: [{ definition: widgetPlugin(yard.world), options: {} }],
    settings: () => ({}),
    log: yard.log,
    remote: undefined,
    root: yard.registry,
  });
  return {
    registry: platform.registry,
    async close() {
      await platform.close();
      await repository.close();
    },
  };
});
