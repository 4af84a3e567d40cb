/**
 * Reads a JSON array of numbers straight from its bytes into a typed array. `JSON.parse` makes an array of doubles first;
 * this takes a third of the time for FP32 and leaves nothing to collect. It reads what is right and gives up on
 * all else: the caller then reads the JSON as a whole, which finds out what is wrong.
 */
import { type Datatype, type DatatypeFacts, factsOf, type NumericData } from './datatypes.ts';
import type { RowMemory } from './row-memory.ts';

/** Powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** So many digits are exact as a double. */
const exactDigits = 15;
/** Up to so many digits, adding them up, one or several at a time, stays within `drift` of the number. */
const mostDigits = 25;
const drift = 4e-15;

/** Whether arrays of the datatype can be read here. */
export function isReadable(datatype: Datatype): boolean {
  return datatype === 'FP32' || factsOf(datatype).form === 'integer';
}

/**
 * Reads `elements` numbers from the array that begins at `start`, which is a `[`. Undefined where what is there is not
 * just so many numbers that the datatype holds, written by JSON's grammar, or where it does not end at `end`.
 */
export function readNumberArray(
  json: Buffer,
  start: number,
  end: number,
  datatype: Datatype,
  elements: number,
  memory: RowMemory,
): NumericData | undefined {
  if (!hasRoomFor(elements, start, end)) return undefined;
  const facts = factsOf(datatype);
  const values = memory.take(facts, elements);
  return readNumbers(json, start, facts, values) === end ? values : undefined;
}

/**
 * Whether so many numbers can stand there: each takes at least a digit and a separator. A shape that promises more
 * should allocate nothing.
 */
export function hasRoomFor(elements: number, start: number, end: number): boolean {
  return elements <= end - start;
}

/**
 * Fills `values` with the numbers of the array that begins at `start`. Gives the position behind the array; -1 where it
 * does not hold just so many numbers that the datatype holds, written by JSON's grammar. Bytes are made 32-bit integers,
 * with 0 for those behind the end: it takes a sixth less time where the compiler need not expect anything else. Digits are joined
 * as integers before they join the mantissa, which waits eight cycles for each number that it takes in: two at a time before the
 * point, four behind it, where most digits are.
 */
export function readNumbers(json: Buffer, start: number, facts: DatatypeFacts, values: NumericData): number {
  if (json[start] !== 0x5b) return -1;
  const isFloat = facts.form === 'float';
  const smallest = facts.smallest as number;
  const largest = facts.largest as number;
  const last = values.length - 1;
  let at = start + 1;
  for (let index = 0; index <= last; index++) {
    let byte = json[at]! | 0;
    while (byte <= 0x20 && isSpace(byte)) byte = json[++at]! | 0;
    const begin = at;
    const isNegative = byte === 0x2d;
    if (isNegative) byte = json[++at]! | 0;
    const firstDigit = at;
    let digit = byte - 0x30;
    if (digit >>> 0 > 9) return -1;
    let mantissa = 0;
    do {
      byte = json[++at]! | 0;
      const second = byte - 0x30;
      if (second >>> 0 > 9) {
        mantissa = mantissa * 10 + digit;
        break;
      }
      mantissa = mantissa * 100 + (digit * 10 + second);
      byte = json[++at]! | 0;
      digit = byte - 0x30;
    } while (digit >>> 0 <= 9);
    let digits = at - firstDigit;
    if (digits > 1 && json[firstDigit] === 0x30) return -1;
    let exponent = 0;
    if (byte === 0x2e) {
      if (!isFloat) return -1;
      const firstFraction = ++at;
      byte = json[at]! | 0;
      digit = byte - 0x30;
      while (digit >>> 0 <= 9) {
        byte = json[at + 1]! | 0;
        const second = byte - 0x30;
        if (second >>> 0 > 9) {
          mantissa = mantissa * 10 + digit;
          at += 1;
          break;
        }
        byte = json[at + 2]! | 0;
        const third = byte - 0x30;
        if (third >>> 0 > 9) {
          mantissa = mantissa * 100 + (digit * 10 + second);
          at += 2;
          break;
        }
        byte = json[at + 3]! | 0;
        const fourth = byte - 0x30;
        if (fourth >>> 0 > 9) {
          mantissa = mantissa * 1000 + (digit * 100 + second * 10 + third);
          at += 3;
          break;
        }
        mantissa = mantissa * 10_000 + (digit * 1000 + second * 100 + third * 10 + fourth);
        at += 4;
        byte = json[at]! | 0;
        digit = byte - 0x30;
      }
      exponent = firstFraction - at;
      if (exponent === 0) return -1;
      digits -= exponent;
    }
    if (byte === 0x65 || byte === 0x45) {
      if (!isFloat) return -1;
      const sign = json[++at];
      if (sign === 0x2b || sign === 0x2d) at++;
      const firstPower = at;
      let power = 0;
      byte = json[at]! | 0;
      digit = byte - 0x30;
      while (digit >>> 0 <= 9) {
        power = power * 10 + digit;
        byte = json[++at]! | 0;
        digit = byte - 0x30;
      }
      if (at === firstPower) return -1;
      exponent += sign === 0x2d ? -power : power;
    }
    let value: number;
    if (digits > mostDigits || exponent > 22 || exponent < -22) {
      value = Number(json.toString('latin1', begin, at));
    } else {
      if (exponent === 0) value = mantissa;
      else value = exponent < 0 ? mantissa / powers[-exponent]! : mantissa * powers[exponent]!;
      const isSure =
        digits <= exactDigits ||
        (isFloat && Math.fround(value * (1 - drift)) === Math.fround(value * (1 + drift)));
      if (!isSure) value = Number(json.toString('latin1', firstDigit, at));
      if (isNegative) value = -value;
    }
    if (!(value >= smallest && value <= largest) && !(isFloat && Number.isFinite(Math.fround(value))))
      return -1;
    values[index] = value;
    while (byte <= 0x20 && isSpace(byte)) byte = json[++at]! | 0;
    if (byte !== (index === last ? 0x5d : 0x2c)) return -1;
    at++;
  }
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
