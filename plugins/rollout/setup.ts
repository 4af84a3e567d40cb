import type { MetricsSource } from '../../core/capabilities/metrics-source.ts';
import type { ServingRuntime } from '../../core/capabilities/serving-runtime.ts';
import type { Host, Providers, Ref } from '../../core/plugin.ts';
import { Analyses } from './analysis/analyses.ts';
import { deploymentKind } from './deployment.ts';
import { deploymentController } from './deployment-controller.ts';
import { Mailbox } from './mailbox.ts';
import { rolloutRoutes } from './routes.ts';
import { steadyClock } from './steady-clock.ts';

/** Puts the parts together: the controller walks, the routes hand it what people say. */
export function setUpRollout(host: Host, serving: ServingRuntime, sources: Providers<MetricsSource>): void {
  const { machine } = host;
  const now = steadyClock();
  const mailbox = new Mailbox((ref) => host.wake(ref));
  const analyses = new Analyses({ sources, wake: (ref) => host.wake(ref), now });
  host.onStop(() => analyses.close());
  const known = new Set<Ref>();
  host.control(deploymentKind, deploymentController({ serving, machine, mailbox, analyses, known, now }));
  host.routes(rolloutRoutes({ mailbox, machine, isKnown: (ref) => known.has(ref), now }));
}
