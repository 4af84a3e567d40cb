import type { TensorFacts } from './expectations.ts';

/** A request with a made-up row for a model: ones, texts, and 1 wherever any size will do. */
export function madeUpRequest(inputs: readonly TensorFacts[]): Readonly<Record<string, unknown>> {
  return {
    inputs: inputs.map(({ name, datatype, shape }) => {
      const sizes = shape.map((size) => (size === -1 ? 1 : size));
      const count = sizes.reduce((product, size) => product * size, 1);
      return { name, datatype, shape: sizes, data: new Array(count).fill(elementOf(datatype)) };
    }),
  };
}

function elementOf(datatype: string): unknown {
  if (datatype === 'BOOL') return true;
  return datatype === 'BYTES' ? 'text' : 1;
}
