/**
 * Reads a JSON array of numbers straight from its bytes into a typed array. `JSON.parse` makes an array of doubles first;
 * this takes a third of the time for FP32 and leaves nothing to collect. It reads what is right and gives up on
 * all else: the caller then reads the JSON as a whole, which finds out what is wrong.
 */
import { type Datatype, factsOf, type NumericData } from './datatypes.ts';

/** Powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** So many digits are exact as a double. */
const exactDigits = 15;
/** Up to so many digits, adding them up one by one stays within `drift` of the number. */
const mostDigits = 25;
const drift = 4e-15;

/** Whether arrays of the datatype can be read here. */
export function isReadable(datatype: Datatype): boolean {
  return datatype === 'FP32' || factsOf(datatype).form === 'integer';
}

/**
 * Reads `elements` numbers from the array that begins at `start`, which is a `[`. Undefined where what is there is not
 * just so many numbers that the datatype holds, written by JSON's grammar, or where it does not end before `end`.
 */
export function readNumberArray(
  json: Buffer,
  start: number,
  end: number,
  datatype: Datatype,
  elements: number,
): NumericData | undefined {
  // Each takes at least a digit and a separator: a shape that promises more than there is room for allocates nothing.
  if (elements > end - start) return undefined;
  const facts = factsOf(datatype);
  const values = new facts.array!(elements) as Float32Array;
  const isFloat = datatype === 'FP32';
  const smallest = facts.smallest as number;
  const largest = facts.largest as number;
  let at = start + 1;
  for (let index = 0; index < elements; index++) {
    let byte = json[at]!;
    while (isSpace(byte)) byte = json[++at]!;
    const begin = at;
    const isNegative = byte === 0x2d;
    if (isNegative) byte = json[++at]!;
    const firstDigit = at;
    let digit = byte - 0x30;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    let mantissa = 0;
    do {
      mantissa = mantissa * 10 + digit;
      byte = json[++at]!;
      digit = byte - 0x30;
    } while (digit >= 0 && digit <= 9);
    let digits = at - firstDigit;
    if (digits > 1 && json[firstDigit] === 0x30) return undefined;
    let exponent = 0;
    if (byte === 0x2e || byte === 0x65 || byte === 0x45) {
      if (!isFloat) return undefined;
      if (byte === 0x2e) {
        const firstFraction = ++at;
        byte = json[at]!;
        digit = byte - 0x30;
        while (digit >= 0 && digit <= 9) {
          mantissa = mantissa * 10 + digit;
          byte = json[++at]!;
          digit = byte - 0x30;
        }
        exponent = firstFraction - at;
        if (exponent === 0) return undefined;
        digits -= exponent;
      }
      if (byte === 0x65 || byte === 0x45) {
        const sign = json[++at];
        if (sign === 0x2b || sign === 0x2d) at++;
        const firstPower = at;
        let power = 0;
        byte = json[at]!;
        digit = byte - 0x30;
        while (digit >= 0 && digit <= 9) {
          power = power * 10 + digit;
          byte = json[++at]!;
          digit = byte - 0x30;
        }
        if (at === firstPower) return undefined;
        exponent += sign === 0x2d ? -power : power;
      }
    }
    let value: number;
    if (digits > mostDigits || exponent > 22 || exponent < -22) {
      value = Number(json.toString('latin1', begin, at));
    } else {
      value = exponent < 0 ? mantissa / powers[-exponent]! : mantissa * powers[exponent]!;
      const isSure =
        digits <= exactDigits ||
        (isFloat && Math.fround(value * (1 - drift)) === Math.fround(value * (1 + drift)));
      if (!isSure) value = Number(json.toString('latin1', firstDigit, at));
      if (isNegative) value = -value;
    }
    values[index] = value;
    if (isFloat ? !Number.isFinite(values[index]) : value < smallest || value > largest) return undefined;
    while (isSpace(byte)) byte = json[++at]!;
    if (byte !== (index === elements - 1 ? 0x5d : 0x2c)) return undefined;
    at++;
  }
  return at === end ? values : undefined;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
