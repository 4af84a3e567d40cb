/** Measures by instant queries to Prometheus. */
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { secretReader, secrets } from '../../core/capabilities/secrets.ts';
import { definePlugin, optional } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'metrics-prometheus',
  description: 'Measures by instant queries to Prometheus.',
  needs: { secrets: optional(secrets) },
  provides: [metricsSource],
  async setup(host, given) {
    const sources = { environment: process.env, ...secretReader(given.secrets) };
    const { prometheusSettings } = await import('./settings.ts');
    const { prometheusSource } = await import('./prometheus-source.ts');
    const settings = prometheusSettings(host.machine.settings, sources);
    host.provide(metricsSource, 'prometheus', prometheusSource(settings));
  },
});
