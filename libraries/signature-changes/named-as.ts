import type { Signature, TensorSpec } from './changes.ts';

/**
 * A signature that was read from an artifact, with the columns and classes that others give the same tensors: an artifact knows no names of
 * values. The first that has names for a tensor of that type and those values decides.
 */
export function namedAs(signature: Signature, others: readonly Signature[]): Signature {
  const side = (name: 'inputs' | 'outputs') =>
    signature[name].map((tensor) => {
      const alike = others
        .flatMap((other) => other[name])
        .find((one) => (one.columns ?? one.classes) !== undefined && isAlike(one, tensor));
      if (alike === undefined) return tensor;
      const { columns, classes } = alike;
      return { ...tensor, ...(columns && { columns }), ...(classes && { classes }) };
    });
  return { inputs: side('inputs'), outputs: side('outputs') };
}

function isAlike(one: TensorSpec, other: TensorSpec): boolean {
  const values = ({ shape }: TensorSpec): string => String(shape.slice(1));
  return one.name === other.name && one.datatype === other.datatype && values(one) === values(other);
}
