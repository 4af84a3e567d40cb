import type { CollectionLayout, Layout } from './layout.ts';
import type { Manner } from './manner.ts';
import { isPrintable, keyText, scalarText } from './scalar-text.ts';
import type { Tree } from './tree.ts';

/**
 * A value as it stands after a key or a dash: on the same line, or as lines below it that are indented by nobody yet.
 * Of a text in lines, `head` is what stays on the line of the key.
 */
export type Rendered =
  | { readonly form: 'inline'; readonly text: string }
  | { readonly form: 'text'; readonly head: string; readonly body: readonly string[] }
  | { readonly form: 'lines'; readonly kind: 'map' | 'list'; readonly lines: readonly string[] };

/** Writes a value outside of any braces. `model` is a value that it should look like. */
export function render(value: Tree, manner: Manner, model: Layout | undefined): Rendered {
  if (value.kind === 'scalar' || value.kind === 'alias') {
    const block = manner.blockText && value.kind === 'scalar' ? blockText(value.value) : undefined;
    return block === undefined
      ? { form: 'inline', text: renderFlow(value, manner, model, false) }
      : { form: 'text', ...block };
  }
  if (value.items.length === 0 || isFlow(value, manner, model)) {
    return { form: 'inline', text: renderFlow(value, manner, model, true) };
  }
  const lines =
    value.kind === 'map'
      ? value.items.flatMap((item) => entryLines(item.key, item.value, manner, memberOf(model, item.key)))
      : value.items.flatMap((item) => itemLines(item.value, manner, memberOf(model, undefined)));
  return { form: 'lines', kind: value.kind, lines };
}

/** The lines of a key with its value in a block map. */
export function entryLines(key: string, value: Tree, manner: Manner, model: Layout | undefined): string[] {
  const start = `${keyText(key, { quoting: manner.keys, quote: manner.quote })}:`;
  const rendered = render(value, manner, model);
  if (rendered.form === 'inline') return [`${start} ${rendered.text}`];
  if (rendered.form === 'text') return [`${start} ${rendered.head}`, ...indent(rendered.body, manner.step)];
  return [start, ...indent(rendered.lines, rendered.kind === 'map' ? manner.step : manner.listStep)];
}

/** The lines of a member of a block list. */
export function itemLines(value: Tree, manner: Manner, model: Layout | undefined): string[] {
  const rendered = render(value, manner, model);
  if (rendered.form === 'inline') return [manner.dash + rendered.text];
  if (rendered.form === 'text') return [manner.dash + rendered.head, ...indent(rendered.body, manner.step)];
  const [first, ...rest] = rendered.lines;
  return [manner.dash + first, ...indent(rest, manner.dash.length)];
}

/** Writes a value inside braces or brackets, or one that stands on one line. */
export function renderFlow(value: Tree, manner: Manner, model: Layout | undefined, flow: boolean): string {
  if (value.kind === 'alias') return `*${value.name}`;
  if (value.kind === 'scalar') {
    const quoting =
      model?.kind === 'scalar' && (model.style === 'single' || model.style === 'double')
        ? model.style
        : manner.text;
    return scalarText(value.value, {
      quoting: typeof value.value === 'string' ? quoting : 'plain',
      quote: manner.quote,
      flow,
    });
  }
  if (value.kind === 'map') {
    const pairs = value.items.map((item) =>
      pairText(item.key, item.value, manner, memberOf(model, item.key)),
    );
    return enclose('{', pairs, '}', manner.bracePadding, manner);
  }
  const items = value.items.map((item) => renderFlow(item.value, manner, memberOf(model, undefined), true));
  return enclose('[', items, ']', manner.bracketPadding, manner);
}

/** A key with its value in a flow map. */
export function pairText(key: string, value: Tree, manner: Manner, model: Layout | undefined): string {
  const written = keyText(key, { quoting: manner.keys, quote: manner.quote });
  const colon = /["']$/.test(written) ? `:${manner.colon}` : ': ';
  return written + colon + renderFlow(value, manner, model, true);
}

export function indent(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(columns) + line));
}

function enclose(
  open: string,
  members: readonly string[],
  close: string,
  padding: string,
  { comma }: Manner,
): string {
  return members.length === 0 ? open + close : open + padding + members.join(comma) + padding + close;
}

function isFlow(
  value: Extract<Tree, { items: unknown }>,
  manner: Manner,
  model: Layout | undefined,
): boolean {
  if (value.inBraces === true) return true;
  if (model !== undefined && model.kind === value.kind && model.items.length > 0) return model.flow;
  return (
    value.kind === 'list' && manner.flowLists && value.items.every((item) => item.value.kind === 'scalar')
  );
}

/** What the member of a value should look like: the member of the model by this key, or any of a list. */
function memberOf(model: Layout | undefined, key: string | undefined): Layout | undefined {
  if (model?.kind === 'map') return model.items.find((item) => item.key === key)?.value;
  return model?.kind === 'list' ? lastFilled(model) : undefined;
}

function lastFilled(model: CollectionLayout): Layout | undefined {
  const values = model.items.map(({ value }) => value);
  return (
    values.findLast((one) => (one.kind === 'map' || one.kind === 'list') && one.items.length > 0) ??
    values.at(-1)
  );
}

/** Text of several lines as a literal block, where that can say it. */
function blockText(value: unknown): { head: string; body: string[] } | undefined {
  if (typeof value !== 'string' || !value.includes('\n') || !isPrintable(value)) return undefined;
  const body = value.replace(/\n$/, '').split('\n');
  const isPlainBlock =
    body.every((line) => line === '' || line.trim() !== '') && /^\S/.test(value) && body.at(-1) !== '';
  return isPlainBlock ? { head: value.endsWith('\n') ? '|' : '|-', body } : undefined;
}
