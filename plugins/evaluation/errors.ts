import { SwitchyardError } from '../../core/plugin.ts';

/**
 * The evaluation set, as the base branch declares it, cannot be used. It is no fault of the proposal, and none of the platform:
 * the check ends as `error` with these words.
 */
export function evaluationSetUnusable(where: string, message: string): SwitchyardError {
  return new SwitchyardError('EvaluationSetUnusable', message, {
    where,
    status: 422,
    hint: 'Correct spec.evaluation of the model, or the dataset, on the base branch.',
  });
}

/** A file of requests to replay cannot be read. */
export function requestsUnusable(where: string, message: string): SwitchyardError {
  return new SwitchyardError('RequestsUnusable', message, {
    where,
    status: 422,
    hint: 'Each line is one Open Inference request in JSON: {"inputs": [{"name", "datatype", "shape", "data"}]}.',
  });
}

/** The operator's settings for this plugin do not make sense. */
export function invalidEvaluationSetting(setting: string, reason: string): SwitchyardError {
  return new SwitchyardError('InvalidEvaluationSetting', `${setting} ${reason}`, {
    where: `evaluation.${setting}`,
    hint: 'See plugins/evaluation/README.md for the settings and their values.',
  });
}
