import { isScalar, isSeq, parseDocument } from 'yaml';
import type { ScalarValue } from './tree.ts';

export type Quoting = 'plain' | 'single' | 'double';
export type Quote = Exclude<Quoting, 'plain'>;

/**
 * A scalar on one line, in the quoting asked for where that can say it. Text that would be read as another type without
 * quotes, by YAML 1.2 or by the many readers that still follow 1.1, gets `quote`.
 */
export function scalarText(
  value: ScalarValue,
  { quoting, quote, flow }: { readonly quoting: Quoting; readonly quote: Quote; readonly flow: boolean },
): string {
  if (typeof value !== 'string') return typeof value === 'number' ? numberText(value) : String(value);
  if (quoting === 'plain' && isPlain(value, flow)) return value;
  return quotedText(value, quoting === 'plain' ? quote : quoting);
}

/** The text of a key, quoted where it must be. */
export function keyText(
  key: string,
  { quoting, quote }: { readonly quoting: Quoting; readonly quote: Quote },
): string {
  return scalarText(key, {
    quoting: quoting === 'plain' && !isPlainKey(key) ? quote : quoting,
    quote,
    flow: true,
  });
}

/** Whether text without quotes is read back as this text by every version of YAML. */
export function isPlain(value: string, flow: boolean): boolean {
  if (!isPrintable(value) || value !== value.trim() || /^(---|\.\.\.|[=<]+$|[%@`])|\n/.test(value))
    return false;
  return readers.every((reader) => {
    const read = parseDocument(flow ? `[${value}]` : `- ${value}`, reader);
    if (read.errors.length > 0 || read.warnings.length > 0) return false;
    const [item, ...others] = isSeq(read.contents) ? read.contents.items : [];
    return (
      others.length === 0 && isScalar(item) && item.type === 'PLAIN' && item.value === value && !item.anchor
    );
  });
}

function isPlainKey(key: string): boolean {
  return isPlain(key, true) && !key.startsWith('#') && key.length < 1000;
}

const quiet = { logLevel: 'silent', prettyErrors: false } as const;
const readers = [
  { ...quiet, version: '1.2', schema: 'core' },
  { ...quiet, version: '1.1', schema: 'yaml-1.1' },
] as const;

/** In the form that YAML 1.1 also reads as a number: its exponents need a point. */
function numberText(value: number): string {
  return String(value).replace(/^(-?\d+)e/, '$1.0e');
}

function quotedText(value: string, quote: Quote): string {
  if (quote === 'single' && isPrintable(value) && !value.includes('\n'))
    return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}

/** Whether text can stand in a file without escapes, tabs and line ends allowed. */
export function isPrintable(value: string): boolean {
  return !/[^\P{C}\t\n\p{Cf}\p{Cn}\p{Co}]|[\u2028\u2029\ufeff\ufffe\uffff]/u.test(value);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
