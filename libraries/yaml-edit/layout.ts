import type { ScalarValue } from './tree.ts';

/** Where a value is in the text: from the first character of its content to after the last. */
interface Placed {
  readonly start: number;
  /** Of a block scalar or a block collection, the end of its last line. */
  readonly end: number;
  /** Where its tag or its anchor begins, if it has one; else `start`. */
  readonly outer: number;
  /** Only where the reader of the file must know it: the tags of JSON's own types are left out. */
  readonly tag?: string;
  readonly anchor?: string;
  /** A tag of one of JSON's own types, such as `!!str`. */
  readonly typeTag?: string;
}

export type ScalarStyle = 'empty' | 'plain' | 'single' | 'double' | 'literal' | 'folded';

export interface ScalarLayout extends Placed {
  readonly kind: 'scalar';
  readonly value: ScalarValue;
  readonly style: ScalarStyle;
}

export interface AliasLayout extends Placed {
  readonly kind: 'alias';
  readonly name: string;
  readonly tag?: undefined;
  readonly anchor?: undefined;
}

/** One member of a map or a list. */
export interface Item {
  /** Where it begins: its key, its `?` or its `-`. */
  readonly start: number;
  /** Where its value ends, or what announces it where there is none. */
  readonly end: number;
  /** After the `:` or `-` and what tags follow it; undefined where there is no such sign. */
  readonly after: number | undefined;
  readonly value: Layout;
  /** In a flow collection, where the comma after it is. */
  readonly comma: number | undefined;
}

export interface MapItem extends Item {
  readonly key: string;
  readonly keyEnd: number;
  readonly keyStyle: ScalarStyle;
  readonly keyAnchor: string | undefined;
}

interface Collection extends Placed {
  readonly flow: boolean;
}

export interface MapLayout extends Collection {
  readonly kind: 'map';
  /** The one pair of `[a: 1]`, which has no braces of its own. */
  readonly braceless: boolean;
  readonly items: readonly MapItem[];
}

export interface ListLayout extends Collection {
  readonly kind: 'list';
  readonly items: readonly Item[];
}

/** A value of a document and how it is written. Structurally a `Tree`. */
export type Layout = ScalarLayout | AliasLayout | MapLayout | ListLayout;

export type CollectionLayout = MapLayout | ListLayout;

/** A value and its children's values, depth first. */
export function* everyLayout(layout: Layout): Generator<Layout> {
  yield layout;
  if (layout.kind !== 'map' && layout.kind !== 'list') return;
  for (const { value } of layout.items) yield* everyLayout(value);
}
