/** The errors that every forge throws, so that one code has one function whoever provides it. */
import { SwitchyardError } from '../plugin.ts';

/** The forge does not answer, or asks to wait. `retryAfterMs`: when it said so. */
export function forgeUnavailable(
  where: string,
  reason: string,
  more: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
): SwitchyardError & { readonly retryAfterMs?: number } {
  const error = new SwitchyardError('ForgeUnavailable', `the forge cannot be asked now: ${reason}`, {
    where,
    status: 503,
    hint: 'It is asked again by itself. If it goes on, look at the network and at the forge.',
    cause: more.cause,
  });
  return more.retryAfterMs === undefined ? error : Object.assign(error, { retryAfterMs: more.retryAfterMs });
}

/** The forge says no, and will say no again. */
export function forgeRefused(where: string, reason: string, hint: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('ForgeRefused', `the forge refuses: ${reason}`, {
    where,
    status: 403,
    hint,
    cause,
  });
}

/** There is no proposal of that number. */
export function proposalNotFound(number: number): SwitchyardError {
  return new SwitchyardError('ProposalNotFound', `there is no proposal ${number}`, {
    where: `proposal ${number}`,
    status: 404,
    hint: '`switchyard proposals` lists them.',
  });
}

/** What lies where the proposal should be cannot be read as one. */
export function proposalBroken(number: number, reason: string): SwitchyardError {
  return new SwitchyardError('ProposalBroken', `proposal ${number} cannot be read: ${reason}`, {
    where: `proposal ${number}`,
    status: 422,
    hint: 'Restore its references from another clone, or delete them: docs/forges/git.md says how.',
  });
}

/** An open proposal has the same key and says something else. */
export function proposalExists(key: string, number: number): SwitchyardError & { readonly number: number } {
  const error = new SwitchyardError('ProposalExists', `proposal ${number} is open for ${key} already`, {
    where: `proposal ${number}`,
    status: 409,
    hint: 'Update that one, or close it as superseded first.',
  });
  return Object.assign(error, { number });
}

/** Head or base is another than the caller judged. Nothing was done. */
export function proposalMoved(
  number: number,
  what: 'head' | 'base',
  expected: string,
  actual: string | undefined,
): SwitchyardError {
  const message = `the ${what} of proposal ${number} is at ${actual ?? 'nothing'}, not at ${expected}`;
  return new SwitchyardError('ProposalMoved', message, {
    where: `proposal ${number}`,
    status: 409,
    hint: 'Look at it again: what was judged is not what is there now.',
  });
}

/** It was merged, so this cannot be done any more. */
export function proposalMerged(number: number, commit: string): SwitchyardError {
  return new SwitchyardError('ProposalMerged', `proposal ${number} was merged as ${commit}`, {
    where: `proposal ${number}`,
    status: 409,
    hint: 'To take it back, propose the change that reverts it.',
  });
}

/** It was closed, so this cannot be done any more. */
export function proposalClosed(number: number): SwitchyardError {
  return new SwitchyardError('ProposalClosed', `proposal ${number} is closed`, {
    where: `proposal ${number}`,
    status: 409,
    hint: 'Open a new one.',
  });
}

/** Head and base changed the same places. */
export function mergeConflict(
  number: number,
  paths: readonly string[],
): SwitchyardError & { readonly paths: readonly string[] } {
  const shown = paths.slice(0, 10).join(', ') + (paths.length > 10 ? ', …' : '');
  const error = new SwitchyardError(
    'MergeConflict',
    `proposal ${number} conflicts with its base in ${shown}`,
    {
      where: `proposal ${number}`,
      status: 409,
      hint: 'Make the change anew on the newest base.',
    },
  );
  return Object.assign(error, { paths });
}

/** The forge lets people review only where it can see who they are. */
export function reviewElsewhere(number: number, url: string): SwitchyardError & { readonly url: string } {
  const error = new SwitchyardError('ReviewElsewhere', `proposal ${number} is reviewed on its page: ${url}`, {
    where: url,
    status: 409,
    hint: 'Open the page and review there.',
  });
  return Object.assign(error, { url });
}
