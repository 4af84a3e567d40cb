/**
 * The message of a commit that is an event. Its trailers (`Switchyard-Event: reviewed`) are a format of their own: they carry
 * any text, whole and as it was, and a line that is none of ours makes the message none. Those of commits that people read
 * are in libraries/git.
 */

/** Names without their `Switchyard-`. */
export type Trailers = readonly (readonly [name: string, value: string])[];

/**
 * A message of subject, text and trailers. The trailers are always a paragraph of their own at the end, so that nothing in
 * the text can pass for one.
 */
export function formatMessage(subject: string, text: string, trailers: Trailers): string {
  const lines = trailers.map(([name, value]) => `Switchyard-${name}: ${encode(value)}`);
  const parts = [oneLine(subject), printable(text).trim(), lines.join('\n')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The trailers of a message of ours: the last paragraph, where each of its lines is one. */
export function readEventTrailers(message: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const paragraph = message.trimEnd().split(/\n\n+/).at(-1) ?? '';
  for (const line of paragraph.split('\n')) {
    const parts = /^Switchyard-([A-Z][A-Za-z-]*): (.*)$/.exec(line);
    const value = decode(parts?.[2] ?? '');
    if (parts === null || value === undefined) return new Map();
    const values = found.get(parts[1]!);
    if (values === undefined) found.set(parts[1]!, [value]);
    else values.push(value);
  }
  return found;
}

/** Plain where it can stand on a line as it is, else as JSON writes it. */
function encode(value: string): string {
  return /^[^\s"\p{C}\p{Z}](?:[^\p{C}]*[^\s\p{C}\p{Z}])?$/u.test(value) ? value : JSON.stringify(value);
}

function decode(text: string): string | undefined {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ').trim();
}

function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\0', '');
}
