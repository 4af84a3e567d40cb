/** Numbers that a figure cannot be made of: too few, of one class, not finite. The message says which and why. */
export class StatisticsError extends Error {
  override readonly name = 'StatisticsError';
  readonly code = 'DegenerateInput';
}

/** Throws where two columns have different lengths, or no row at all. */
export function requireRows(columns: Readonly<Record<string, ArrayLike<number>>>): number {
  const [[first, column] = ['', []], ...others] = Object.entries(columns);
  if (column.length === 0) throw new StatisticsError('there is no row');
  for (const [name, other] of others) {
    if (other.length === column.length) continue;
    throw new StatisticsError(`there are ${column.length} ${first} and ${other.length} ${name}`);
  }
  return column.length;
}

/** Throws where a number is not finite, by its row (from 1). */
export function requireFinite(name: string, values: ArrayLike<number>): void {
  for (let row = 0; row < values.length; row++) {
    if (!Number.isFinite(values[row]))
      throw new StatisticsError(`${name} in row ${row + 1} is ${values[row]}`);
  }
}

/** Throws where a label is neither 0 nor 1. */
export function requireBinary(name: string, values: ArrayLike<number>): void {
  for (let row = 0; row < values.length; row++) {
    if (values[row] !== 0 && values[row] !== 1)
      throw new StatisticsError(`${name} in row ${row + 1} is ${values[row]}, neither 0 nor 1`);
  }
}

/** Throws where a single number is not finite. */
export function requireNumber(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new StatisticsError(`${name} is ${value}, not a finite number`);
}

/** Throws where a number is not between 0 and 1, or is one of them. */
export function requireShare(name: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw new StatisticsError(`${name} is ${value}, not between 0 and 1`);
}

/** Throws where a number does not count something: whole, and at least `least`. */
export function requireCount(name: string, value: number, least = 0): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new StatisticsError(`${name} is ${value}, not a whole number of at least ${least}`);
}

/** Throws where a number is not finite and above 0. */
export function requirePositive(name: string, value: number): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new StatisticsError(`${name} is ${value}, not a number above 0`);
}
