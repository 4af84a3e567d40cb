import { type BlockPlace, isSpaced, leadOf, sharesLine, tailOf } from './extent.ts';
import type { Layout } from './layout.ts';
import type { Lines, Splice } from './lines.ts';
import type { Manner } from './manner.ts';
import { entryLines, indent, itemLines, pairText, renderFlow } from './render.ts';
import type { Tree } from './tree.ts';

/** What is put into a collection: with a key for a map. */
export interface Newcomer {
  readonly key: string | undefined;
  readonly value: Tree;
  /** The position that it will have. */
  readonly position: number;
}

/** Ways to put a member into a collection that has some, the most alike first. */
export function* insertWays(
  place: BlockPlace,
  newcomer: Newcomer,
  manner: Manner,
  lines: Lines,
  model: Layout | undefined,
): Generator<Splice[]> {
  const { layout } = place;
  if (layout.flow) {
    const splices = insertIntoFlow(place, newcomer, manner, lines, model);
    const isBraceless = layout.kind === 'map' && layout.braceless;
    yield isBraceless ? enclosed(layout.start, splices, layout.end) : splices;
    return;
  }
  for (const blockText of [true, false]) {
    yield insertIntoBlock(place, newcomer, { ...manner, blockText }, lines, model);
  }
}

function insertIntoBlock(
  place: BlockPlace,
  { key, value, position }: Newcomer,
  manner: Manner,
  lines: Lines,
  model: Layout | undefined,
): Splice[] {
  const { items } = place.layout;
  const column = lines.columnOf(items[0]!.start);
  const own = key === undefined ? itemLines(value, manner, model) : entryLines(key, value, manner, model);
  const written = indent(own, column);
  const space = isSpaced(place, lines) ? [''] : [];
  if (position > 0) return [lines.addBelow(tailOf(place, position - 1, lines), [...space, ...written])];
  if (!sharesLine(place, 0, lines)) return [lines.addAbove(leadOf(place, 0, lines), [...written, ...space])];
  const ending = lines.endingAt(items[0]!.start);
  const { start } = items[0]!;
  const text = [written.join(ending).trimStart(), ...space, ' '.repeat(column)].join(ending);
  return [{ from: start, to: start, text }];
}

function insertIntoFlow(
  place: BlockPlace,
  { key, value, position }: Newcomer,
  manner: Manner,
  lines: Lines,
  model: Layout | undefined,
): Splice[] {
  const { items } = place.layout;
  const written =
    key === undefined ? renderFlow(value, manner, model, true) : pairText(key, value, manner, model);
  const next = items[position];
  const previous = items[position - 1];
  if (previous === undefined) {
    const { start } = items[0]!;
    if (!lines.beginsLine(start)) return [{ from: start, to: start, text: written + manner.comma }];
    return [lines.addAbove(start, [`${marginOf(start, lines)}${written},`])];
  }
  const { comma } = previous;
  const line = comma ?? previous.end;
  if (
    lines.beginsLine(previous.start) &&
    /^,?[ \t]*(#.*)?$/.test(lines.text.slice(line, lines.endOf(line)))
  ) {
    const comma2 = next !== undefined || comma !== undefined ? ',' : '';
    return [
      ...(comma === undefined ? [{ from: previous.end, to: previous.end, text: ',' }] : []),
      lines.addBelow(line, [marginOf(previous.start, lines) + written + comma2]),
    ];
  }
  if (comma === undefined) return [{ from: previous.end, to: previous.end, text: manner.comma + written }];
  if (next === undefined) return [{ from: comma + 1, to: comma + 1, text: ` ${written},` }];
  return [{ from: previous.end, to: previous.end, text: manner.comma + written }];
}

/** Gives the pair of `[a: 1]` the braces that two need. */
function enclosed(start: number, splices: readonly Splice[], end: number): Splice[] {
  return [{ from: start, to: start, text: '{ ' }, ...splices, { from: end, to: end, text: ' }' }];
}

function marginOf(offset: number, lines: Lines): string {
  return lines.text.slice(lines.startOf(offset), offset);
}
