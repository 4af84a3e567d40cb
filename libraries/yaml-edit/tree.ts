import { YamlEditError } from './error.ts';

export type ScalarValue = string | number | boolean | null;

/**
 * What a document says, apart from how it is written. Keys keep their order and a tag or an anchor is part of the value;
 * aliases are not followed.
 */
export type Tree =
  | { readonly kind: 'scalar'; readonly value: ScalarValue; readonly tag?: string; readonly anchor?: string }
  | { readonly kind: 'alias'; readonly name: string; readonly tag?: undefined; readonly anchor?: undefined }
  | {
      readonly kind: 'map';
      readonly items: readonly { readonly key: string; readonly value: Tree }[];
      /** Of a new value: it is to be written in braces, whatever its neighbours are. */
      readonly inBraces?: true;
      readonly tag?: string;
      readonly anchor?: string;
    }
  | {
      readonly kind: 'list';
      readonly items: readonly { readonly value: Tree }[];
      readonly inBraces?: true;
      readonly tag?: string;
      readonly anchor?: string;
    };

const deepest = 128;
const halfCharacter = /\p{Surrogate}/u;

/** The tree of a JSON value. Whatever JSON cannot say is refused: undefined, NaN, dates, cycles, half a surrogate pair. */
export function treeOf(value: unknown, pointer: string, depth = 0): Tree {
  const refuse = (what: string): never => {
    throw new YamlEditError('InvalidValue', `the value holds ${what}, which JSON cannot say`, { pointer });
  };
  if (depth > deepest) refuse(`more than ${deepest} levels or itself`);
  if (value === null || typeof value === 'boolean') return { kind: 'scalar', value };
  if (typeof value === 'string') {
    if (halfCharacter.test(value)) refuse('half a character');
    return { kind: 'scalar', value };
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(String(value));
    return { kind: 'scalar', value: value === 0 ? 0 : value };
  }
  if (Array.isArray(value)) {
    return {
      kind: 'list',
      items: Array.from(value, (item) => ({ value: treeOf(item, pointer, depth + 1) })),
    };
  }
  if (typeof value !== 'object') return refuse(typeof value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) refuse('an object of a class');
  const items = Object.entries(value).map(([key, member]) => {
    if (halfCharacter.test(key)) refuse('half a character');
    return { key, value: treeOf(member, pointer, depth + 1) };
  });
  return { kind: 'map', items };
}

/** Whether two trees say the same. The order of keys counts, unless told otherwise. */
export function isSame(one: Tree, other: Tree, order: 'ordered' | 'any-order' = 'ordered'): boolean {
  if (one.tag !== other.tag || one.anchor !== other.anchor) return false;
  if (one.kind === 'scalar') return other.kind === 'scalar' && Object.is(one.value, other.value);
  if (one.kind === 'alias') return other.kind === 'alias' && one.name === other.name;
  if (one.kind === 'list') {
    if (other.kind !== 'list' || one.items.length !== other.items.length) return false;
    return one.items.every(({ value }, index) => isSame(value, other.items[index]!.value, order));
  }
  if (other.kind !== 'map' || one.items.length !== other.items.length) return false;
  if (order === 'ordered') {
    return one.items.every(({ key, value }, index) => {
      const opposite = other.items[index]!;
      return opposite.key === key && isSame(value, opposite.value, order);
    });
  }
  const members = new Map(other.items.map((item) => [item.key, item.value]));
  return one.items.every(({ key, value }) => {
    const opposite = members.get(key);
    return opposite !== undefined && isSame(value, opposite, order);
  });
}

/** A copy of a tree in which the node at a path of positions is another. */
export function withNode(tree: Tree, path: readonly number[], change: (node: Tree) => Tree): Tree {
  const [position, ...rest] = path;
  if (position === undefined) return change(tree);
  if (tree.kind === 'map') {
    return {
      ...tree,
      items: tree.items.map((item, at) =>
        at === position ? { key: item.key, value: withNode(item.value, rest, change) } : item,
      ),
    };
  }
  if (tree.kind === 'list') {
    return {
      ...tree,
      items: tree.items.map((item, at) =>
        at === position ? { value: withNode(item.value, rest, change) } : item,
      ),
    };
  }
  return tree;
}
