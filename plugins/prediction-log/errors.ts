import { SwitchyardError } from '../../core/plugin.ts';

/** The operator's settings for this plugin do not make sense. */
export const invalidLogSetting = (setting: string, reason: string) =>
  new SwitchyardError('InvalidLogSetting', `${setting} ${reason}`, {
    where: `prediction-log.${setting}`,
    hint: 'See plugins/prediction-log/README.md for the settings and their values.',
  });

/** What was sent is not what the route takes. */
export const logRequestInvalid = (where: string, reason: string, hint?: string) =>
  new SwitchyardError('LogRequestInvalid', reason, {
    where,
    status: 400,
    hint: hint ?? 'See plugins/prediction-log/README.md for the routes and what they take.',
  });

/** No prediction of that id is in the log. */
export const predictionNotLogged = (id: string) =>
  new SwitchyardError('PredictionNotLogged', `the log has no prediction ${id}`, {
    where: id,
    status: 404,
    hint: 'It was not sampled, its request failed, its deployment logs nothing, or it is kept no longer. `switchyard why` tells what Git knows of its time.',
  });
