import { type FileColumn, missing, unnamed } from './prediction-file.ts';

/** Slices of more values than these: numbers are cut into quarters, and of texts the most frequent ones are kept. */
const mostSlices = 20;

/** Which slice each row of the file belongs to, by the values of a column. */
export function slicesOf(column: FileColumn): { readonly names: readonly string[]; readonly of: Int32Array } {
  const { codes, numbers, names } = column;
  const isNumeric = codes.every((code, row) => code === missing || !Number.isNaN(numbers[row]));
  if (names.length > mostSlices && isNumeric) return quarters(column);
  const counts = new Map<number, number>();
  for (const code of codes) if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  const kept = [...counts]
    .sort(([one, count], [other, otherCount]) => otherCount - count || one - other)
    .slice(0, mostSlices)
    .map(([code]) => code);
  const slice = new Map(kept.map((code, at) => [code, at]));
  const [none, others] = [kept.length, kept.length + 1];
  return {
    names: [...kept.map((code) => names[code]!), '(missing)', '(all others)'],
    of: codes.map((code) =>
      code === missing ? none : code === unnamed ? others : (slice.get(code) ?? others),
    ),
  };
}

function quarters({ numbers, codes }: FileColumn): { names: readonly string[]; of: Int32Array } {
  const sorted = numbers.filter((value) => !Number.isNaN(value)).sort();
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
    of: codes.map((code, row) => {
      if (code === missing) return 4;
      const place = edges.findIndex((edge) => numbers[row]! <= edge);
      return place < 0 ? 3 : place;
    }),
  };
}
