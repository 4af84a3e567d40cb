import { type Controller, ready } from '../../../core/plugin.ts';
import type { AnalysisTemplateSpec } from '../../../schemas/generated/analysis-template.ts';

/** There is nothing to make of a template: it measures when a rollout asks. */
export function analysisTemplateController(): Controller<AnalysisTemplateSpec> {
  return {
    async reconcile({ resource }) {
      const { length } = resource.spec.metrics;
      const message = `measures ${length} ${length === 1 ? 'metric' : 'metrics'} where a rollout asks for it`;
      return ready('Available', message, { facts: { metrics: length } });
    },
  };
}
