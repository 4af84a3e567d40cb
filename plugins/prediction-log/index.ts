/** Keeps what models predict and what turned out to be true of it: Parquet files, queried by DuckDB in a process of its own. */
import { predictionSink } from '../../core/capabilities/prediction-sink.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'prediction-log',
  description: 'Keeps what models predict, and what turned out to be true of it.',
  needs: { registries: registry },
  provides: [predictionSink],
  async setup(host, { registries }) {
    const { setUpPredictionLog } = await import('./setup.ts');
    setUpPredictionLog(host, registries);
  },
});
