/** A part of the comment. What weighs most goes first when there is not room for all. */
export interface Section {
  readonly lines: readonly string[];
  /** 0 stays as long as anything does. */
  readonly weight: number;
}

/** Puts the sections together within so many bytes; says what was left out. */
export function within(sections: readonly Section[], footer: string, most: number): string {
  const parts = sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ lines, weight }) => ({ text: lines.join('\n').trim(), weight, isLeft: true }));
  let size = Buffer.byteLength(footer) + Buffer.byteLength(leftOut) + 2 * gap.length;
  for (const { text } of parts) size += Buffer.byteLength(text) + gap.length;
  // The heaviest go first, of those the last.
  const order = [...parts].reverse().sort((one, other) => other.weight - one.weight);
  for (const part of order) {
    if (size <= most || part.weight === 0) break;
    part.isLeft = false;
    size -= Buffer.byteLength(part.text) + gap.length;
  }
  const left = parts.filter(({ isLeft }) => isLeft).map(({ text }) => text);
  if (left.length < parts.length) left.push(leftOut);
  return cutLines(`${[...left, footer].join(gap)}\n`, footer, most);
}

const gap = '\n\n';
const leftOut = '_Some of it is left out here: it would be too long._';

/** Whole lines, so that no markup is left open but that of one line. */
function cutLines(body: string, footer: string, most: number): string {
  if (Buffer.byteLength(body) <= most) return body;
  const end = `\n_The rest is left out: it would be too long._\n\n${footer}\n`;
  let room = most - Buffer.byteLength(end);
  const lines: string[] = [];
  for (const line of body.split('\n')) {
    room -= Buffer.byteLength(line) + 1;
    if (room < 0) break;
    lines.push(line);
  }
  return lines.join('\n') + end;
}
