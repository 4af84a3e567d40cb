/** Compares a loaded model with the signature in its manifest. */
import type { Signature, TensorSpec } from '../../../../core/capabilities/serving-runtime.ts';
import { signatureMismatch } from '../errors/load-errors.ts';
import type { TensorInterface } from '../protocol/model-interface.ts';
import type { RuntimeValue } from '../run/session.ts';
import type { Datatype } from '../tensor/datatypes.ts';

export interface ModelSides {
  readonly inputs: readonly RuntimeValue[];
  readonly outputs: readonly RuntimeValue[];
}

/**
 * What the model takes and gives, in the order of the signature. A signature may be narrower than the model (a fixed
 * size where the model takes any); it must not promise an input that the model refuses. Throws `SignatureMismatch`
 * naming every difference.
 */
export function compareSignature(
  model: ModelSides,
  signature: Signature,
): { readonly inputs: TensorInterface[]; readonly outputs: TensorInterface[] } {
  const differences: string[] = [];
  const inputs = compareSide('input', model.inputs, signature.inputs, differences);
  const outputs = compareSide('output', model.outputs, signature.outputs, differences);
  if (differences.length > 0) throw signatureMismatch(differences);
  return { inputs, outputs };
}

function compareSide(
  side: 'input' | 'output',
  values: readonly RuntimeValue[],
  specs: readonly TensorSpec[],
  differences: string[],
): TensorInterface[] {
  const byName = new Map(values.map((value) => [value.name, value]));
  for (const value of values) {
    if (!specs.some((spec) => spec.name === value.name)) {
      differences.push(`the model has the ${side} "${value.name}", the signature does not`);
    }
  }
  const tensors: TensorInterface[] = [];
  for (const spec of specs) {
    const value = byName.get(spec.name);
    if (value === undefined) {
      differences.push(`the signature has the ${side} "${spec.name}", the model does not`);
      continue;
    }
    const difference = compareTensor(side, value, spec);
    if (difference !== undefined) differences.push(`${side} "${spec.name}" ${difference}`);
    else
      tensors.push({
        name: spec.name,
        datatype: spec.datatype as Datatype,
        shape: narrower(value.shape, spec.shape),
        ...(spec.columns === undefined ? {} : { columns: spec.columns }),
        ...(spec.classes === undefined ? {} : { classes: spec.classes }),
      });
  }
  return tensors;
}

function compareTensor(side: 'input' | 'output', value: RuntimeValue, spec: TensorSpec): string | undefined {
  if (value.datatype !== spec.datatype) {
    return `is ${value.datatype ?? value.type} in the model, ${spec.datatype} in the signature`;
  }
  if (value.shape === undefined) return undefined;
  const shapes = `is [${value.shape.join(',')}] in the model, [${spec.shape.join(',')}] in the signature`;
  if (value.shape.length !== spec.shape.length) return shapes;
  for (let axis = 0; axis < spec.shape.length; axis++) {
    const has = value.shape[axis]!;
    const says = spec.shape[axis]!;
    if (has === says || has === -1) continue;
    if (says === -1 && side === 'output') continue;
    return shapes;
  }
  return undefined;
}

function narrower(model: readonly number[] | undefined, signature: readonly number[]): number[] {
  return signature.map((dimension, axis) => (dimension === -1 ? (model?.[axis] ?? -1) : dimension));
}
