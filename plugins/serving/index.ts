/** Serves models with ONNX Runtime. This is the control side; `dataplane/` is what runs in the inference processes. */
import { answerCounts } from '../../core/capabilities/answer-counts.ts';
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { metricsSource } from '../../core/capabilities/metrics-source.ts';
import { modelPreview } from '../../core/capabilities/model-preview.ts';
import { modelTrial } from '../../core/capabilities/model-trial.ts';
import { predictionJobs } from '../../core/capabilities/prediction-jobs.ts';
import { predictionSink } from '../../core/capabilities/prediction-sink.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { servingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { definePlugin, optional } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'serving',
  description: 'Serves ONNX models over the Open Inference Protocol from processes of their own.',
  needs: { stores: artifactStore, sinks: optional(predictionSink), workers: optional(predictionJobs) },
  provides: [servingRuntime, modelTrial, modelPreview, metricsSource, answerCounts, proposalCheck],
  async setup(host, { stores, sinks, workers }) {
    const { setUpServing } = await import('./setup.ts');
    await setUpServing(host, stores, sinks, workers);
  },
});
