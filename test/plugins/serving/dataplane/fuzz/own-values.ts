/** Values that tell whose they are: every element of a row follows from its first, and no two rows begin alike. */

/** Row `number` of `width`. All of them are whole and small enough for FP32. */
export function ownRow(number: number, width: number): number[] {
  return Array.from({ length: width }, (_, at) => (at === 0 ? number : (number * 31 + at * 7) % 65_536));
}

export function ownRows(numbers: readonly number[], width: number): number[] {
  return numbers.flatMap((number) => ownRow(number, width));
}

/** What is wrong with values that should be those of these rows; undefined where nothing is. */
export function strangeIn(
  values: ArrayLike<number>,
  numbers: readonly number[],
  width: number,
): string | undefined {
  const wanted = ownRows(numbers, width);
  if (values.length !== wanted.length) return `${values.length} values in place of ${wanted.length}`;
  for (let at = 0; at < wanted.length; at++)
    if (values[at] !== wanted[at])
      return `${values[at]} in place of ${wanted[at]} at ${at}, in the row ${numbers[Math.floor(at / width)]}`;
  return undefined;
}

/** The rows that values begin with: those of a stranger do not go on as they begin. */
export function numbersIn(values: ArrayLike<number>, width: number): number[] {
  return Array.from({ length: values.length / width }, (_, row) => values[row * width]!);
}
