export interface SentLabel {
  readonly id: string;
  readonly row?: number;
  readonly label: unknown;
}

/** A label as it is typed or as a cell holds it: a number, true, false, a list in JSON, or a text. */
export function labelFrom(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  if (/^-?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const number = Number(trimmed);
    // What would lose digits is a name, such as that of an account.
    if (Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))) return number;
  }
  if (!trimmed.startsWith('[')) return text;
  try {
    return JSON.parse(trimmed);
  } catch {
    return text;
  }
}
