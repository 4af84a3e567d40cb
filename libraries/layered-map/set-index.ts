import { LayeredMap } from './index.ts';

/** For each key the members that belong to it; an edited copy shares all that was not touched. */
export type SetIndex = LayeredMap<string, ReadonlySet<string>>;

export const emptyIndex: SetIndex = LayeredMap.of(new Map());

/** Collects edits of an index. */
export class SetIndexEdit {
  readonly #before: SetIndex;
  readonly #touched = new Map<string, Set<string>>();

  constructor(before: SetIndex) {
    this.#before = before;
  }

  /** Makes a member that belonged to some keys belong to others. */
  move(member: string, from: readonly string[], to: readonly string[]): void {
    for (const key of from) if (!to.includes(key)) this.#edit(key).delete(member);
    for (const key of to) if (!from.includes(key)) this.#edit(key).add(member);
  }

  /** Makes a member belong to one more key. */
  add(member: string, key: string): void {
    this.#edit(key).add(member);
  }

  get(key: string): ReadonlySet<string> {
    return this.#touched.get(key) ?? this.#before.get(key) ?? nobody;
  }

  done(): SetIndex {
    const changes = new Map<string, ReadonlySet<string> | undefined>();
    for (const [key, members] of this.#touched) changes.set(key, members.size === 0 ? undefined : members);
    return this.#before.with(changes);
  }

  #edit(key: string): Set<string> {
    let members = this.#touched.get(key);
    if (members === undefined) {
      const before = this.#before.get(key);
      members = before ? new Set(before) : new Set();
      this.#touched.set(key, members);
    }
    return members;
  }
}

const nobody: ReadonlySet<string> = new Set();
