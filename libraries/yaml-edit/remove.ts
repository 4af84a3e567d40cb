import { type BlockPlace, floorOf, leadOf, sharesLine, tailOf } from './extent.ts';
import type { Lines, Splice } from './lines.ts';

/** Ways to take a member away, the most thorough first. */
export function* removeWays(place: BlockPlace, position: number, lines: Lines): Generator<Splice[]> {
  if (place.layout.flow) yield removeFromFlow(place, position, lines);
  else yield* removeFromBlock(place, position, lines);
}

function* removeFromBlock(place: BlockPlace, position: number, lines: Lines): Generator<Splice[]> {
  const { items, kind } = place.layout;
  const item = items[position]!;
  const tail = tailOf(place, position, lines);
  const shares = sharesLine(place, position, lines);
  if (items.length === 1) {
    const empty = kind === 'map' ? '{}' : '[]';
    const after = place.member?.item.after;
    if (shares || after === undefined) yield [{ from: item.start, to: tail, text: empty }];
    else {
      yield [
        { from: after, to: after, text: ` ${empty}` },
        lines.remove(leadOf(place, position, lines), tail),
      ];
    }
    return;
  }
  if (shares) {
    // What comes next moves up beside the dash.
    const next = /\S/g;
    next.lastIndex = tail;
    yield [{ from: item.start, to: next.exec(lines.text)?.index ?? tail, text: '' }];
    return;
  }
  const lead = leadOf(place, position, lines);
  const [first, last] = withBlankLines(place, position, lead, tail, lines);
  yield [lines.remove(first, last)];
  yield [lines.remove(lead, tail)];
  // A text in lines that ends the file needs the line ending that the member leaves behind.
  yield [{ from: lead, to: tail, text: '' }];
}

/** Takes blank lines along where they would be left doubled, at the start or at the end of a collection. */
function withBlankLines(
  place: BlockPlace,
  position: number,
  lead: number,
  tail: number,
  lines: Lines,
): [first: number, last: number] {
  const floor = floorOf(place, position) ?? -1;
  let first = lead;
  for (let above = lines.before(first); above !== undefined && above > floor; above = lines.before(above)) {
    if (!lines.isBlank(above)) break;
    first = above;
  }
  const below = lines.after(tail);
  const isBlankBelow = below === undefined || lines.isBlank(below);
  const isLast = position === place.layout.items.length - 1;
  if (first < lead) return [isLast || isBlankBelow ? first : lead, tail];
  const above = lines.before(lead);
  const followsComment = above !== undefined && lines.commentColumn(above) !== undefined;
  if (position > 0 || followsComment || below === undefined || isLast) return [lead, tail];
  let last = tail;
  for (let next = lines.after(last); next !== undefined && lines.isBlank(next); next = lines.after(next)) {
    if (next === lines.text.length) break;
    last = lines.endOf(next);
  }
  return [lead, last];
}

function removeFromFlow(place: BlockPlace, position: number, lines: Lines): Splice[] {
  const { layout } = place;
  const { items } = layout;
  const item = items[position]!;
  if (layout.kind === 'map' && layout.braceless) return [{ from: layout.start, to: layout.end, text: '{}' }];
  if (items.length === 1) return [{ from: layout.start + 1, to: layout.end - 1, text: '' }];
  const previous = items[position - 1];
  const next = items[position + 1];
  const end = item.comma === undefined ? item.end : item.comma + 1;
  const orphan: Splice[] =
    next === undefined && item.comma === undefined && previous?.comma !== undefined
      ? [{ from: previous.comma, to: previous.comma + 1, text: '' }]
      : [];
  const rest = lines.text.slice(end, lines.endOf(end));
  if (lines.beginsLine(item.start) && /^[ \t]*(#.*)?$/.test(rest)) {
    let lead = lines.startOf(item.start);
    const floor = previous?.end ?? layout.start;
    for (let above = lines.before(lead); above !== undefined && above > floor; above = lines.before(above)) {
      if (lines.commentColumn(above) === undefined) break;
      lead = above;
    }
    return [...orphan, lines.remove(lead, end)];
  }
  if (next !== undefined) {
    const between = lines.text.slice(end, next.start);
    return [
      { from: item.start, to: between.trim() === '' && !between.includes('\n') ? next.start : end, text: '' },
    ];
  }
  const since = previous?.comma === undefined ? item.start : previous.comma + 1;
  const space = lines.text.slice(since, item.start);
  const from = space.trim() === '' ? since : item.start;
  return [...orphan, { from, to: end, text: '' }];
}
