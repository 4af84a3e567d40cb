/** Measures by JSON documents of web servers. */
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { secretReader, secrets } from '../../core/capabilities/secrets.ts';
import { definePlugin, optional } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'metrics-web',
  description: 'Measures by JSON documents of web servers.',
  needs: { secrets: optional(secrets) },
  provides: [metricsSource],
  async setup(host, given) {
    const sources = { environment: process.env, ...secretReader(given.secrets) };
    const { webSettings } = await import('./settings.ts');
    const { webSource } = await import('./web-source.ts');
    host.provide(metricsSource, 'web', webSource(webSettings(host.machine.settings, sources), Date.now));
  },
});
