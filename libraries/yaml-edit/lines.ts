/** A piece of a text that becomes another. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A text with splices in it, which may touch but not overlap. */
export function splice(text: string, splices: readonly Splice[]): string {
  let result = '';
  let position = 0;
  for (const { from, to, text: piece } of splices.toSorted((one, other) => one.from - other.from)) {
    result += text.slice(position, from) + piece;
    position = to;
  }
  return result + text.slice(position);
}

/** The lines of a text by offset: where they begin and end, and what kind of line they are. */
export class Lines {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Where the line of an offset begins. */
  startOf(offset: number): number {
    return offset === 0 ? 0 : this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** Where the line of an offset ends, before its line ending. */
  endOf(offset: number): number {
    const newline = this.text.indexOf('\n', offset);
    if (newline === -1) return this.text.length;
    return newline > offset && this.text[newline - 1] === '\r' ? newline - 1 : newline;
  }

  /** Where the line after that of an offset begins, or undefined on the last line. */
  after(offset: number): number | undefined {
    const newline = this.text.indexOf('\n', offset);
    return newline === -1 ? undefined : newline + 1;
  }

  /** Where the line before that of an offset begins, or undefined on the first line. */
  before(offset: number): number | undefined {
    const start = this.startOf(offset);
    return start === 0 ? undefined : this.startOf(start - 1);
  }

  /** Counts from 1. */
  numberOf(offset: number): number {
    return this.text.slice(0, offset).split('\n').length;
  }

  columnOf(offset: number): number {
    return offset - this.startOf(offset);
  }

  isSameLine(one: number, other: number): boolean {
    return this.startOf(one) === this.startOf(other);
  }

  /** Whether only space is before an offset on its line. */
  beginsLine(offset: number): boolean {
    return this.text.slice(this.startOf(offset), offset).trim() === '';
  }

  /** Whether only space is after an offset on its line. */
  endsLine(offset: number): boolean {
    return this.text.slice(offset, this.endOf(offset)).trim() === '';
  }

  isBlank(offset: number): boolean {
    return this.beginsLine(this.endOf(offset));
  }

  /** The column of a line that holds nothing but a comment; undefined for any other. */
  commentColumn(offset: number): number | undefined {
    const line = this.text.slice(this.startOf(offset), this.endOf(offset));
    const column = line.search(/\S/);
    return line[column] === '#' ? column : undefined;
  }

  /** The line ending in use at an offset: of its line, else of the line before, else of the text. */
  endingAt(offset: number): string {
    let newline = this.text.indexOf('\n', offset);
    if (newline === -1) newline = this.text.lastIndexOf('\n');
    return newline > 0 && this.text[newline - 1] === '\r' ? '\r\n' : '\n';
  }

  /** Adds lines below the line of an offset. A last line without an ending stays one. */
  addBelow(offset: number, lines: readonly string[]): Splice {
    const at = this.endOf(offset);
    const ending = this.endingAt(offset);
    return { from: at, to: at, text: lines.map((line) => ending + line).join('') };
  }

  /** Adds lines above the line of an offset. */
  addAbove(offset: number, lines: readonly string[]): Splice {
    const at = this.startOf(offset);
    const ending = this.endingAt(offset);
    return { from: at, to: at, text: lines.map((line) => line + ending).join('') };
  }

  /** Takes away whole lines, from that of one offset to that of another. A text without a last line ending stays one. */
  remove(first: number, last: number): Splice {
    const next = this.after(last);
    if (next !== undefined) return { from: this.startOf(first), to: next, text: '' };
    const previous = this.before(first);
    return {
      from: previous === undefined ? this.startOf(first) : this.endOf(previous),
      to: this.text.length,
      text: '',
    };
  }
}
