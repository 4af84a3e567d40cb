/** What an inference process cannot begin or go on with. Its log is told, not its clients. */
import { messageOf, SwitchyardError } from '../../../../core/plugin.ts';

export function tableUnreadable(path: string, cause: unknown): SwitchyardError {
  const message = messageOf(cause);
  return new SwitchyardError('TableUnreadable', `the routing table cannot be read: ${message}`, {
    where: path,
    cause,
  });
}

export function invalidOption(option: string, message: string): SwitchyardError {
  return new SwitchyardError('InvalidOption', `${option} ${message}`, { where: option });
}

/** Told to control, and to nobody who asks: they were answered before. */
export function runStuck(): SwitchyardError {
  return new SwitchyardError('RunStuck', 'a run of the model does not end');
}
