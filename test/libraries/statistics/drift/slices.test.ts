import { describe, expect, it } from 'vitest';
import {
  compareSamples,
  compareSlices,
  type NumberSample,
  type Slice,
} from '../../../../libraries/statistics/drift/index.ts';
import { normalQuantile, seededRandom } from '../../../../libraries/statistics/index.ts';

const random = seededRandom(5);
const numbers = (rows: number, shift = 0): NumberSample => ({
  type: 'number',
  rows,
  missing: 0,
  values: Float64Array.from({ length: rows }, () => normalQuantile((random.word() + 0.5) / 2 ** 32) + shift),
  infinite: 0,
  unreadable: 0,
});
const sampleOf = (shift = 0) =>
  new Map(['a', 'b', 'c'].map((name) => [name, numbers(150, name === 'a' ? shift : 0)] as const));
const slice = (value: string, shift = 0): Slice => ({
  column: 'kind',
  value,
  reference: sampleOf(),
  current: sampleOf(shift),
});

describe('slices', () => {
  it('are compared one by one, and only the one that drifted is told', () => {
    const found = compareSlices([slice('x'), slice('y', 1), slice('z')]);
    expect(found.map((one) => one.slice.value)).toEqual(['x', 'y', 'z']);
    const drifted = found.flatMap(({ slice: { value }, columns }) =>
      columns.filter((column) => column.drifted).map(({ column }) => `${value} ${column}`),
    );
    expect(drifted).toEqual(['y a']);
  });

  it('are judged together: the more there are, the more it takes', () => {
    const one = slice('x', 0.3);
    const others = Array.from({ length: 30 }, (_, at) => slice(String(at)));
    const adjusted = (slices: readonly Slice[], correction: 'holm' | 'none') =>
      compareSlices(slices, { correction })[0]?.columns[0]?.adjustedPValue ?? 1;
    const alone = compareSamples(one.reference, one.current, { correction: 'holm' }).columns[0];
    expect(adjusted([one], 'holm')).toBe(alone?.adjustedPValue);
    // Three tests alone, and 93 among the others.
    expect(adjusted([one, ...others], 'holm')).toBeCloseTo(
      Math.min(1, (93 / 3) * (alone?.adjustedPValue ?? 1)),
      9,
    );
    expect(adjusted([one, ...others], 'none')).toBe(alone?.pValue);
  });

  it('of which the current sample has nothing have a status', () => {
    const [found] = compareSlices([{ ...slice('x'), current: new Map() }]);
    expect(found?.columns.map(({ status }) => status)).toEqual(Array(3).fill('not-in-current'));
    expect(found?.dataset).toMatchObject({ compared: 0, share: 0, driftDetected: false });
  });
});

describe('a target and a prediction', () => {
  const [reference, current] = [sampleOf(), sampleOf(1)];

  it('are judged by themselves, and do not count in the share', () => {
    const { columns, dataset } = compareSamples(reference, current, { roles: { a: 'target' } });
    expect(columns.map(({ column, role, drifted }) => [column, role, drifted])).toEqual([
      ['a', 'target', true],
      ['b', 'input', false],
      ['c', 'input', false],
    ]);
    expect(dataset).toMatchObject({ columns: 2, compared: 2, drifted: 0, driftDetected: false });
    const [target] = columns;
    expect(target?.adjustedPValue).toBe(target?.pValue);
  });

  it('do not change what is said of the inputs', () => {
    const without = (sample: typeof reference) => new Map([...sample].filter(([name]) => name !== 'a'));
    const alone = compareSamples(without(reference), without(current));
    const beside = compareSamples(reference, current, { roles: { a: 'prediction' } });
    expect(beside.columns.slice(1)).toEqual(alone.columns);
    expect(beside.dataset).toEqual(alone.dataset);
  });
});
