import type { Forge } from '../../core/capabilities/forge.ts';
import { type Gate, gate } from '../../core/capabilities/gate.ts';
import type { MetricsSource } from '../../core/capabilities/metrics-source.ts';
import { type ProposalCheck, proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { proposer } from '../../core/capabilities/proposer.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { Host, Providers } from '../../core/plugin.ts';
import { createProposals } from './engine.ts';
import { manifestsCheck } from './judging/manifests-check.ts';
import { mergeableGate } from './judging/mergeable-gate.ts';
import { proposalRoutes } from './routes.ts';
import { proposalSettings } from './settings.ts';

export interface ProposalsGiven {
  readonly registries: Providers<Registry>;
  readonly forges: Providers<Forge>;
  readonly checks: Providers<ProposalCheck>;
  readonly gates: Providers<Gate>;
  readonly sources: Providers<MetricsSource>;
}

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no judge of proposals. */
export async function setUpProposals(
  host: Host,
  { registries, forges, checks, gates, sources }: ProposalsGiven,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
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
    sources,
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
}
