import type { CollectionLayout } from './layout.ts';
import type { Lines } from './lines.ts';
import type { Place } from './place.ts';

/** A block collection in a document. */
export type BlockPlace = Place & { readonly layout: CollectionLayout };

/**
 * Where the lines of a member begin: with the comments directly above it. A comment that is indented deeper belongs to
 * the member before, one with a blank line under it to nobody, and one that opens the document to the document.
 */
export function leadOf(place: BlockPlace, position: number, lines: Lines): number {
  const { start } = place.layout.items[position]!;
  const floor = floorOf(place, position);
  let lead = lines.startOf(start);
  if (floor === undefined) return lead;
  for (let above = lines.before(lead); above !== undefined && above > floor; above = lines.before(above)) {
    const column = lines.commentColumn(above);
    if (column === undefined || column > lines.columnOf(start)) break;
    lead = above;
  }
  return lead;
}

/**
 * Where the lines of a member end: after the comment on its last line, and after the comments below it that are indented
 * deeper than the member itself.
 */
export function tailOf(place: BlockPlace, position: number, lines: Lines): number {
  const { start, end } = place.layout.items[position]!;
  const column = lines.columnOf(start);
  let tail = lines.endOf(end);
  for (let below = lines.after(tail); below !== undefined; below = lines.after(below)) {
    const comment = lines.commentColumn(below);
    if (comment !== undefined && comment > column) tail = lines.endOf(below);
    else if (comment !== undefined || !lines.isBlank(below) || below === lines.text.length) break;
  }
  return tail;
}

/** What comments and blank lines above a member come after: the member before, or the sign that announces the collection. */
export function floorOf(place: BlockPlace, position: number): number | undefined {
  return position > 0 ? place.layout.items[position - 1]!.end : place.member?.item.after;
}

/** Whether a member begins on a line that something else begins: the dash of an outer list, or a document marker. */
export function sharesLine(place: BlockPlace, position: number, lines: Lines): boolean {
  return !lines.beginsLine(place.layout.items[position]!.start);
}

/** Whether there is a blank line before each member but the first. */
export function isSpaced(place: BlockPlace, lines: Lines): boolean {
  const { items } = place.layout;
  return (
    items.length > 1 &&
    items.every((item, position) => {
      if (position === 0) return true;
      const between = lines.text.slice(lines.endOf(items[position - 1]!.end), lines.startOf(item.start));
      return /\n[ \t]*\r?\n/.test(between);
    })
  );
}
