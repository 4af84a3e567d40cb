/** A part of the comment. What weighs most goes first when there is not room for all. */
export interface Section {
  readonly lines: readonly string[];
  /** 0 stays as long as anything does. */
  readonly weight: number;
}

/** Puts the sections together within so many bytes; says what was left out. */
export function within(sections: readonly Section[], footer: string, most: number): string {
  const kept = sections.filter(({ lines }) => lines.length > 0);
  const left = kept.map(() => true);
  const whole = (): string => {
    const parts = kept.filter((_, index) => left[index]).map(({ lines }) => lines.join('\n').trim());
    const note = left.includes(false) ? ['_Some of it is left out here: it would be too long._'] : [];
    return `${[...parts, ...note, footer].join('\n\n')}\n`;
  };
  const order = kept
    .map((_, index) => index)
    .sort((one, other) => {
      return (kept[other]?.weight ?? 0) - (kept[one]?.weight ?? 0) || other - one;
    });
  for (const index of order) {
    if (Buffer.byteLength(whole()) <= most) break;
    if ((kept[index]?.weight ?? 0) === 0) break;
    left[index] = false;
  }
  return cutLines(whole(), footer, most);
}

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
