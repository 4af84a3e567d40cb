/** Every change is a proposal: asked for, judged on its merge result, and merged when every gate allows it. */
import { forge } from '../../core/capabilities/forge.ts';
import { gate } from '../../core/capabilities/gate.ts';
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { proposer } from '../../core/capabilities/proposer.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { proposalOptions } from './settings.ts';

export const plugin = definePlugin({
  name: 'proposals',
  description: 'Proposes changes, judges what is proposed, and merges what every gate allows.',
  needs: {
    registries: registry,
    forges: forge,
    checks: proposalCheck,
    gates: gate,
    sources: optional(metricsSource),
  },
  provides: [proposer, proposalCheck, gate],
  options: proposalOptions,
  async setup(host, given, options) {
    const { setUpProposals } = await import('./setup.ts');
    await setUpProposals(host, given, options);
  },
});
