import { describe, expect, it } from 'vitest';
import { encodeRows, fieldsOf, toldOfRow } from '../../../libraries/named-rows/index.ts';

const input = (name: string, datatype: string, shape: readonly number[]) => ({ name, datatype, shape });
const speed = input('speed', 'FP32', [-1, 1]);
const operator = input('operator', 'BYTES', [-1]);

describe('the fields of a model', () => {
  it('are its inputs of one value a row', () => {
    expect(fieldsOf([speed, operator])).toEqual([
      { field: 'speed', datatype: 'FP32', input: 0, at: 0 },
      { field: 'operator', datatype: 'BYTES', input: 1, at: 0 },
    ]);
  });

  it.each(['constructor', 'toString', '__proto__'])('may be called as what every object has: %s', (name) => {
    const field = { field: name, datatype: 'FP32', input: 0, at: 0 };
    expect(fieldsOf([input(name, 'FP32', [-1, 1])], { columns: {} })).toEqual([field]);
  });

  it('are the values of an input that has several, by their columns or their places', () => {
    const image = input('image', 'FP32', [-1, 2, 2]);
    const names = (columns?: Record<string, string[]>) =>
      fieldsOf([image], { ...(columns === undefined ? {} : { columns }) }).map(({ field }) => field);
    expect(names()).toEqual(['image[0]', 'image[1]', 'image[2]', 'image[3]']);
    expect(names({ image: ['a', 'b', 'c', 'd'] })).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([
    ['an input has no rows', [input('x', 'FP32', [4])], {}, 'takes no rows'],
    [
      'the number of its values is not known',
      [input('x', 'FP32', [-1, -1])],
      {},
      'no known number of values',
    ],
    ['the columns are too few', [input('x', 'FP32', [-1, 2])], { x: ['a'] }, '2 values a row, and 1 columns'],
    ['columns are of no input', [speed], { y: ['a'] }, 'no input "y"'],
    ['two would have one name', [speed, input('x', 'FP32', [-1, 1])], { x: ['speed'] }, 'two fields'],
  ])('are none where %s', (_, inputs, columns, message) => {
    expect(() => fieldsOf(inputs, { columns })).toThrow(message);
  });
});

describe('rows', () => {
  const encoded = (inputs: Parameters<typeof encodeRows>[0], rows: Parameters<typeof encodeRows>[2]) =>
    encodeRows(inputs, fieldsOf(inputs), rows);

  it('are tensors, and those that cannot be are told and left out', () => {
    const rows = [
      { speed: '140', operator: 'A' },
      { speed: 'fast', operator: 'B' },
      { operator: 'C' },
      { speed: 1.5, operator: 7 },
      { speed: 2, operator: null },
    ];
    expect(encoded([speed, operator], rows)).toEqual({
      inputs: [
        { name: 'speed', datatype: 'FP32', shape: [2, 1], data: [140, 1.5] },
        { name: 'operator', datatype: 'BYTES', shape: [2], data: ['A', '7'] },
      ],
      rows: [0, 3],
      problems: [
        { row: 1, field: 'speed', problem: '"fast" is no FP32' },
        { row: 2, field: 'speed', problem: 'is missing' },
        { row: 4, field: 'operator', problem: 'is missing' },
      ],
    });
  });

  it('lie row by row where an input has several values', () => {
    const [tensor] = encoded(
      [input('x', 'INT32', [-1, 2])],
      [
        { 'x[0]': 1, 'x[1]': 2 },
        { 'x[0]': 3, 'x[1]': 4 },
      ],
    ).inputs;
    expect(tensor).toMatchObject({ shape: [2, 2], data: [1, 2, 3, 4] });
  });

  it('tell all that is wrong with them', () => {
    expect(encoded([speed, operator], [{ speed: 'fast' }]).problems).toEqual([
      { row: 0, field: 'speed', problem: '"fast" is no FP32' },
      { row: 0, field: 'operator', problem: 'is missing' },
    ]);
    const told = Array.from({ length: 12 }, (_, field) => `${field} is missing`);
    expect(toldOfRow(told)).toBe(`${told.slice(0, 10).join('; ')}; and 2 more`);
    expect(toldOfRow(told.slice(0, 10))).toBe(told.slice(0, 10).join('; '));
  });

  it('are no tensors where none is well', () => {
    expect(encoded([speed], [{}])).toMatchObject({ inputs: [], rows: [] });
    expect(encoded([speed], [])).toEqual({ inputs: [], rows: [], problems: [] });
  });

  it.each([
    ['INT8', '127', 127],
    ['INT8', '128', undefined],
    ['INT8', '-129', undefined],
    ['UINT8', -1, undefined],
    ['UINT8', 1.5, undefined],
    ['INT32', '12.0', 12],
    ['INT64', '9007199254740993', 9007199254740993n],
    ['INT64', '9007199254740993.0', 9007199254740993n],
    ['INT64', 9007199254740994, undefined],
    ['INT64', 2n ** 63n, undefined],
    ['UINT64', '18446744073709551615', 18446744073709551615n],
    ['FP32', '1e400', undefined],
    ['FP32', 'NaN', undefined],
    ['FP64', '1e-7', 1e-7],
    ['FP64', '', undefined],
    ['BOOL', 'true', true],
    ['BOOL', 0n, false],
    ['BOOL', 'yes', undefined],
    ['BYTES', '', ''],
  ] as const)('of %s: %s is %s', (datatype, value, expected) => {
    const { inputs } = encoded([input('x', datatype, [-1, 1])], [{ x: value }]);
    expect(inputs[0]?.data[0]).toBe(expected);
  });

  it.each([
    [
      'INT64',
      9007199254740992,
      'may have lost digits as 9007199254740992: beyond 2^53, write whole numbers without',
    ],
    ['INT64', 1e300, '1e+300 is no INT64'],
    ['INT32', 9007199254740992, '9007199254740992 is no INT32'],
    ['INT64', 0.5, '0.5 is no INT64'],
  ])('of %s: of %s it is said what to do where digits may be lost', (datatype, value, problem) => {
    const { problems } = encoded([input('x', datatype, [-1, 1])], [{ x: value }]);
    expect(problems[0]?.problem).toContain(problem);
  });
});
