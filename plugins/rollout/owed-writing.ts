/**
 * Traffic goes back at once, also where the state cannot be written: a full disk must not keep a bad version answering. What
 * was done is owed then, kept in memory, and written before anything else is decided.
 */
import type { Ref } from '../../core/plugin.ts';
import type { DeploymentRequest } from './deployment-request.ts';
import type { RolloutState } from './strategy.ts';

type Pen = Pick<DeploymentRequest, 'record' | 'save'>;
type Entry = Parameters<Pen['record']>;

/** What could not be written down, in its order. */
interface Owed {
  readonly entries: readonly Entry[];
  readonly state: RolloutState | undefined;
}

/** What ways back owe to the state and the journal, by deployment. */
export class Debts {
  readonly #owed = new Map<Ref, Owed>();

  /**
   * What the look at a deployment writes with, once what an earlier one owes is written. Throws where that still cannot be; what
   * was written by then is not written again.
   */
  async pen(request: DeploymentRequest): Promise<OwedWriting> {
    const { ref } = request.resource;
    const owed = this.#owed.get(ref);
    if (owed === undefined) return new OwedWriting(request, request.cell, this);
    const { entries, state } = owed;
    for (const [index, entry] of entries.entries()) {
      await request.record(...entry);
      this.owe(ref, { entries: entries.slice(index + 1), state });
    }
    if (state !== undefined) await request.save(state);
    this.forget(ref);
    return new OwedWriting(request, state ?? request.cell, this);
  }

  owe(ref: Ref, owed: Owed): void {
    this.#owed.set(ref, owed);
  }

  forget(ref: Ref): void {
    this.#owed.delete(ref);
  }
}

/** Writes as its request does until that fails once; from then on it collects, and `failure` says why. */
export class OwedWriting implements Pen {
  /** What is known of the deployment as this begins. */
  readonly cell: RolloutState | undefined;
  failure: unknown;
  readonly #request: DeploymentRequest;
  readonly #debts: Debts;
  readonly #entries: Entry[] = [];

  constructor(request: DeploymentRequest, cell: RolloutState | undefined, debts: Debts) {
    this.#request = request;
    this.cell = cell;
    this.#debts = debts;
  }

  async record(...entry: Entry): Promise<void> {
    if (!(await this.#tried(() => this.#request.record(...entry)))) this.#entries.push(entry);
  }

  async save(state: RolloutState): Promise<void> {
    await this.#tried(() => this.#request.save(state));
  }

  /** Whether that state may be acted on: it is written down, or a way back, which is taken all the same. */
  allows(state: RolloutState): boolean {
    return this.failure === undefined || isWayBack(state);
  }

  /** Remembers that the state is acted on although it could not be written; nothing where it could. */
  owe(state: RolloutState): void {
    if (this.failure === undefined) return;
    this.#debts.owe(this.#request.resource.ref, { entries: [...this.#entries], state });
  }

  /** Throws what writing failed with: once traffic is back, that is what has to be told. */
  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
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

/** Whether a rollout was given up: nothing but what answered before is wanted. */
function isWayBack({ aborted, walk }: RolloutState): boolean {
  return aborted !== undefined && walk === undefined;
}
