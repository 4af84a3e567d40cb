import type { Events, Ref } from '../../../core/plugin.ts';

/**
 * Tells when everything that the registry declares has been looked at in the life of this process, which happens only
 * where the kernel's memory was empty: with it, the kernel knows by itself what to remove.
 */
export class Settlement {
  readonly #seen = new Set<Ref>();
  readonly #onSettled: () => void;
  #resources: number | undefined;
  #isSettled = false;

  constructor(onSettled: () => void) {
    this.#onSettled = onSettled;
  }

  applied({ resources, issues }: Events['snapshot.applied']): void {
    // While a document cannot be read, nobody knows what it declares.
    this.#resources = issues === 0 ? resources : undefined;
    this.#check();
  }

  status(ref: Ref): void {
    this.#seen.add(ref);
    this.#check();
  }

  removed(ref: Ref): void {
    this.#seen.delete(ref);
  }

  /** Whether a resource of that scope and name was seen, of whatever kind. */
  hasSeen(scope: string, name: string): boolean {
    const end = `/${scope}/${name}`;
    for (const ref of this.#seen) if (ref.endsWith(end)) return true;
    return false;
  }

  #check(): void {
    if (this.#isSettled || this.#resources === undefined || this.#seen.size < this.#resources) return;
    this.#isSettled = true;
    this.#onSettled();
  }
}
