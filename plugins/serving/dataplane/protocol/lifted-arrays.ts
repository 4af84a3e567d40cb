/**
 * Takes long arrays of numbers out of a JSON text before it is parsed, so that they can be read straight from their bytes
 * once shape and datatype are known.
 */
import { randomUUID } from 'node:crypto';

/** Where an array lies in the bytes of the JSON. */
export interface Span {
  readonly start: number;
  /** Behind its closing bracket. */
  readonly end: number;
}

export interface LiftedJson {
  /** The text with a mark in the place of each array that was taken out. */
  readonly text: string;
  /** The arrays, in their order. */
  readonly spans: readonly Span[];
  /** The array that a parsed value marks; undefined where it marks none. */
  spanOf(value: unknown): Span | undefined;
}

/** Shorter arrays are not worth it. */
const worthLifting = 256;
/** No client can know it. */
const mark = `\u0000${randomUUID()}:`;
const writtenMark = JSON.stringify(mark).slice(0, -1);
const dataKey = Buffer.from('"data"');

/**
 * Takes out each array of `shortest` bytes or more under a key `data` that begins with a number. Undefined where there is none. An array that
 * holds anything but numbers may be taken out in part; reading it then fails, and the text has to be parsed as it was.
 */
export function liftArrays(json: Buffer, shortest = worthLifting): LiftedJson | undefined {
  if (json.length < shortest) return undefined;
  const spans: Span[] = [];
  let text = '';
  let copied = 0;
  for (let key = json.indexOf(dataKey); key >= 0; key = json.indexOf(dataKey, key + 1)) {
    const start = flatArrayAfter(json, key + dataKey.length);
    if (start === undefined) continue;
    const end = json.indexOf(0x5d, start) + 1;
    if (end - start < shortest) continue;
    text += `${json.toString('utf8', copied, start)}${writtenMark}${spans.length}"`;
    spans.push({ start, end });
    copied = end;
    key = end;
  }
  if (spans.length === 0) return undefined;
  return {
    text: text + json.toString('utf8', copied),
    spans,
    spanOf: (value) =>
      typeof value === 'string' && value.startsWith(mark)
        ? spans[Number(value.slice(mark.length))]
        : undefined,
  };
}

/** Where the array of numbers begins that follows a key and its colon. */
function flatArrayAfter(json: Buffer, position: number): number | undefined {
  const colon = skipSpace(json, position);
  if (json[colon] !== 0x3a) return undefined;
  const bracket = skipSpace(json, colon + 1);
  if (json[bracket] !== 0x5b) return undefined;
  const first = json[skipSpace(json, bracket + 1)]!;
  return first === 0x2d || (first >= 0x30 && first <= 0x39) ? bracket : undefined;
}

function skipSpace(json: Buffer, position: number): number {
  let at = position;
  while (json[at] === 0x20 || json[at] === 0x0a || json[at] === 0x0d || json[at] === 0x09) at++;
  return at;
}
