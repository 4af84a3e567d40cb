import { setTimeout as pause } from 'node:timers/promises';
import { forgeRefused, forgeUnavailable } from '../../core/capabilities/forge-errors.ts';
import { codeOf, messageOf } from '../../core/plugin.ts';

/**
 * Does something that compares and swaps, again from its first look while other writers are first. One at a time in this
 * process: those that wait here cannot lose against each other.
 */
export class Attempts {
  readonly #fetch: () => Promise<unknown>;
  readonly #patience: number;
  #last: Promise<unknown> = Promise.resolve();

  /** `fetch` brings news of a remote registry. `patience`: milliseconds until it gives up. */
  constructor(fetch: () => Promise<unknown>, patience: number) {
    this.#fetch = fetch;
    this.#patience = patience;
  }

  /** Throws `ForgeUnavailable` when patience ends. */
  run<Result>(once: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(() => this.#try(once));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #try<Result>(once: () => Promise<Result>): Promise<Result> {
    const end = performance.now() + this.#patience;
    for (let tries = 0; ; tries++) {
      try {
        return await once();
      } catch (error) {
        if (!overtaken.has(codeOf(error))) throw translate(error);
        if (performance.now() > end)
          throw forgeUnavailable('refs/proposals', messageOf(error), { cause: error });
      }
      // What is here is as old as the last fetch where the registry is a copy of a remote one.
      if (tries > 0) await this.#news();
      await pause(Math.random() * Math.min(5 * 2 ** tries, 400));
    }
  }

  async #news(): Promise<void> {
    try {
      await this.#fetch();
    } catch (error) {
      throw translate(error);
    }
  }
}

const overtaken = new Set(['ReferenceMoved', 'ReferenceLocked']);

/** Errors of the repository in the words of a forge. */
function translate(error: unknown): unknown {
  const { where = 'the registry', hint = '' } = error as { where?: string; hint?: string };
  switch (codeOf(error)) {
    case 'RemoteUnreachable':
      return forgeUnavailable(where, messageOf(error), { cause: error });
    case 'RemoteRefused':
    case 'RemoteMissing':
    case 'RepositoryUnsupported':
    case 'CommitRefused':
    case 'PathRefused':
      return forgeRefused(where, messageOf(error), hint, error);
    default:
      return error;
  }
}
