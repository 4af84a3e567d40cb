import type { Ref } from '../../core/plugin.ts';
import type { Command } from './commands.ts';
import { commandNotTaken } from './errors.ts';

/** Something that somebody said to a rollout, waiting for its controller. */
export interface Letter {
  readonly command: Command;
  /** Called once what it did is written down. */
  readonly obeyed: (message: string) => void;
  readonly refused: (error: Error) => void;
}

/** Hands commands to the controller, which alone changes what is known of a rollout, and brings back what came of them. */
export class Mailbox {
  readonly #letters = new Map<Ref, Letter[]>();
  readonly #wake: (ref: Ref) => void;
  readonly #patienceMs: number;

  /** A command that nobody took after `patienceMs` is withdrawn. */
  constructor(wake: (ref: Ref) => void, patienceMs = 10_000) {
    this.#wake = wake;
    this.#patienceMs = patienceMs;
  }

  /** Resolves with what the command did. Rejects where it was refused or not taken, and then it did nothing. */
  send(ref: Ref, command: Command): Promise<string> {
    return new Promise((resolve, reject) => {
      const letter: Letter = {
        command,
        obeyed: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
        refused: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        const left = this.#letters.get(ref)?.filter((one) => one !== letter) ?? [];
        if (left.length === this.#letters.get(ref)?.length) return;
        this.#letters.set(ref, left);
        reject(commandNotTaken(ref));
      }, this.#patienceMs);
      this.#letters.set(ref, [...(this.#letters.get(ref) ?? []), letter]);
      this.#wake(ref);
    });
  }

  /** What was said since the last time. */
  take(ref: Ref): readonly Letter[] {
    const letters = this.#letters.get(ref) ?? [];
    this.#letters.delete(ref);
    return letters;
  }
}
