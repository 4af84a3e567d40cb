/** Serves models with ONNX Runtime. This is the control side; `dataplane/` is what runs in the inference processes. */
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { modelPreview } from '../../core/capabilities/model-preview.ts';
import { modelTrial } from '../../core/capabilities/model-trial.ts';
import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'serving',
  description: 'Serves ONNX models over the Open Inference Protocol from processes of their own.',
  needs: { stores: artifactStore },
  provides: [servingRuntime, modelTrial, modelPreview, metricsSource],
  async setup(host, { stores }) {
    const { setUpServing } = await import('./setup.ts');
    await setUpServing(host, stores);
  },
});
