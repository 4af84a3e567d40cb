import { readBlockScalar, rewriteBlockScalar } from './block-scalar.ts';
import { tailOf } from './extent.ts';
import type { Layout, ScalarLayout } from './layout.ts';
import type { Lines, Splice } from './lines.ts';
import type { Manner } from './manner.ts';
import { holdsCollection, isCollection, isInFlow, type Place } from './place.ts';
import { indent, type Rendered, render, renderFlow } from './render.ts';
import { type Quoting, scalarText } from './scalar-text.ts';
import type { Tree } from './tree.ts';

/** Ways to write another value in the place of one, the least change first. */
export function* replaceWays(
  place: Place,
  value: Tree,
  manner: Manner,
  lines: Lines,
  model: Layout | undefined,
): Generator<Splice[]> {
  const { layout } = place;
  if (layout.kind === 'scalar' && value.kind === 'scalar' && layout.style !== 'empty') {
    yield* scalarWays(place, layout, value.value, manner, lines);
  }
  if (isCollection(layout) && layout.flow && layout.kind === value.kind && value.items.length > 0) {
    // Braces with nothing but a comment in them keep it.
    const inside = lines.text.slice(layout.start + 1, layout.end - 1);
    const members = renderFlow(value, manner, model, true).slice(1, -1).trim();
    const close = layout.end - 1;
    if (layout.items.length === 0 && inside.trim() !== '')
      yield [{ from: close, to: close, text: `${members} ` }];
  }
  if (isInFlow(place)) {
    yield flowWay(place, renderFlow(value, manner, model, true), lines);
    return;
  }
  for (const blockText of [true, false]) {
    yield blockWay(place, render(value, { ...manner, blockText }, model), manner, lines);
  }
}

/** A scalar for a scalar: in its quotes and under its tag, where those can say it. */
function* scalarWays(
  place: Place,
  old: ScalarLayout,
  value: Extract<Tree, { kind: 'scalar' }>['value'],
  manner: Manner,
  lines: Lines,
): Generator<Splice[]> {
  const isBlock = old.style === 'literal' || old.style === 'folded';
  if (isBlock && typeof value === 'string') {
    const block = readBlockScalar(old, lines);
    const base = place.member === undefined ? 0 : lines.columnOf(place.member.item.start);
    for (const { head, body } of rewriteBlockScalar(block, value, { base, step: manner.step })) {
      const headerLine = lines.endOf(old.start);
      const ending = lines.endingAt(old.start);
      yield [
        { from: old.start, to: block.headEnd, text: head },
        { from: headerLine, to: old.end, text: body.map((line) => ending + line).join('') },
      ];
    }
  }
  if (isBlock || (typeof value === 'string' && value.includes('\n'))) return;
  const quoting: Quoting = old.style === 'single' || old.style === 'double' ? old.style : 'plain';
  const flow = isInFlow(place);
  if (
    old.typeTag?.endsWith(':str') &&
    typeof value === 'string' &&
    quoting === 'plain' &&
    /^[\w.+-]+$/.test(value)
  ) {
    yield [{ from: old.start, to: old.end, text: value }];
  }
  const text = scalarText(value, { quoting, quote: manner.quote, flow });
  yield [{ from: old.start, to: old.end, text }];
  yield [{ from: old.outer, to: old.end, text }];
}

function flowWay({ layout, member }: Place, text: string, lines: Lines): Splice[] {
  const isEmpty = layout.kind === 'scalar' && layout.style === 'empty';
  if (!isEmpty || member === undefined) return [{ from: layout.outer, to: layout.end, text }];
  const { item } = member;
  if (item.after === undefined) return [{ from: item.end, to: item.end, text: `: ${text}` }];
  const space = /^[ \t]+(?=,)/.exec(lines.text.slice(item.after, item.after + 80))?.[0].length ?? 0;
  return [{ from: item.after, to: item.after + space, text: ` ${text}` }];
}

