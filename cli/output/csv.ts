/** Comma-separated values as RFC 4180 has them, with plain line ends. */

export function csvHeader(names: readonly string[]): string {
  return csvLine(names);
}

/** Null is an empty cell; lists and objects are JSON. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
