import type { MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import { type Controller, type Providers, ready, stalled } from '../../../core/plugin.ts';
import type { AnalysisTemplateSpec } from '../../../schemas/generated/analysis-template.ts';
import { providerOf } from './conditions.ts';

/** There is nothing to make of a template: it measures when a rollout asks. That it could not is better known before. */
export function analysisTemplateController(
  sources: Pick<Providers<MetricsSource>, 'names'>,
): Controller<AnalysisTemplateSpec> {
  return {
    async reconcile({ resource }) {
      const { metrics } = resource.spec;
      const { length } = metrics;
      const there = new Set(sources.names());
      for (const { name, provider } of metrics) {
        const [source] = providerOf(provider);
        if (there.has(source)) continue;
        const message = `${name} is asked of ${source}, and no plugin that platform.yaml names measures by it: a rollout would be held and go back`;
        return stalled('ProviderMissing', message, { facts: { metrics: length } });
      }
      const message = `measures ${length} ${length === 1 ? 'metric' : 'metrics'} where a rollout asks for it`;
      return ready('Available', message, { facts: { metrics: length } });
    },
  };
}
