import type { Ref } from '../plugin.ts';
import { isPattern, membersOf } from './references.ts';

/**
 * Puts items in order: each after those that it refers to, and by ref where nothing else decides. Deterministic,
 * whatever the order they come in. A circle is broken at its first ref.
 *
 * @param targetsOf The refs and `Kind/scope/*` patterns that an item refers to. Those not among the items do not
 *   count. A pattern gives way to a plain reference in the other direction, and does not order items of one kind.
 */
export function order<Item>(items: ReadonlyMap<Ref, Item>, targetsOf: (item: Item) => Iterable<Ref>): Item[] {
  const refs = [...items.keys()].sort();
  const members = membersOf(refs);
  const ordered: Item[] = [];
  const seen = new Set<Ref>();
  for (const root of refs) {
    if (seen.has(root)) continue;
    seen.add(root);
    // A stack of our own: a chain of references may be longer than the call stack.
    const stack = [{ ref: root, targets: reach(root) }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.targets.pop();
      if (next === undefined) {
        ordered.push(items.get(top.ref) as Item);
        stack.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        stack.push({ ref: next, targets: reach(next) });
      }
    }
  }
  return ordered;

  /** In reverse order, to be taken from the end. */
  function reach(ref: Ref): Ref[] {
    const found = new Set<Ref>();
    for (const target of targetsOf(items.get(ref) as Item)) {
      if (!isPattern(target)) {
        if (items.has(target)) found.add(target);
      } else if (kindOf(target) !== kindOf(ref)) {
        for (const member of members.get(target) ?? []) {
          if (!refersTo(member, ref)) found.add(member);
        }
      }
    }
    return [...found].sort().reverse();
  }

  function refersTo(from: Ref, to: Ref): boolean {
    for (const target of targetsOf(items.get(from) as Item)) if (target === to) return true;
    return false;
  }
}

function kindOf(ref: Ref): string {
  return ref.slice(0, ref.indexOf('/'));
}
