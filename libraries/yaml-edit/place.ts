import { YamlEditError } from './error.ts';
import { type CollectionLayout, everyLayout, type Item, type Layout, type MapItem } from './layout.ts';
import type { Lines } from './lines.ts';
import { indexOf } from './pointer.ts';

/** A value in a document, with what it is a member of. */
export interface Place {
  /** The positions that lead to it from the root. */
  readonly path: readonly number[];
  readonly layout: Layout;
  readonly member: Member | undefined;
}

export interface Member {
  readonly of: Place & { readonly layout: CollectionLayout };
  readonly position: number;
  readonly item: Item | MapItem;
}

/** Follows segments as far as they lead. `rest` are those that lead to nothing. */
export function follow(root: Layout, segments: readonly string[]): { place: Place; rest: string[] } {
  let place: Place = { path: [], layout: root, member: undefined };
  for (const [depth, segment] of segments.entries()) {
    const next = memberAt(place, segment);
    if (next === undefined) return { place, rest: segments.slice(depth) };
    place = next;
  }
  return { place, rest: [] };
}

function memberAt(place: Place, segment: string): Place | undefined {
  const { layout } = place;
  if (!isCollection(layout)) return undefined;
  const position =
    layout.kind === 'map'
      ? layout.items.findIndex(({ key }) => key === segment)
      : (indexOf(segment, layout.items.length) ?? -1);
  return childAt({ ...place, layout }, position);
}

/** The member of a collection at a position. */
export function childAt(
  of: Place & { readonly layout: CollectionLayout },
  position: number,
): Place | undefined {
  const item = of.layout.items[position];
  if (item === undefined) return undefined;
  return { path: [...of.path, position], layout: item.value, member: { of, position, item } };
}

export function isCollection(layout: Layout): layout is CollectionLayout {
  return layout.kind === 'map' || layout.kind === 'list';
}

export function holdsCollection(place: Place): place is Place & { readonly layout: CollectionLayout } {
  return isCollection(place.layout);
}

/** Whether a value stands inside braces or brackets. */
export function isInFlow({ member }: Place): boolean {
  return member?.of.layout.flow === true;
}

/** Refuses a place in or below a value with an anchor, and an alias: what is written there is said elsewhere too. */
export function refuseShared(place: Place, lines: Lines, pointer: string): void {
  for (let one: Place | undefined = place; one !== undefined; one = one.member?.of) {
    refuse(one.layout, lines, pointer);
  }
}

/** Refuses a value that holds an anchor or an alias anywhere. */
export function refuseSharedWithin(place: Place, lines: Lines, pointer: string): void {
  const item = place.member?.item;
  if (item !== undefined && 'keyAnchor' in item && item.keyAnchor !== undefined) {
    throw sharedError(`the key has the anchor &${item.keyAnchor}`, item.start, lines, pointer);
  }
  for (const layout of everyLayout(place.layout)) {
    refuse(layout, lines, pointer);
    if (layout.kind !== 'map') continue;
    const keyed = layout.items.find(({ keyAnchor }) => keyAnchor !== undefined);
    if (keyed !== undefined)
      throw sharedError(`a key has the anchor &${keyed.keyAnchor}`, keyed.start, lines, pointer);
  }
}

function refuse(layout: Layout, lines: Lines, pointer: string): void {
  if (layout.kind === 'alias') throw sharedError(`*${layout.name} is an alias`, layout.start, lines, pointer);
  if (layout.anchor !== undefined) {
    throw sharedError(`the value has the anchor &${layout.anchor}`, layout.outer, lines, pointer);
  }
}

function sharedError(what: string, offset: number, lines: Lines, pointer: string): YamlEditError {
  const words = `${what}: what it says may be used in other places too; write the value out first`;
  return new YamlEditError('AnchorOrAlias', words, { line: lines.numberOf(offset), pointer });
}
