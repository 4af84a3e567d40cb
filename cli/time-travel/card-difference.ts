import { isDeepStrictEqual } from 'node:util';
import { diffIndices } from 'node-diff3';
import { isRecord, readFrontMatter } from '../../libraries/front-matter/index.ts';

/** How one model card differs from another. */
export interface CardDifference {
  /** Fields of the front matter that differ: `license`, `model-index.0.name`. */
  readonly fields: readonly { readonly what: string; readonly before: unknown; readonly after: unknown }[];
  /** What differs in the text, in its order. */
  readonly text: readonly TextChange[];
}

export interface TextChange {
  /** The heading below which it stands in the newer card; null above the first. */
  readonly section: string | null;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Compares two cards: their front matter field by field, and their text line by line. Absent is an empty card. */
export function cardDifference(before: string, after: string): CardDifference {
  const [old, now] = [partsOf(before), partsOf(after)];
  const [was, is] = [leavesOf(old.fields), leavesOf(now.fields)];
  const fields = [...new Set([...was.keys(), ...is.keys()])]
    .map((what) => ({ what, before: was.get(what) ?? null, after: is.get(what) ?? null }))
    .filter((field) => !isDeepStrictEqual(field.before, field.after));
  return { fields, text: textChanges(old.body, now.body) };
}

/** Of a card without front matter that can be read, all is text. */
function partsOf(card: string): { readonly fields: object; readonly body: string } {
  const matter = readFrontMatter(card);
  return 'problem' in matter ? { fields: {}, body: card } : matter;
}

function leavesOf(value: object): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>();
  const walk = (each: unknown, place: string): void => {
    const isList = Array.isArray(each) && each.some((item) => isRecord(item) || Array.isArray(item));
    if (!isList && !isRecord(each)) leaves.set(place, each);
    else for (const [key, inner] of Object.entries(each)) walk(inner, place === '' ? key : `${place}.${key}`);
  };
  walk(value, '');
  leaves.delete('');
  return leaves;
}

function textChanges(before: string, after: string): readonly TextChange[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  return diffIndices([...old], [...now]).flatMap(({ buffer1Content, buffer2, buffer2Content }) => {
    const [removed, added] = [buffer1Content.filter(isWritten), buffer2Content.filter(isWritten)];
    if (removed.length + added.length === 0) return [];
    return [{ section: headingAbove(now, buffer2[0]), removed, added }];
  });
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).map((line) => line.trimEnd());
}

function isWritten(line: string): boolean {
  return line !== '';
}

function headingAbove(lines: readonly string[], at: number): string | null {
  for (const line of lines.slice(0, at).reverse()) {
    const heading = /^#{1,6}\s+(.+)$/.exec(line)?.[1];
    if (heading !== undefined) return heading;
  }
  return null;
}
