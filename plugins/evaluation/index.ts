/** Runs models to judge them: each check here tries versions of a proposal in processes apart from what serves. */
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { modelTrial } from '../../core/capabilities/model-trial.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { definePlugin } from '../../core/plugin.ts';
import { goldenExamplesCheck } from './golden-examples-check.ts';
import { requestsFolder } from './machine-settings.ts';
import { metricRegressionCheck } from './metric-regression-check.ts';
import { replayCheck } from './replay-check.ts';
import { evaluationOptions, optionsSchema } from './settings.ts';
import { sizeAndLatencyCheck } from './size-and-latency-check.ts';

export const plugin = definePlugin({
  name: 'evaluation',
  description: 'Judges proposed versions by running them: examples, speed, metrics, replayed requests.',
  needs: { trials: modelTrial, stores: artifactStore },
  provides: [proposalCheck],
  options: optionsSchema,
  setup(host, { trials, stores }, block) {
    const options = evaluationOptions(block);
    const folder = requestsFolder(host.machine.settings);
    // Asked for when a check runs: whoever only plans provides nothing.
    const trial = () => trials.get(trials.names()[0] ?? 'onnxruntime');
    host.provide(proposalCheck, 'golden-examples', goldenExamplesCheck(trial, options));
    host.provide(proposalCheck, 'size-and-latency', sizeAndLatencyCheck(trial, options));
    host.provide(proposalCheck, 'metric-regression', metricRegressionCheck(trial, stores, options));
    const sources = { folder, readBlob: host.readBlob.bind(host) };
    host.provide(proposalCheck, 'replay', replayCheck(trial, sources, options));
  },
});
