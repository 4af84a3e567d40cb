/** Measures by instant queries to Prometheus. */
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'metrics-prometheus',
  description: 'Measures by instant queries to Prometheus.',
  provides: [metricsSource],
  async setup(host) {
    const { prometheusSettings } = await import('./settings.ts');
    const { prometheusSource } = await import('./prometheus-source.ts');
    const settings = prometheusSettings(host.machine.settings, process.env);
    host.provide(metricsSource, 'prometheus', prometheusSource(settings));
  },
});
