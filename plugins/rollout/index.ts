import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { definePlugin } from '../../core/plugin.ts';
import { analysisTemplateKind } from './analysis/analysis-template.ts';
import { analysisTemplateController } from './analysis/analysis-template-controller.ts';
import { deploymentKind } from './deployment.ts';
import { deploymentController } from './deployment-controller.ts';

/** The only runtime there is; a deployment names none. */
const runtime = 'onnxruntime';

export const plugin = definePlugin({
  name: 'rollout',
  description: 'Deployments, and how traffic walks from one version to the next.',
  kinds: [deploymentKind, analysisTemplateKind],
  needs: { serving: servingRuntime },
  setup(host, given) {
    const serving = given.serving.get(runtime);
    host.control(analysisTemplateKind, analysisTemplateController());
    host.control(deploymentKind, deploymentController({ serving, machine: host.machine, now: Date.now }));
  },
});
