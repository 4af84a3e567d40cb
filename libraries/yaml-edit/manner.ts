import type { CollectionLayout, Layout, ScalarLayout } from './layout.ts';
import { everyLayout } from './layout.ts';
import type { Lines } from './lines.ts';
import { isPlain, type Quote, type Quoting } from './scalar-text.ts';

/** How new text is written, so that it looks like what is there. */
export interface Manner {
  /** Spaces by which a map or a text stands deeper than its key. */
  readonly step: number;
  /** Spaces by which a list stands deeper than its key. */
  readonly listStep: number;
  /** A dash and the spaces after it. */
  readonly dash: string;
  /** For text that must be quoted. */
  readonly quote: Quote;
  /** For text that need not be quoted. */
  readonly text: Quoting;
  readonly keys: Quoting;
  /** Between the members of a flow collection. */
  readonly comma: string;
  /** Between key and value in a flow map. */
  readonly colon: string;
  /** What stands inside the braces of a flow map, and inside the brackets of a flow list. */
  readonly bracePadding: string;
  readonly bracketPadding: string;
  /** Whether lists of plain values are written in brackets. */
  readonly flowLists: boolean;
  /** Whether text of several lines may become a block of lines, where that is possible. */
  readonly blockText: boolean;
}

/** The manner of a document, and of the collection in it that gets the new text. */
export function mannerOf(
  root: Layout | undefined,
  place: CollectionLayout | undefined,
  lines: Lines,
): Manner {
  const all = root === undefined ? [] : [...everyLayout(root)];
  const flows = all.filter((one): one is CollectionLayout => isFilled(one) && one.flow);
  const near = (kind: 'map' | 'list'): CollectionLayout | undefined =>
    place?.kind === kind && isFilled(place) && place.flow ? place : flows.find((one) => one.kind === kind);
  const braces = near('map');
  const brackets = near('list');
  const scalars = all.filter((one): one is ScalarLayout => one.kind === 'scalar');
  const keys = quotingOfKeys(place?.kind === 'map' ? place : braces, lines);
  return {
    step: firstOf(all, (one) => stepsOf(one, 'map', lines)) ?? 2,
    listStep: firstOf(all, (one) => stepsOf(one, 'list', lines)) ?? 2,
    dash: `-${' '.repeat((dashOf(place, lines) ?? firstOf(all, (one) => dashOf(one, lines)) ?? 2) - 1)}`,
    quote: more(scalars, 'single', 'double') ? 'single' : 'double',
    text: quotingOfText(place) ?? (place?.flow ? keys : 'plain'),
    keys,
    comma:
      (place === undefined ? undefined : commaIn(place, lines)) ??
      firstOf(flows, (one) => commaIn(one, lines)) ??
      ', ',
    colon: colonIn(braces, lines) ?? ' ',
    bracePadding: paddingIn(braces, lines) ?? ' ',
    bracketPadding: paddingIn(brackets, lines) ?? '',
    flowLists: more(
      all.filter(
        (one) =>
          isFilled(one) && one.kind === 'list' && one.items.every(({ value }) => value.kind === 'scalar'),
      ),
      true,
      false,
    ),
    blockText: true,
  };

  function more<Sort extends Layout>(some: readonly Sort[], yes: unknown, no: unknown): boolean {
    const count = (what: unknown): number =>
      some.filter((one) => ('style' in one ? one.style : 'flow' in one && one.flow) === what).length;
    return count(yes) > count(no);
  }
}

function isFilled(layout: Layout): layout is CollectionLayout {
  return (layout.kind === 'map' || layout.kind === 'list') && layout.items.length > 0;
}

function firstOf<Sort, Found>(
  some: readonly Sort[],
  find: (one: Sort) => Found | undefined,
): Found | undefined {
  for (const one of some) {
    const found = find(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How much deeper than its key the first block collection of a kind stands in a block map. */
function stepsOf(layout: Layout, kind: 'map' | 'list', lines: Lines): number | undefined {
  if (layout.kind !== 'map' || layout.flow) return undefined;
  for (const { start, value } of layout.items) {
    if (value.kind !== kind || value.flow || !isFilled(value)) continue;
    return lines.columnOf(value.items[0]!.start) - lines.columnOf(start);
  }
  return undefined;
}

/** The columns from a dash to what follows it on its line. */
function dashOf(layout: Layout | undefined, lines: Lines): number | undefined {
  if (layout?.kind !== 'list' || layout.flow) return undefined;
  const item = layout.items.find(
    ({ start, end, value }) => end > start + 1 && lines.isSameLine(start, value.outer),
  );
  return item === undefined ? undefined : item.value.outer - item.start;
}

function commaIn(layout: CollectionLayout, lines: Lines): string | undefined {
  const [first, second] = layout.items;
  if (!layout.flow || second === undefined || first?.comma === undefined) return undefined;
  const between = lines.text.slice(first.comma, second.start);
  return /^,[ \t]*$/.test(between) ? between : undefined;
}

function colonIn(layout: CollectionLayout | undefined, lines: Lines): string | undefined {
  if (layout?.kind !== 'map') return undefined;
  const item = layout.items.find(({ after, end }) => after !== undefined && end > after);
  if (item?.after === undefined) return undefined;
  const between = lines.text.slice(item.after, item.value.outer);
  return /^[ \t]*$/.test(between) && (between !== '' || item.keyStyle === 'double') ? between : undefined;
}

function paddingIn(layout: CollectionLayout | undefined, lines: Lines): string | undefined {
  const first = layout?.items[0];
  if (layout === undefined || first === undefined || (layout.kind === 'map' && layout.braceless))
    return undefined;
  const between = lines.text.slice(layout.start + 1, first.start);
  return /^[ \t]*$/.test(between) ? between : undefined;
}

/** Quotes are the manner of a collection where all its text has them, though none of it needs them. */
function quotingOfText(place: CollectionLayout | undefined): Quoting | undefined {
  const found = new Set<Quoting>();
  for (const layout of place === undefined ? [] : everyLayout(place)) {
    if (layout.kind !== 'scalar' || typeof layout.value !== 'string') continue;
    if (layout.style === 'plain') return 'plain';
    const isQuoted = layout.style === 'single' || layout.style === 'double';
    if (isQuoted && !found.has(layout.style) && isPlain(layout.value, true)) found.add(layout.style);
  }
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

function quotingOfKeys(map: CollectionLayout | undefined, lines: Lines): Quoting {
  if (map?.kind !== 'map' || map.items.length === 0) return 'plain';
  const styles = new Set(map.items.map(({ keyStyle }) => keyStyle));
  const [only] = styles;
  if (styles.size !== 1 || (only !== 'single' && only !== 'double')) return 'plain';
  return map.items.some(({ key }) => isPlain(key, true)) || lines.text[map.start] === '{' ? only : 'plain';
}
