import type { MetricsSource } from '../../core/capabilities/metrics-source.ts';
import type { Notifier } from '../../core/capabilities/notifier.ts';
import type { PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { SecretRef, Secrets } from '../../core/capabilities/secrets.ts';
import type { Host, Providers, Ref } from '../../core/plugin.ts';
import { alertRouteKind } from './alert-route.ts';
import { alertRouteController } from './alert-route-controller.ts';
import { alertRuleKind } from './alert-rule.ts';
import { alertRuleController } from './alert-rule-controller.ts';
import { Alerting } from './alerting.ts';
import { systemClock } from './clock.ts';
import { diskSpace } from './disk.ts';
import { operatorSecretMissing } from './errors.ts';
import { exposition } from './metrics.ts';
import { operatorRef, operatorRoute } from './operator-route.ts';
import { alertingRoutes } from './routes.ts';

export interface AlertingGiven {
  readonly registries: Providers<Registry>;
  readonly notifiers: Providers<Notifier>;
  readonly sources: Providers<MetricsSource>;
  readonly secrets: Providers<Secrets>;
  readonly sinks: Providers<PredictionSink>;
}

/** What runs of this plugin: apart from its declaration, so that reading manifests loads none of it. */
export function setUpAlerting(host: Host, given: AlertingGiven, clock = systemClock): Alerting {
  const { notifiers, sources, secrets, sinks } = given;
  const registry = given.registries.get('registry');
  const always = operatorRoute(host.machine.settings);
  const readSecret = async (ref: SecretRef, usedBy: Ref) => {
    if (usedBy !== operatorRef) return (await secrets.get('registry').read(ref, { usedBy })).reveal();
    const text = process.env[ref.key];
    if (text === undefined || text === '') throw operatorSecretMissing(ref.key);
    return text;
  };
  const alerting = new Alerting({
    registry,
    notifiers,
    sources,
    readSecret,
    wake: (ref) => host.wake(ref),
    folder: host.machine.folder,
    disk: () => diskSpace(host.machine.folder),
    predictionLog: () => Object.assign({}, ...sinks.names().map((name) => sinks.get(name).trouble())),
    log: host.log,
    clock,
  });
  const { watch, dispatch, memory } = alerting;
  if (always !== undefined) dispatch.setRoute(always);
  host.control(alertRuleKind, alertRuleController(alerting));
  host.control(alertRouteKind, alertRouteController({ dispatch, memory, notifiers, readSecret }));
  host.on('snapshot.applied', () => watch.snapshotMoved());
  host.on('snapshot.held', () => watch.snapshotMoved());
  host.on('resource.status', ({ ref }) => watch.statusChanged(ref));
  host.on('resource.removed', ({ ref }) => watch.statusChanged(ref));
  host.on('journal.appended', ({ entry }) => watch.entryAppended(entry));
  host.routes(alertingRoutes(alerting));
  host.metrics(async () => exposition(alerting));
  host.onStart(() => alerting.start());
  host.onStop(() => alerting.stop());
  return alerting;
}
