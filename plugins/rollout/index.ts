import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { definePlugin } from '../../core/plugin.ts';
import { deploymentKind } from './deployment.ts';
import { deploymentController } from './deployment-controller.ts';

/** The only runtime there is; a deployment names none. */
const runtime = 'onnxruntime';

export const plugin = definePlugin({
  name: 'rollout',
  description: 'Deployments, and how traffic walks from one version to the next.',
  kinds: [deploymentKind],
  needs: { serving: servingRuntime },
  setup(host, given) {
    const serving = given.serving.get(runtime);
    host.control(deploymentKind, deploymentController({ serving, machine: host.machine, now: Date.now }));
  },
});
