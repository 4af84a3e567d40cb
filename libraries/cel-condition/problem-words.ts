import type { ParseError } from '@marcbachmann/cel-js';

/** Where it is: `at character 8, `, or nothing where that is not known. */
export function placeOf({ range }: ParseError, source: string): string {
  const start = range?.start;
  if (start === undefined) return '';
  return start >= source.length ? 'at its end, ' : `at character ${start + 1}, `;
}

/** What is wrong, as the middle of a sentence. */
export function summaryOf(thrown: unknown): string {
  const { summary, message } = thrown as { summary?: string; message?: string };
  const text = summary ?? message ?? String(thrown);
  return text.charAt(0).toLowerCase() + text.slice(1);
}
