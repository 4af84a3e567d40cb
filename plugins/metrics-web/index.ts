/** Measures by JSON documents of web servers. */
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'metrics-web',
  description: 'Measures by JSON documents of web servers.',
  provides: [metricsSource],
  async setup(host) {
    const { webSettings } = await import('./settings.ts');
    const { webSource } = await import('./web-source.ts');
    host.provide(metricsSource, 'web', webSource(webSettings(host.machine.settings, process.env), Date.now));
  },
});
