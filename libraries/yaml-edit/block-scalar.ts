import type { ScalarLayout } from './layout.ts';
import type { Lines } from './lines.ts';
import { isPrintable } from './scalar-text.ts';

/** A block scalar: its header without comment, and its lines with their indentation. */
export interface BlockScalar {
  readonly head: string;
  readonly headEnd: number;
  readonly body: readonly string[];
}

/** The header (`|2-`) and the lines of a block scalar as they stand. */
export function readBlockScalar({ start, end }: ScalarLayout, lines: Lines): BlockScalar {
  const head = /^[|>][\d+-]*/.exec(lines.text.slice(start, start + 4))?.[0] ?? '|';
  const body = lines.text.slice(lines.endOf(start), end).split(/\r?\n/).slice(1);
  return { head, headEnd: start + head.length, body };
}

/**
 * Ways to write another text in the place of a block scalar, the most alike first. Lines that stay the same stay as they
 * are written. `base` is the column of the key or dash. Whether a way says the text must be read back: lines that begin with a space mean something of their own.
 */
export function rewriteBlockScalar(
  old: BlockScalar,
  value: string,
  { base, step }: { readonly base: number; readonly step: number },
): { head: string; body: string[] }[] {
  if (!isPrintable(value) || value.trim() === '') return [];
  const style = old.head[0] ?? '|';
  const endings = /\n*$/.exec(value)?.[0].length ?? 0;
  const needed = endings === 0 ? '-' : endings === 1 ? '' : '+';
  const declared = Number(/\d/.exec(old.head)?.[0] ?? 0);
  const columns = declared > 0 ? declared : (indentationOf(old.body) ?? base + step) - base;
  const indentation = ' '.repeat(base + columns);
  const digit = declared > 0 || value.startsWith(' ') ? columns : '';
  const heads = new Set([old.head, style + digit + needed]);
  const ways: { head: string; body: string[] }[] = [];
  for (const head of heads) {
    const extra = head.includes('+') ? Math.max(0, endings - 1) : 0;
    const content = value.replace(/\n*$/, '') + '\n'.repeat(extra);
    const written = style === '>' ? fold(content, old.body, indentation.length) : content.split('\n');
    ways.push({ head, body: written.map((line) => (line === '' ? '' : indentation + line)) });
  }
  if (style === '>') {
    const literal = { ...old, head: `|${old.head.slice(1)}` };
    ways.push(...rewriteBlockScalar(literal, value, { base, step }));
  }
  return ways;
}

function indentationOf(body: readonly string[]): number | undefined {
  const columns = body.filter((line) => line.trim() !== '').map((line) => line.search(/[^ ]/));
  return columns.length === 0 ? undefined : Math.min(...columns);
}

/** Paragraphs that were there keep their lines; others are broken where the longest line of old ended. */
function fold(content: string, body: readonly string[], indentation: number): string[] {
  const old = body.map((line) => line.slice(indentation));
  const width = Math.max(40, ...old.map((line) => line.length));
  const groups: string[][] = [[]];
  for (const line of old) {
    if (line.trim() === '') groups.push([]);
    else groups.at(-1)?.push(line);
  }
  const known = new Map(groups.map((group) => [group.join(' '), group]));
  const paragraphs = content.split('\n');
  const lines: string[] = [];
  for (const [index, paragraph] of paragraphs.entries()) {
    if (index > 0 && paragraph !== '') lines.push('');
    lines.push(
      ...(paragraph === ''
        ? ['']
        : (known.get(paragraph) ?? wrap(paragraph, width, linesInCommon(paragraph, groups)))),
    );
  }
  return lines;
}

/** The most lines with which a paragraph of old began as this one does. */
function linesInCommon(paragraph: string, groups: readonly string[][]): string[] {
  let best: string[] = [];
  for (const group of groups) {
    const same: string[] = [];
    for (const line of group) {
      if (!paragraph.startsWith(`${[...same, line].join(' ')} `)) break;
      same.push(line);
    }
    if (same.length > best.length) best = same;
  }
  return best;
}

function wrap(paragraph: string, width: number, kept: readonly string[]): string[] {
  const lines = [...kept];
  let line = '';
  const rest = kept.length === 0 ? paragraph : paragraph.slice(kept.join(' ').length + 1);
  for (const word of rest.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
