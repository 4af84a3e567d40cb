/** Keeps what models predict and what turned out to be true of it: Parquet files on this machine and in a bucket, queried by DuckDB in a process of its own. */
import { predictionSink } from '../../core/capabilities/prediction-sink.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { secrets } from '../../core/capabilities/secrets.ts';
import { definePlugin, optional } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'prediction-log',
  description: 'Keeps what models predict, and what turned out to be true of it.',
  needs: { registries: registry, secrets: optional(secrets) },
  provides: [predictionSink],
  async setup(host, given) {
    const { setUpPredictionLog } = await import('./setup.ts');
    setUpPredictionLog(host, given);
  },
});
