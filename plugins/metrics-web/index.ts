/** Measures by JSON documents of web servers. */
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { definePlugin } from '../../core/plugin.ts';
import { webSettings } from './settings.ts';
import { webSource } from './web-source.ts';

export const plugin = definePlugin({
  name: 'metrics-web',
  description: 'Measures by JSON documents of web servers.',
  provides: [metricsSource],
  setup(host) {
    host.provide(metricsSource, 'web', webSource(webSettings(host.machine.settings, process.env), Date.now));
  },
});
