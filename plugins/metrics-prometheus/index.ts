/** Measures by instant queries to Prometheus. */
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { definePlugin } from '../../core/plugin.ts';
import { prometheusSource } from './prometheus-source.ts';
import { prometheusSettings } from './settings.ts';

export const plugin = definePlugin({
  name: 'metrics-prometheus',
  description: 'Measures by instant queries to Prometheus.',
  provides: [metricsSource],
  setup(host) {
    const settings = prometheusSettings(host.machine.settings, process.env);
    host.provide(metricsSource, 'prometheus', prometheusSource(settings));
  },
});
