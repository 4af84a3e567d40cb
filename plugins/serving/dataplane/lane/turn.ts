import type { RunWatch } from './run-watch.ts';

/** What a request says of its turn, and how it gives it up. */
export class Turn {
  /** By `performance.now()`; holds where it is earlier than what the deployment allows. */
  deadline: number | undefined = undefined;
  /** Milliseconds that this is after the request began. */
  allowedMs = 0;
  /** From 1, which goes before all others, to 9. */
  priority: number | undefined = undefined;
  /** Told how it fares; undefined where nobody wants to know. */
  watch: RunWatch | undefined = undefined;
  /** Set once it waits: to be called when nobody waits for the answer any more. */
  leave: (() => void) | undefined = undefined;

  /** Of several times the shortest holds. */
  allow(began: number, milliseconds: number): void {
    const deadline = began + milliseconds;
    if (this.deadline !== undefined && this.deadline <= deadline) return;
    this.deadline = deadline;
    this.allowedMs = milliseconds;
  }
}
