/**
 * Traffic goes back at once, also where the state cannot be written: a full disk must not keep a bad version answering. What
 * was done is owed then, kept in memory, and written before anything else is decided.
 */
import type { Request } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { RolloutState } from './strategy.ts';

type Writing = Pick<Request<DeploymentSpec, RolloutState>, 'record' | 'save'>;

/** What could not be written down, in its order. */
export interface Owed {
  readonly entries: readonly Parameters<Writing['record']>[];
  /** Undefined where no state was saved after the first failure. */
  readonly state: RolloutState | undefined;
}

/** Writes as its request does until that fails once; from then on it collects, and `failure` says why. */
export class OwedWriting implements Writing {
  readonly #request: Writing;
  readonly #entries: Parameters<Writing['record']>[] = [];
  #state: RolloutState | undefined;
  failure: unknown;

  constructor(request: Writing) {
    this.#request = request;
  }

  async record(...entry: Parameters<Writing['record']>): Promise<void> {
    if (!(await this.#tried(() => this.#request.record(...entry)))) this.#entries.push(entry);
  }

  async save(state: RolloutState): Promise<void> {
    if (!(await this.#tried(() => this.#request.save(state)))) this.#state = state;
  }

  get owed(): Owed {
    return { entries: [...this.#entries], state: this.#state };
  }

  async #tried(write: () => Promise<void>): Promise<boolean> {
    if (this.failure !== undefined) return false;
    try {
      await write();
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    }
  }
}

/** Writes what is owed. Throws where that still cannot be; what was written by then is not written again. */
export async function payUp(
  request: Writing,
  { entries, state }: Owed,
  left: (owed: Owed) => void,
): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    await request.record(...entry);
    left({ entries: entries.slice(index + 1), state });
  }
  if (state !== undefined) await request.save(state);
}

/** Whether a rollout was given up: nothing but what answered before is wanted. */
export function isWayBack({ aborted, walk }: RolloutState): boolean {
  return aborted !== undefined && walk === undefined;
}
