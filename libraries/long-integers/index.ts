/**
 * Integers of 64 bits in JSON. `JSON.parse` rounds what a double cannot hold, so an integer of sixteen digits or more
 * is put in quotes behind a mark before the text is parsed, and read exactly afterwards.
 */
import { randomUUID } from 'node:crypto';

/** No client can know it, so no text of a client is taken for an integer. */
const mark = `\u0000${randomUUID()}:`;
const writtenMark = JSON.stringify(mark).slice(1, -1);
const markedInText = new RegExp(`"${writtenMark.replaceAll('\\', '\\\\')}(-?\\d+)"`, 'g');
const longRun = /\d{16}/;
const zeroFirst = /^-?0/;
const space = /[ \n\r\t]/;

/**
 * The same JSON text with every long integer quoted and marked. Costs one look where there is none. What is no JSON stays so: digits that
 * begin with a zero, or stand where a name should, are left as they are.
 */
export function markLongIntegers(text: string): string {
  if (!longRun.test(text)) return text;
  const token = /"|-?\d{16,}/g;
  const parts: string[] = [];
  let copied = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') {
      token.lastIndex = endOfString(text, match.index) + 1;
      continue;
    }
    const end = match.index + match[0].length;
    if (isPartOfNumber(text[match.index - 1]) || isPartOfNumber(text[end])) continue;
    if (zeroFirst.test(match[0]) || isName(text, end)) continue;
    parts.push(text.slice(copied, match.index), '"', writtenMark, match[0], '"');
    copied = end;
  }
  parts.push(text.slice(copied));
  return parts.join('');
}

/** What `JSON.parse` makes of the text, with long integers marked. Throws what it throws of the text as it was written: nobody is told the mark. */
export function parseMarked(text: string): unknown {
  const marked = markLongIntegers(text);
  try {
    return JSON.parse(marked);
  } catch (error) {
    if (marked !== text) JSON.parse(text);
    throw error;
  }
}

/** An integer as a value that text is written of: a number where that is exact, else marked. */
export function writableInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${mark}${value}`;
}

/** Whether a parsed value is a marked integer. */
export function isLongInteger(value: unknown): value is string {
  return typeof value === 'string' && value.charCodeAt(0) === 0 && value.startsWith(mark);
}

/** The integer that a parsed value marks; undefined where it marks none. */
export function longIntegerIn(value: unknown): bigint | undefined {
  return isLongInteger(value) ? exactInteger(value) : undefined;
}

/** Whether a parsed value is a text, and no marked integer. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && !isLongInteger(value);
}

/** JSON text that was written of parsed values, with the marked integers as the numbers that they were. */
export function unmarkLongIntegers(text: string): string {
  return text.includes(writtenMark) ? text.replaceAll(markedInText, '$1') : text;
}

/** The integer behind the mark. */
export function exactInteger(value: string): bigint {
  return BigInt(value.slice(mark.length));
}

function endOfString(text: string, opening: number): number {
  let closing = opening;
  do {
    closing = text.indexOf('"', closing + 1);
    if (closing < 0) return text.length;
  } while (isEscaped(text, closing));
  return closing;
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0;
  while (text[position - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** Whether a colon follows. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (space.test(text[at] ?? '')) at++;
  return text[at] === ':';
}

function isPartOfNumber(character: string | undefined): boolean {
  return character !== undefined && /[\d.eE+-]/.test(character);
}
