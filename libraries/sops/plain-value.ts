import { SopsError } from './error.ts';
import type { TypedText } from './value-cipher.ts';

/**
 * What an unquoted scalar means to SOPS, in the text that its MAC is computed over: `1.50` is the float `1.5`, `0x1F` the
 * integer `31`. Undefined for null, which SOPS leaves alone.
 */
export function plainValue(source: string): TypedText | undefined {
  if (/^(?:|~|null|Null|NULL)$/.test(source)) return undefined;
  if (/^(?:true|True|TRUE)$/.test(source)) return { type: 'bool', text: 'True' };
  if (/^(?:false|False|FALSE)$/.test(source)) return { type: 'bool', text: 'False' };
  const time = timeText(source);
  if (time !== undefined) return { type: 'time', text: time };
  if (/^[-+.\d]/.test(source)) return numberText(source) ?? { type: 'str', text: source };
  return { type: 'str', text: source };
}

function numberText(source: string): TypedText | undefined {
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(source)) {
    return { type: 'float', text: source.startsWith('-') ? '-Inf' : '+Inf' };
  }
  if (/^\.(?:nan|NaN|NAN)$/.test(source)) return { type: 'float', text: 'NaN' };
  const digits = source.replaceAll('_', '');
  const [, sign = '', number = ''] = /^([-+]?)(.*)$/.exec(digits) ?? [];
  const whole = wholeNumber(number);
  if (whole !== undefined) {
    const value = sign === '-' ? -whole : whole;
    if (value >= -(2n ** 63n) && value < 2n ** 63n) return { type: 'int', text: String(value) };
    if (value >= 0n && value < 2n ** 64n) {
      throw new SopsError('unsupported', 'a whole number has more than 63 bits: write it in quotes');
    }
  }
  if (/^(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(number)) {
    return { type: 'float', text: decimals(Number(`${sign}${number}`)) };
  }
  return undefined;
}

function wholeNumber(text: string): bigint | undefined {
  if (/^(?:0x[\da-fA-F]+|0o[0-7]+|0b[01]+|0|[1-9]\d*)$/.test(text)) return BigInt(text);
  // As in C: a leading zero means octal.
  return /^0[0-7]+$/.test(text) ? BigInt(`0o${text.slice(1)}`) : undefined;
}

/** The shortest decimals that give the number back, without an exponent. */
export function decimals(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponent] = (Object.is(value, -0) ? '-0' : String(value)).split('e');
  if (exponent === undefined) return mantissa;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [before = '', after = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - before.length)}${before}${after}`;
  return `${sign}${before}${after.padEnd(shift, '0')}`;
}

const time =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]| +)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?(Z|[-+]\d\d:\d\d)?)?$/;

/** A timestamp as RFC 3339, in its own time zone. */
function timeText(source: string): string | undefined {
  const found = time.exec(source);
  if (found === null) return undefined;
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', part = '', zone = 'Z'] =
    found;
  const two = (text: string) => text.padStart(2, '0');
  const date = `${year}-${two(month)}-${two(day)}`;
  const clock = `${two(hour)}:${two(minute)}:${two(second)}`;
  const moment = new Date(`${date}T${clock}Z`);
  if (Number.isNaN(moment.getTime()) || !moment.toISOString().startsWith(`${date}T${clock}`))
    return undefined;
  const fraction = part.replace(/0+$/, '');
  return `${date}T${clock}${fraction === '' ? '' : `.${fraction}`}${/^[-+]00:00$/.test(zone) ? 'Z' : zone}`;
}

/** The text that stands for a decrypted value in the MAC: older writers spelt it otherwise. */
export function canonical({ type, text }: TypedText): string {
  switch (type) {
    case 'bool':
      return /^(?:1|t|T|TRUE|true|True)$/.test(text) ? 'True' : 'False';
    case 'int':
      return /^[-+]?\d+$/.test(text) ? String(BigInt(text)) : text;
    case 'float':
      return /^[-+]?[\d.]+(?:[eE][-+]?\d+)?$/.test(text) ? decimals(Number(text)) : text;
    default:
      return text;
  }
}
