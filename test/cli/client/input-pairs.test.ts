import { describe, expect, it } from 'vitest';
import type { ModelMetadata } from '../../../cli/client/inference.ts';
import { tensorsFrom } from '../../../cli/client/input-pairs.ts';

const model: ModelMetadata = {
  name: 'strike',
  inputs: [
    { name: 'airport', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'speed', datatype: 'FP32', shape: [-1, 1] },
  ],
  outputs: [],
};
const one = (datatype: string, shape: readonly number[]): ModelMetadata => ({
  name: 'one',
  inputs: [{ name: 'x', datatype, shape }],
  outputs: [],
});

describe('inputs typed on the command line', () => {
  it('become tensors of the types that the model takes, one row a value', () => {
    expect(tensorsFrom(['airport=MIAMI,BOSTON', 'speed=140,2.5e2'], model)).toEqual([
      { name: 'airport', datatype: 'BYTES', shape: [2, 1], data: ['MIAMI', 'BOSTON'] },
      { name: 'speed', datatype: 'FP32', shape: [2, 1], data: [140, 250] },
    ]);
  });

  it('take text with a comma as JSON', () => {
    expect(tensorsFrom(['airport=["MIAMI, INTL"]', 'speed=-1'], model)[0]?.data).toEqual(['MIAMI, INTL']);
  });

  it('fill the dimension that varies', () => {
    expect(tensorsFrom(['x=1,2,3,4,5,6'], one('INT64', [-1, 3]))[0]?.shape).toEqual([2, 3]);
    expect(tensorsFrom(['x=[[1,2],[3,4]]'], one('INT64', [-1, 2]))[0]).toMatchObject({
      shape: [2, 2],
      data: [1, 2, 3, 4],
    });
    expect(tensorsFrom(['x=true,0'], one('BOOL', [2]))[0]?.data).toEqual([true, false]);
  });

  it.each([
    [['airport=A', 'sped=1'], model, 'strike has no input called sped', 'Did you mean `speed`?'],
    [['airport=A'], model, 'an input is missing: speed', 'Add --input speed=….'],
    [['airport'], model, '"airport" is no input', 'Write it as name=value: --input speed_knots=140.'],
    [
      ['airport=A,B', 'speed=1'],
      model,
      'the inputs have different numbers of rows: airport 2, speed 1',
      'Give each as many values.',
    ],
    [
      ['airport=A', 'speed=fast'],
      model,
      'speed takes numbers, not "fast"',
      'Separate values by commas; write text that holds a comma as JSON: name=["a, b"].',
    ],
    [
      ['x=1,2'],
      one('INT64', [-1, 3]),
      'x has 2 values, which do not fill its shape [-1, 3]',
      'Give a multiple of 3 values.',
    ],
  ])('are refused with what to do: %j', (pairs, of, message, hint) => {
    let thrown: unknown;
    try {
      tensorsFrom(pairs, of);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'InvalidPrediction', message, hint });
  });
});
