/** Requests that are asked once, however often they are sent: what inference processes know of each other's keys, they know from control. */
import type { ControlLink } from '../control/control-link.ts';
import { type Claimed, Claims, claimLimits, type KeptAnswer } from '../interface/claims.ts';
import type { KeyedResult } from '../interface/process-metrics.ts';

/** A process keeps less than control, for when that is away. */
const ownLimits = { ...claimLimits, keys: 10_000, bytes: 8 * 1024 * 1024 };
/** A request waits for control no longer. */
const patienceMs = 250;

type Control = Pick<ControlLink, 'ask' | 'tell' | 'isHeard'>;

export class Idempotence {
  readonly #control: Control | undefined;
  readonly #own = new Claims(ownLimits);
  /** Keys that control is being asked about. */
  readonly #asking = new Map<string, Promise<Claimed | undefined>>();
  /** Keys that control may hold for this process. */
  readonly #heldByControl = new Set<string>();
  readonly #counts = new Map<KeyedResult, number>();

  constructor(control: Control | undefined) {
    this.#control = control;
  }

  async claim(key: string, fingerprint: string): Promise<Claimed> {
    const known = this.#own.claim(key, fingerprint, this);
    if (known.state !== 'yours') {
      // What the one that asks control at this moment is told counts for this one, too.
      const told = known.state === 'underway' ? await this.#asking.get(key) : undefined;
      return told?.state === 'answered' ? told : known;
    }
    const asking = this.#ask(key, fingerprint);
    this.#asking.set(key, asking);
    const told = await asking;
    this.#asking.delete(key);
    if (told === undefined || told.state === 'yours') return known;
    this.#heldByControl.delete(key);
    this.#own.settle(key, this, undefined);
    return told;
  }

  async #ask(key: string, fingerprint: string): Promise<Claimed | undefined> {
    if (this.#control?.isHeard !== true) return undefined;
    this.#heldByControl.add(key);
    return this.#control.ask('claim', { key, fingerprint }, patienceMs);
  }

  /** Undefined lets go of the key. */
  settle(key: string, answer: KeptAnswer | undefined): void {
    this.#own.settle(key, this, answer);
    if (this.#control === undefined || !this.#heldByControl.delete(key)) return;
    // A key that control heard nothing more of would be under way until it is forgotten. Where answers wait to be read, this one stays here.
    this.#control.tell('settle', { key, answer: this.#control.isHeard ? answer : undefined });
  }

  count(result: KeyedResult): void {
    this.#counts.set(result, (this.#counts.get(result) ?? 0) + 1);
  }

  /** Absent results are 0. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
