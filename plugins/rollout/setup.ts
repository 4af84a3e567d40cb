import type { MetricsSource } from '../../core/capabilities/metrics-source.ts';
import type { Proposer } from '../../core/capabilities/proposer.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { ServiceLevels } from '../../core/capabilities/service-levels.ts';
import type { ServingRuntime } from '../../core/capabilities/serving-runtime.ts';
import type { Host, Providers, Ref } from '../../core/plugin.ts';
import { steadyClock } from '../../libraries/steady-clock/index.ts';
import { Analyses } from './analysis/analyses.ts';
import { deploymentKind } from './deployment.ts';
import { deploymentController } from './deployment-controller.ts';
import { Mailbox } from './mailbox.ts';
import type { RolloutOptions } from './options.ts';
import { promotionProposals } from './promotion/propose-promotions.ts';
import { GitRepair } from './rollback/git-repair.ts';
import { RolloutMetrics } from './rollout-metrics.ts';
import { rolloutRoutes } from './routes.ts';

export interface RolloutGiven {
  readonly serving: ServingRuntime;
  readonly sources: Providers<MetricsSource>;
  /** Where changes of the registry can be proposed. */
  readonly proposer?: Proposer;
  readonly registry?: Registry;
  readonly levels?: ServiceLevels;
}

/** Puts the parts together: the controller walks, the routes hand it what people say. */
export function setUpRollout(host: Host, given: RolloutGiven, { rollbackDeadlineMs }: RolloutOptions): void {
  const { machine, log } = host;
  const { serving, sources, proposer, registry, levels } = given;
  const now = steadyClock();
  const mailbox = new Mailbox((ref) => host.wake(ref));
  const analyses = new Analyses({ sources, wake: (ref) => host.wake(ref), now });
  host.onStop(() => analyses.close());
  const known = new Set<Ref>();
  const metrics = new RolloutMetrics();
  host.metrics(() => metrics.collect());
  const journal = registry?.journal.bind(registry);
  const repair = new GitRepair({ proposer, journal, log, now });
  // What becomes of a proposal about a deployment is news to it.
  host.on('journal.appended', ({ entry: { type, ref } }) => {
    if (ref === null || !type.startsWith('proposal.') || !known.has(ref)) return;
    repair.heard(ref);
    host.wake(ref);
  });
  if (proposer !== undefined && registry !== undefined) {
    host.every('* * * * *', promotionProposals({ proposer, registry, log, now }));
  }
  const rollbacks = { repair, proposer, deadlineMs: rollbackDeadlineMs };
  const controller = deploymentController({
    serving,
    machine,
    mailbox,
    analyses,
    rollbacks,
    journal,
    metrics,
    levels,
    known,
    now,
  });
  host.control(deploymentKind, controller);
  host.routes(rolloutRoutes({ mailbox, machine, isKnown: (ref) => known.has(ref), now }));
}
