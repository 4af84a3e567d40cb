import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { definePlugin, optional } from '../../core/plugin.ts';
import { analysisTemplateKind } from './analysis/analysis-template.ts';
import { analysisTemplateController } from './analysis/analysis-template-controller.ts';
import { deploymentKind } from './deployment.ts';

/** The only runtime there is; a deployment names none. */
const runtime = 'onnxruntime';

export const plugin = definePlugin({
  name: 'rollout',
  description: 'Deployments, and how traffic walks from one version to the next.',
  kinds: [deploymentKind, analysisTemplateKind],
  needs: { serving: servingRuntime, sources: optional(metricsSource) },
  async setup(host, given) {
    const { setUpRollout } = await import('./setup.ts');
    host.control(analysisTemplateKind, analysisTemplateController());
    setUpRollout(host, given.serving.get(runtime), given.sources);
  },
});
