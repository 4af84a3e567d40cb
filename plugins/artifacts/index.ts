/** Reads artifacts from where manifests say that they are. */
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'artifacts',
  description: 'Reads artifacts: files of the commit itself, and what lies behind http and https.',
  provides: [artifactStore, proposalCheck],
  async setup(host) {
    const { setUpArtifacts } = await import('./setup.ts');
    setUpArtifacts(host);
  },
});
