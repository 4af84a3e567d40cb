import { createHash } from 'node:crypto';

/** Where proposals lie in the registry's repository. */
export const proposalsPrefix = 'refs/proposals/';

/** The branch of a proposal. */
export function headReference(number: number, prefix = proposalsPrefix): string {
  return `${prefix}${number}/head`;
}

/** Its chain of events. */
export function metaReference(number: number, prefix = proposalsPrefix): string {
  return `${prefix}${number}/meta`;
}

/** Names the one open proposal of a key by the first commit of its events: two that open at once meet here. */
export function claimReference(base: string, key: string, prefix = proposalsPrefix): string {
  return `${prefix}keys/${createHash('sha256').update(`${base}\0${key}`).digest('hex').slice(0, 40)}`;
}

export interface ProposalReferences {
  readonly number: number;
  readonly head: string | undefined;
  readonly meta: string | undefined;
}

/** Sorts references into proposals, lowest number first. What has another form is nobody's and left alone. */
export function proposalsOf(
  references: ReadonlyMap<string, string>,
  prefix = proposalsPrefix,
): ReadonlyMap<number, ProposalReferences> {
  const numbers = new Set<number>();
  for (const name of references.keys()) {
    if (!name.startsWith(prefix) || name.startsWith('keys/', prefix.length)) continue;
    const found = /^([1-9]\d{0,8})\/(?:head|meta)$/.exec(name.slice(prefix.length));
    if (found !== null) numbers.add(Number(found[1]));
  }
  const sorted = [...numbers].sort((one, other) => one - other);
  return new Map(
    sorted.map((number) => {
      const head = references.get(headReference(number, prefix));
      return [number, { number, head, meta: references.get(metaReference(number, prefix)) }];
    }),
  );
}

/** More digits than these are no number of a proposal. */
const highestNumber = 999_999_999;

/**
 * The numbers that nobody took: above all that are taken, and, where somebody took the highest, the lowest that are free.
 */
export function* freeNumbers(taken: Iterable<number>): Generator<number, never> {
  const numbers = new Set(taken);
  let highest = 0;
  for (const number of numbers) highest = Math.max(highest, number);
  for (let number = highest + 1; number <= highestNumber; number += 1) yield number;
  for (let number = 1; number < highestNumber; number += 1) if (!numbers.has(number)) yield number;
  throw new Error('all numbers of proposals are taken');
}

/** The claims among references, as `keys/<hash>`. */
export function claimsOf(
  references: ReadonlyMap<string, string>,
  prefix = proposalsPrefix,
): ReadonlyMap<string, string> {
  const claims = new Map<string, string>();
  for (const [name, root] of references) {
    const rest = name.slice(prefix.length);
    if (name.startsWith(prefix) && /^keys\/[0-9a-f]{40}$/.test(rest)) claims.set(rest, root);
  }
  return claims;
}
