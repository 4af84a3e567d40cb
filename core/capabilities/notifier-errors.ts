/** What a notifier says where it cannot tell. None of it holds a secret. */
import { SwitchyardError } from '../plugin.ts';

/** Not taken now; trying again may help. `retryAfterMs`: when it said so. */
export function notifierUnreachable(
  where: string,
  reason: string,
  more: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
): SwitchyardError & { readonly retryAfterMs?: number } {
  const error = new SwitchyardError('NotifierUnreachable', `nobody can be told: ${reason}`, {
    where,
    status: 502,
    hint: 'It is tried again by itself. If it goes on, see that this machine reaches the receiver.',
    cause: more.cause,
  });
  return more.retryAfterMs === undefined ? error : Object.assign(error, { retryAfterMs: more.retryAfterMs });
}

/** The receiver says no, and will say no again until somebody changes something. */
export const notifierRefused = (where: string, reason: string, hint: string) =>
  new SwitchyardError('NotifierRefused', `the receiver refuses: ${reason}`, { where, status: 403, hint });
