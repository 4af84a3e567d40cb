/** Reads artifacts from where manifests say that they are. */
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { secrets } from '../../core/capabilities/secrets.ts';
import { definePlugin, optional } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'artifacts',
  description:
    'Reads artifacts: files of the commit itself, what lies behind http and https, and objects of buckets.',
  needs: { secrets: optional(secrets), registries: optional(registry) },
  provides: [artifactStore, proposalCheck],
  async setup(host, given) {
    const { setUpArtifacts } = await import('./setup.ts');
    setUpArtifacts(host, given);
  },
});
