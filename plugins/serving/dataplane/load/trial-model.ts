import type { TensorInterface } from '../protocol/model-interface.ts';
import type { Session } from '../run/session.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A session seen through its signature: inputs and outputs in the signature's order. */
export interface TrialModel {
  readonly inputs: readonly TensorInterface[];
  readonly outputs: readonly TensorInterface[];
  run(inputs: readonly Tensor[]): Promise<Tensor[]>;
}

export function trialModel(
  session: Session,
  sides: { readonly inputs: readonly TensorInterface[]; readonly outputs: readonly TensorInterface[] },
): TrialModel {
  const inputNames = sides.inputs.map((input) => input.name);
  const outputNames = sides.outputs.map((output) => output.name);
  return { ...sides, run: (inputs) => session.run(inputNames, inputs, outputNames) };
}
