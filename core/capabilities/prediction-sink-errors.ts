/** What a prediction sink says where it cannot do what it is asked. None of it holds a value of a prediction. */
import { SwitchyardError } from '../plugin.ts';

/** Nobody reads or writes the log now. */
export const logUnavailable = (reason: string, cause?: unknown) =>
  new SwitchyardError('LogUnavailable', `the prediction log does not answer: ${reason}`, {
    status: 503,
    hint: 'It is started anew by itself, and nothing that was handed in is lost. Ask again in a moment.',
    cause,
  });

/** The SQL cannot be run, or is no question. */
export const logQueryInvalid = (reason: string) =>
  new SwitchyardError('LogQueryInvalid', `the log cannot be asked that: ${reason}`, {
    status: 400,
    where: 'sql',
    hint: 'Write one SELECT over predictions, labels or labelled; `describe predictions` shows the columns. docs/prediction-log.md has examples.',
  });

/** The question takes more than a question may. */
export const logQueryTooLong = (reason: string) =>
  new SwitchyardError('LogQueryTooLong', `the question was given up: ${reason}`, {
    status: 422,
    where: 'sql',
    hint: 'Ask for less: a shorter time, one deployment, fewer columns. The operator may raise the limits of plugins.prediction-log.',
  });

/** Not everything could be erased. */
export const erasureIncomplete = (reason: string, cause?: unknown) =>
  new SwitchyardError('ErasureIncomplete', `not all of it is erased: ${reason}`, {
    status: 500,
    hint: 'Mend the cause and erase again: what is done already is done.',
    cause,
  });
