/** Trailers of commit messages: what machines read, in the last paragraph, one a line. */

export type TrailerValue = string | readonly string[] | undefined;

/** One line a value; what would begin another line does not. Absent and empty values are left out. */
export function trailerLines(trailers: Readonly<Record<string, TrailerValue>>): readonly string[] {
  return Object.entries(trailers).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly string[]) : [value as string | undefined])
      .map((one) => oneLine(one ?? ''))
      .filter((one) => one !== '')
      .map((one) => `${name}: ${one}`),
  );
}

/** The trailers of a message; of a name that stands twice, all values in their order. */
export function readTrailers(message: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const paragraphs = message.trimEnd().split(/\n\s*\n/);
  if (paragraphs.length < 2) return found;
  for (const line of (paragraphs.at(-1) ?? '').split('\n')) {
    const [, name, value] = /^([A-Za-z][A-Za-z0-9-]*): (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return new Map();
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

/** Text of others on one line, without control characters, in at most 500 characters. */
export function oneLine(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > 500 ? `${line.slice(0, 499)}…` : line;
}
