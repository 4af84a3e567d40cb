import { StatisticsError } from '../error.ts';
import { seededRandom } from '../random.ts';
import { momentsOf, type TestOutcome, welchT } from '../two-sample/index.ts';
import { symmetricEigen } from '../two-sample/symmetric-eigen.ts';
import { requireTables, type TableColumn, type Tables } from './table.ts';

export interface ReconstructionOutcome extends TestOutcome {
  /** Mean errors of what the components did not learn from. */
  readonly errors: { readonly reference: number; readonly current: number };
  readonly components: number;
}

/** Of the variance of the reference, as NannyML keeps it. */
const keptVariance = 0.65;
const mostColumns = 200;

/**
 * Whether rows hang together as those of the reference do: how far they are from the components that hold 65 % of its variance, as
 * NannyML documents it. Numbers are standardised, missing ones are the mean; texts are how frequent they are. The components are of
 * one half of the reference; the errors of the other half, which they have not seen, are compared with those of the current sample.
 */
export function pcaReconstruction(tables: Tables, { seed = 1 } = {}): ReconstructionOutcome {
  const n = requireTables(tables);
  if (tables.reference.length > mostColumns)
    throw new StatisticsError(`${tables.reference.length} columns are too many: at most ${mostColumns}`);
  const random = seededRandom(seed);
  const order = Array.from({ length: n.reference }, (_, row) => row);
  for (let at = order.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  const half = n.reference >>> 1;
  const [learned, held] = [order.slice(0, half), order.slice(half)];
  const encoders = tables.reference.flatMap((column, at) => {
    const encode = encoderOf(column, learned);
    return encode === undefined ? [] : [{ at, encode }];
  });
  if (encoders.length < 2) throw new StatisticsError('fewer than two columns of the reference vary');
  const encoded = (columns: readonly TableColumn[], rows: readonly number[]) =>
    rows.map((row) => encoders.map(({ at, encode }) => encode(columns[at]!.values[row])));
  const components = componentsOf(encoded(tables.reference, learned));
  const errors = {
    reference: errorsOf(encoded(tables.reference, held), components),
    current: errorsOf(
      encoded(
        tables.current,
        Array.from({ length: n.current }, (_, row) => row),
      ),
      components,
    ),
  };
  const moments = { reference: momentsOf(errors.reference), current: momentsOf(errors.current) };
  const { statistic: _, ...judged } = welchT(moments.reference, moments.current);
  const difference = moments.current.mean - moments.reference.mean;
  return {
    ...judged,
    method: `${components.length} of ${encoders.length} components, of half of the reference; ${judged.method}`,
    statistic: difference,
    effect: Math.abs(difference) / Math.sqrt(moments.reference.variance),
    effectName: 'difference of mean errors over the reference’s standard deviation of errors',
    n: { reference: held.length, current: n.current },
    limits: [
      'sees that columns no longer hang together as before, and hardly a shift along a kept component',
      'half of the reference teaches, and the other half is compared',
    ],
    errors: { reference: moments.reference.mean, current: moments.current.mean },
    components: components.length,
  };
}

type Encoder = (value: number | string | null | undefined) => number;

/** In standard deviations from the mean of the rows that are learned from; undefined for what does not vary there. */
function encoderOf(column: TableColumn, rows: readonly number[]): Encoder | undefined {
  if (column.type === 'number') {
    const values = rows.map((row) => column.values[row]!).filter(Number.isFinite);
    return standardised(values, (value) => value as number);
  }
  const counts = new Map<string | null, number>();
  for (const row of rows) {
    const text = column.values[row] ?? null;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const shareOf = (text: unknown) => (counts.get((text ?? null) as string | null) ?? 0) / rows.length;
  return standardised(
    rows.map((row) => shareOf(column.values[row])),
    shareOf,
  );
}

function standardised(values: readonly number[], numberOf: (value: unknown) => number): Encoder | undefined {
  if (values.length < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance);
  if (!(deviation > 1e-12 * Math.abs(mean)) || !Number.isFinite(deviation)) return undefined;
  return (value) => {
    const own = numberOf(value);
    // Beyond a hundred deviations one value would be all of the mean error.
    return Number.isFinite(own) ? Math.max(-100, Math.min(100, (own - mean) / deviation)) : 0;
  };
}

/** Orthonormal directions that hold 65 % of the variance, the most telling first. */
function componentsOf(rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const size = rows[0]!.length;
  const covariance = new Float64Array(size * size);
  for (const row of rows) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) covariance[i * size + j]! += (row[i]! * row[j]!) / rows.length;
    }
  }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) covariance[j * size + i] = covariance[i * size + j]!;
  const { values, vectors } = symmetricEigen(covariance, size);
  const order = values.map((_, at) => at).sort((one, other) => values[other]! - values[one]!);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const kept: number[][] = [];
  let held = 0;
  for (const at of order.slice(0, size - 1)) {
    kept.push(Array.from({ length: size }, (_, row) => vectors[row * size + at]!));
    held += Math.max(0, values[at]!);
    if (held >= keptVariance * total) break;
  }
  return kept;
}

function errorsOf(
  rows: readonly (readonly number[])[],
  components: readonly (readonly number[])[],
): Float64Array {
  return Float64Array.from(rows, (row) => {
    let squares = row.reduce((sum, value) => sum + value * value, 0);
    for (const component of components) {
      const along = component.reduce((sum, weight, at) => sum + weight * row[at]!, 0);
      squares -= along * along;
    }
    return Math.sqrt(Math.max(0, squares));
  });
}
