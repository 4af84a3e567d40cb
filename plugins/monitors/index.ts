/** Watches what deployments are asked and answer, and says when it is no longer what their models were made for. */
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { predictionSink } from '../../core/capabilities/prediction-sink.ts';
import { proposer } from '../../core/capabilities/proposer.ts';
import { referenceProfiles } from '../../core/capabilities/reference-profiles.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { monitorKind } from './monitor.ts';

export const plugin = definePlugin({
  name: 'monitors',
  description: 'Watches what deployments are asked and answer.',
  kinds: [monitorKind],
  needs: {
    registries: registry,
    sinks: optional(predictionSink),
    stores: optional(artifactStore),
    profiles: optional(referenceProfiles),
    proposers: optional(proposer),
  },
  async setup(host, given) {
    const { setUpMonitors } = await import('./setup.ts');
    setUpMonitors(host, given);
  },
});
