/** The bytes of bodies that all requests of the process hold at one time. */
export class BodyBudget {
  readonly #most: number;
  #held = 0;

  constructor(bytes: number) {
    this.#most = bytes;
  }

  get held(): number {
    return this.#held;
  }

  /** Whether so many more bytes could be held now. */
  hasRoomFor(bytes: number): boolean {
    return this.#held + bytes <= this.#most;
  }

  /** Takes bytes, all or none; false where there is no room. Whoever takes them gives them back. */
  take(bytes: number): boolean {
    if (!this.hasRoomFor(bytes)) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}
