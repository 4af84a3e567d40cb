/** Golden examples: inputs of a version with the outputs that it must give. */
import type { Example, ExampleTensor } from '../../../../core/capabilities/serving-runtime.ts';
import { exampleFailed, exampleMismatch } from '../errors/load-errors.ts';
import type { TensorInterface } from '../protocol/model-interface.ts';
import { runtimeMessage } from '../run/session.ts';
import { type Datatype, factsOf, type NumericData, type TensorData } from '../tensor/datatypes.ts';
import { halfToNumber, numberToHalf } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TrialModel } from './trial-model.ts';

/** Where an example states none: processors differ in the last digits of FP32. */
const defaultTolerance = { absolute: 1e-5, relative: 1e-4 };

/** The inputs of an example in the order of the model's. Throws `ExampleFailed` where they do not fit the model. */
export function exampleInputs(example: Example, inputs: readonly TensorInterface[]): Tensor[] {
  return readInputs(example.inputs, inputs, (message) => exampleFailed(example.name, message));
}

/** Tensors as manifests write them, in the order of the model's inputs. Throws what `wrong` makes of what does not fit. */
export function readInputs(
  tensors: readonly ExampleTensor[],
  inputs: readonly TensorInterface[],
  wrong: (message: string) => Error,
): Tensor[] {
  for (const given of tensors) {
    if (!inputs.some((input) => input.name === given.name))
      throw wrong(`the model has no input "${given.name}"`);
  }
  return inputs.map((input) => {
    const given = tensors.find((tensor) => tensor.name === input.name);
    if (given === undefined) throw wrong(`input "${input.name}" is missing`);
    const fits =
      given.datatype === input.datatype &&
      given.shape.length === input.shape.length &&
      given.shape.every((dimension, axis) => input.shape[axis] === -1 || input.shape[axis] === dimension);
    if (!fits) {
      throw wrong(
        `input "${input.name}" is ${given.datatype} [${given.shape.join(',')}], the model takes ${input.datatype} [${input.shape.join(',')}]`,
      );
    }
    return { datatype: input.datatype, shape: given.shape, data: readData(given, wrong) };
  });
}

/** Runs every example. Throws `ExampleFailed` where one cannot run, `ExampleMismatch` where an answer differs. */
export async function checkExamples(model: TrialModel, examples: readonly Example[]): Promise<void> {
  for (const example of examples) await checkExample(model, example);
}

/**
 * Runs one example. Gives the largest difference of a number from the expected one; undefined where it expects none.
 * Throws as `checkExamples` does.
 */
export async function checkExample(model: TrialModel, example: Example): Promise<number | undefined> {
  const inputs = exampleInputs(example, model.inputs);
  let outputs: Tensor[];
  try {
    outputs = await model.run(inputs);
  } catch (error) {
    throw exampleFailed(example.name, runtimeMessage(error));
  }
  let largest: number | undefined;
  for (const expected of example.outputs) {
    const index = model.outputs.findIndex((output) => output.name === expected.name);
    if (index < 0) throw exampleFailed(example.name, `the model has no output "${expected.name}"`);
    const difference = compare(example, expected, outputs[index]!);
    if (difference !== undefined) largest = Math.max(largest ?? 0, difference);
  }
  return largest;
}

function compare(example: Example, expected: ExampleTensor, actual: Tensor): number | undefined {
  const subject = `output "${expected.name}"`;
  if (expected.datatype !== actual.datatype) {
    throw exampleMismatch(example.name, `${subject} is ${actual.datatype}, expected ${expected.datatype}`);
  }
  if (
    expected.shape.length !== actual.shape.length ||
    expected.shape.some((size, axis) => size !== actual.shape[axis])
  ) {
    throw exampleMismatch(
      example.name,
      `${subject} has the shape [${actual.shape.join(',')}], expected [${expected.shape.join(',')}]`,
    );
  }
  const { form } = factsOf(actual.datatype);
  const isInexact = form === 'float' || form === 'half';
  const { absolute = 0, relative = 0 } = example.tolerance ?? defaultTolerance;
  let largest: number | undefined;
  for (let index = 0; index < expected.data.length; index++) {
    const wanted = expected.data[index]!;
    const found = valueAt(actual, index);
    const isSame = isInexact
      ? Math.abs(Number(found) - Number(wanted)) <= Math.max(absolute, relative * Math.abs(Number(wanted)))
      : String(found) === String(wanted);
    if (!isSame) {
      const allowed = isInexact ? ` (allowed: ${absolute}, or ${relative} of the value)` : '';
      throw exampleMismatch(example.name, `${subject} is ${found} at ${index}, expected ${wanted}${allowed}`);
    }
    if (isInexact) largest = Math.max(largest ?? 0, Math.abs(Number(found) - Number(wanted)));
  }
  return largest;
}

/** One element, as JSON would show it. */
export function valueAt(tensor: Tensor, index: number): number | bigint | string | boolean {
  const value = tensor.data[index]!;
  if (tensor.datatype === 'BOOL') return value === 1;
  if (tensor.datatype === 'FP16') return halfToNumber(value as number);
  return value;
}

function readData(tensor: ExampleTensor, refuse: (message: string) => Error): TensorData {
  const facts = factsOf(tensor.datatype as Datatype);
  const wrong = (value: unknown) =>
    refuse(`input "${tensor.name}" holds ${JSON.stringify(value)}, which is no ${tensor.datatype}`);
  if (facts.array === undefined) {
    return tensor.data.map((value) => {
      if (typeof value !== 'string') throw wrong(value);
      return value;
    });
  }
  const data: NumericData = new facts.array(tensor.data.length);
  for (const [index, value] of tensor.data.entries()) {
    if (facts.form === 'boolean' ? typeof value !== 'boolean' : typeof value !== 'number') throw wrong(value);
    if ((facts.form === 'integer' || facts.form === 'big') && !Number.isSafeInteger(value))
      throw wrong(value);
    if (facts.form === 'big') data[index] = BigInt(value);
    else if (facts.form === 'half') data[index] = numberToHalf(Number(value));
    else data[index] = Number(value);
  }
  return data;
}
