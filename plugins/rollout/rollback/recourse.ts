import type { Proposal } from '../../../core/capabilities/forge.ts';

/**
 * How far the proposal that puts Git right has come. JSON, kept with what was given up: it goes when that goes.
 *
 * `none`: nothing here makes proposals. `queued`: written down, the forge is away. `refused`: it could not be proposed, and
 * is tried again. `declined`: a person closed it without merging, and now has to say what is to come of the version.
 */
export interface Recourse {
  readonly state: 'none' | 'queued' | 'refused' | 'open' | 'merged' | 'declined';
  readonly number?: number;
  readonly url?: string;
  /** Why it is queued or refused. */
  readonly reason?: string;
  /** Who closed it. */
  readonly by?: string;
  /** The journal's entry of the rollback, which the proposal names. */
  readonly entry?: number;
  /** When its deadline was found to be over, in milliseconds since 1970. */
  readonly overdueAt?: number;
}

/** What a proposal on the forge says. One that a newer took the place of is not the latest, and never comes here. */
export function recourseOf({ number, url, state, closedBy }: Proposal): Recourse {
  const about = { number, ...(url === undefined ? {} : { url }) };
  if (state !== 'closed') return { ...about, state };
  return { ...about, state: 'declined', ...(closedBy === undefined ? {} : { by: closedBy.name }) };
}