/** Outside of braces: takes the old value away, and puts the new one on the line of its key or on lines below. */
function blockWay(place: Place, rendered: Rendered, manner: Manner, lines: Lines): Splice[] {
  const { layout, member } = place;
  const after = member?.item.after;
  const kind = rendered.form === 'lines' ? rendered.kind : 'text';
  const column = columnsOf(place, kind, manner, lines);
  const onLine =
    rendered.form === 'inline' ? rendered.text : rendered.form === 'text' ? rendered.head : undefined;
  const below =
    rendered.form === 'inline'
      ? []
      : indent(rendered.form === 'text' ? rendered.body : rendered.lines, column);
  const isInList = member?.of.layout.kind === 'list';

  if (holdsCollection(place) && !place.layout.flow && place.layout.items.length > 0) {
    const first = place.layout.items[0]!.start;
    const tail = tailOf(place, place.layout.items.length - 1, lines);
    if (after === undefined || lines.isSameLine(first, after)) {
      const ending = lines.endingAt(first);
      const own = indent(below, 0);
      const head = onLine ?? own.shift()?.trimStart() ?? '';
      return [{ from: first, to: tail, text: [head, ...own].join(ending) }];
    }
    const announced = lines.endOf(after);
    const ending = lines.endingAt(after);
    return [
      ...(onLine === undefined ? [] : [{ from: after, to: after, text: ` ${onLine}` }]),
      { from: announced, to: tail, text: below.map((line) => ending + line).join('') },
    ];
  }

  const isBlockScalar = layout.kind === 'scalar' && (layout.style === 'literal' || layout.style === 'folded');
  const isEmpty = layout.kind === 'scalar' && layout.style === 'empty';
  const from = isEmpty ? (after ?? layout.start) : layout.outer;
  const inlineEnd = isBlockScalar ? readBlockScalar(layout, lines).headEnd : isEmpty ? from : layout.end;
  const oldBody: Splice[] = isBlockScalar ? [{ from: lines.endOf(inlineEnd), to: layout.end, text: '' }] : [];
  const last = isBlockScalar ? layout.end : inlineEnd;

  if (onLine !== undefined) {
    const trailing = isEmpty
      ? (/^[ \t]*(?=\r?\n|$)/.exec(lines.text.slice(from, lines.after(from)))?.[0].length ?? 0)
      : 0;
    const head: Splice = {
      from,
      to: inlineEnd + trailing,
      text: isEmpty && member !== undefined ? ` ${onLine}` : onLine,
    };
    return join([head, ...oldBody], last, below, lines);
  }
  if (isInList && after !== undefined && lines.isSameLine(from, after) && lines.endsLine(inlineEnd)) {
    const [first = '', ...rest] = below;
    const ending = lines.endingAt(from);
    const text = (isEmpty ? ' ' : '') + [first.trimStart(), ...rest].join(ending);
    return [{ from, to: isBlockScalar ? layout.end : lines.endOf(inlineEnd), text }];
  }
  if (lines.beginsLine(from) && lines.endsLine(inlineEnd) && !isBlockScalar && !isEmpty) {
    return [
      { from: lines.startOf(from), to: lines.endOf(inlineEnd), text: below.join(lines.endingAt(from)) },
    ];
  }
  const spaceBefore = after !== undefined && lines.isSameLine(from, after) ? after : from;
  const rest = /^[ \t]*/.exec(lines.text.slice(inlineEnd, lines.endOf(inlineEnd)))?.[0].length ?? 0;
  const until = lines.endsLine(inlineEnd) || lines.beginsLine(from) ? inlineEnd + rest : inlineEnd;
  return join([{ from: spaceBefore, to: until, text: '' }, ...oldBody], last, below, lines);
}

/** Splices, and lines below the line where the last of the old value ended. */
function join(splices: readonly Splice[], last: number, below: readonly string[], lines: Lines): Splice[] {
  if (below.length === 0) return splices.filter(({ from, to, text }) => to > from || text !== '');
  return [...splices, lines.addBelow(last, below)];
}

/** The column where the lines of a value begin. */
function columnsOf(
  { layout, member }: Place,
  kind: 'map' | 'list' | 'text',
  manner: Manner,
  lines: Lines,
): number {
  if (member === undefined) return kind === 'text' ? manner.step : 0;
  const column = lines.columnOf(member.item.start);
  if (member.of.layout.kind === 'list') {
    const isBeside =
      lines.isSameLine(member.item.start, layout.outer) && layout.outer > member.item.start + 1;
    return column + (isBeside ? layout.outer - member.item.start : manner.dash.length);
  }
  return column + (kind === 'list' ? manner.listStep : manner.step);
}
