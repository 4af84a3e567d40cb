/** Every change is a proposal: asked for, judged on its merge result, and merged when every gate allows it. */
import { forge } from '../../core/capabilities/forge.ts';
import { gate } from '../../core/capabilities/gate.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { proposer } from '../../core/capabilities/proposer.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';
import { createProposals } from './engine.ts';
import { manifestsCheck } from './judging/manifests-check.ts';
import { mergeableGate } from './judging/mergeable-gate.ts';
import { proposalRoutes } from './routes.ts';
import { proposalOptions, proposalSettings } from './settings.ts';

export const plugin = definePlugin({
  name: 'proposals',
  description: 'Proposes changes, judges what is proposed, and merges what every gate allows.',
  needs: { registries: registry, forges: forge, checks: proposalCheck, gates: gate },
  provides: [proposer, proposalCheck, gate],
  options: proposalOptions,
  async setup(host, { registries, forges, checks, gates }, options) {
    host.provide(proposalCheck, 'manifests', manifestsCheck);
    host.provide(
      gate,
      'mergeable',
      mergeableGate(() => gates.names().length === 1),
    );
    const forgeName = typeof options.forge === 'string' ? options.forge : 'git';
    const proposals = await createProposals({
      registry: registries.get('registry'),
      forge: forges.get(forgeName),
      forgeName,
      checks,
      gates,
      folder: host.machine.folder,
      log: host.log,
      now: () => Date.now(),
      settings: proposalSettings(options),
    });
    host.provide(proposer, 'proposals', proposals);
    host.routes(proposalRoutes(proposals));
    host.metrics(async () => proposals.metrics());
    // The registry can be read once it is there.
    host.on('snapshot.applied', () => proposals.start());
    host.on('snapshot.held', () => proposals.look());
    host.onStop(() => proposals.stop());
  },
});
