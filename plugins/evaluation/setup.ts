import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import type { ModelTrial } from '../../core/capabilities/model-trial.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import type { Host, Providers } from '../../core/plugin.ts';
import { goldenExamplesCheck } from './golden-examples-check.ts';
import { requestsFolder } from './machine-settings.ts';
import { metricRegressionCheck } from './metric-regression-check.ts';
import { replayCheck } from './replay-check.ts';
import type { EvaluationOptions } from './settings.ts';
import { sizeAndLatencyCheck } from './size-and-latency-check.ts';

export interface EvaluationGiven {
  readonly trials: Providers<ModelTrial>;
  readonly stores: Providers<ArtifactStore>;
}

/** What runs of this plugin: apart from its declaration, so that reading manifests loads no check. */
export function setUpEvaluation(
  host: Host,
  { trials, stores }: EvaluationGiven,
  options: EvaluationOptions,
): void {
  const folder = requestsFolder(host.machine.settings);
  // Asked for when a check runs: whoever only plans provides nothing.
  const trial = () => trials.get(trials.names()[0] ?? 'onnxruntime');
  host.provide(proposalCheck, 'golden-examples', goldenExamplesCheck(trial, options));
  host.provide(proposalCheck, 'size-and-latency', sizeAndLatencyCheck(trial, options));
  host.provide(proposalCheck, 'metric-regression', metricRegressionCheck(trial, stores, options));
  const sources = { folder, readBlob: host.readBlob.bind(host) };
  host.provide(proposalCheck, 'replay', replayCheck(trial, sources, options));
}
