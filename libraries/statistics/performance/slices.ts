/** Which slice each row is of, by the values of a column. */

/** Values as their places among `names`. */
export interface SlicedColumn {
  /** Below 0 where there is no name: `missing`, or `unnamed`, where there were too many values to name each. */
  readonly codes: ArrayLike<number>;
  readonly names: readonly string[];
  /** The numbers that the values say; NaN of a text. */
  readonly numbers: ArrayLike<number>;
}

export interface Sliced {
  readonly names: readonly string[];
  /** Of each row, the place of its slice among the names. */
  readonly of: Int32Array;
}

export const missing = -1;
export const unnamed = -2;

/** Slices of more values than these: numbers are cut into quarters, and of texts the most frequent ones are kept. */
const mostSlices = 20;

export function slicesOf(column: SlicedColumn): Sliced {
  const { codes, numbers, names } = column;
  const rows = codes.length;
  let isNumeric = true;
  for (let row = 0; row < rows && isNumeric; row++) {
    isNumeric = codes[row] === missing || !Number.isNaN(numbers[row]);
  }
  if (names.length > mostSlices && isNumeric) return quarters(column);
  const counts = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    const code = codes[row]!;
    if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const kept = [...counts]
    .sort(([one, count], [other, otherCount]) => otherCount - count || one - other)
    .slice(0, mostSlices)
    .map(([code]) => code);
  const slice = new Map(kept.map((code, at) => [code, at]));
  const [none, others] = [kept.length, kept.length + 1];
  const placeOf = (code: number) =>
    code === missing ? none : code === unnamed ? others : (slice.get(code) ?? others);
  return {
    names: [...kept.map((code) => names[code]!), '(missing)', '(all others)'],
    of: Int32Array.from({ length: rows }, (_, row) => placeOf(codes[row]!)),
  };
}

function quarters({ numbers, codes }: SlicedColumn): Sliced {
  const sorted = Float64Array.from(numbers)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const edges = [1, 2, 3].map((quarter) => sorted[Math.floor((quarter * (sorted.length - 1)) / 4)]!);
  const [first, second, third] = edges.map((edge) => String(Number(edge.toPrecision(6))));
  return {
    names: [
      `up to ${first}`,
      `${first} to ${second}`,
      `${second} to ${third}`,
      `above ${third}`,
      '(missing)',
    ],
    of: Int32Array.from({ length: codes.length }, (_, row) => {
      if (codes[row] === missing) return 4;
      const place = edges.findIndex((edge) => numbers[row]! <= edge);
      return place < 0 ? 3 : place;
    }),
  };
}
