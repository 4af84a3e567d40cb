/** What a clock says that is suddenly far ahead is not believed at once where days would be lost by it. */

const farMs = 3_600_000;
const heldMs = 24 * 3_600_000;

export class JumpedClock {
  #last: { readonly now: number; readonly uptime: number } | undefined;
  #heldUntil = Number.NEGATIVE_INFINITY;

  /** Whether the clock went ahead within the last day by more than time passed. Ask it again and again. */
  isHeld(now: number, uptime: number): boolean {
    const { now: lastNow, uptime: lastUptime } = this.#last ?? { now, uptime };
    this.#last = { now, uptime };
    if (now - lastNow - (uptime - lastUptime) > farMs) this.#heldUntil = uptime + heldMs;
    return uptime < this.#heldUntil;
  }
}
