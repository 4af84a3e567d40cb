/** Tells people what needs them: rules, routes, and what became of it. */
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { notifier } from '../../core/capabilities/notifier.ts';
import { predictionSink } from '../../core/capabilities/prediction-sink.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { secrets } from '../../core/capabilities/secrets.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { alertRouteKind } from './alert-route.ts';
import { alertRuleKind } from './alert-rule.ts';

export const plugin = definePlugin({
  name: 'alerting',
  description: 'Tells people what needs them: rules, routes, acknowledgement.',
  kinds: [alertRuleKind, alertRouteKind],
  needs: {
    registries: registry,
    notifiers: optional(notifier),
    sources: optional(metricsSource),
    secrets: optional(secrets),
    sinks: optional(predictionSink),
  },
  async setup(host, given) {
    const { setUpAlerting } = await import('./setup.ts');
    setUpAlerting(host, given);
  },
});
