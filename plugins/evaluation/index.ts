/** Runs models to judge them: each check here tries versions of a proposal in processes apart from what serves. */
import { artifactStore } from '../../core/capabilities/artifact-store.ts';
import { modelTrial } from '../../core/capabilities/model-trial.ts';
import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { definePlugin } from '../../core/plugin.ts';
import { evaluationOptions, optionsSchema } from './settings.ts';

export const plugin = definePlugin({
  name: 'evaluation',
  description: 'Judges proposed versions by running them: examples, speed, metrics, replayed requests.',
  needs: { trials: modelTrial, stores: artifactStore },
  provides: [proposalCheck],
  options: optionsSchema,
  async setup(host, given, block) {
    const { setUpEvaluation } = await import('./setup.ts');
    setUpEvaluation(host, given, evaluationOptions(block));
  },
});
