/** What a request says of tensors, held against those that the model has, whatever the protocol. */
import { unmarkLongIntegers } from '../../../../libraries/long-integers/index.ts';
import { invalidTensor } from '../errors/request-errors.ts';
import type { Datatype } from '../tensor/datatypes.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ModelInterface, TensorInterface } from './model-interface.ts';

/** Names in a hint. */
const mostNamed = 20;

export interface RequestedOutput {
  /** Position among the model's outputs. */
  readonly index: number;
  readonly binary: boolean;
}

/**
 * The inputs in the order of the model's. `nameOf` and `read` throw where an entry is no tensor, or does not fit. Throws
 * `InvalidTensor` where one is unknown, given twice or missing, or where they have different rows.
 */
export function inputsOf<Entry>(
  model: ModelInterface,
  entries: readonly Entry[],
  nameOf: (entry: Entry, position: number) => string,
  read: (entry: Entry, expected: TensorInterface, index: number, position: number) => Tensor,
): Tensor[] {
  const inputs: Tensor[] = new Array(model.inputs.length);
  for (let position = 0; position < entries.length; position++) {
    const entry = entries[position]!;
    const name = nameOf(entry, position);
    const index = positionOf(model.inputs, name, position);
    if (index < 0) {
      throw invalidTensor(
        `input "${name.slice(0, 100)}"`,
        `the model has no such input`,
        `It has: ${names(model.inputs)}.`,
      );
    }
    if (inputs[index] !== undefined) throw invalidTensor(`input "${name}"`, 'is given twice');
    inputs[index] = read(entry, model.inputs[index]!, index, position);
  }
  for (const [index, expected] of model.inputs.entries()) {
    if (inputs[index] === undefined) throw invalidTensor(`input "${expected.name}"`, 'is missing');
  }
  if (model.batchable) checkRows(inputs, model);
  return inputs;
}

/** A row of a batch has a part in every input. */
function checkRows(inputs: readonly Tensor[], model: ModelInterface): void {
  const rows = inputs[0]?.shape[0];
  for (const [index, { shape }] of inputs.entries()) {
    if (shape[0] === rows) continue;
    const count = shape[0] === 1 ? '1 row' : `${shape[0]} rows`;
    throw invalidTensor(
      `input "${model.inputs[index]!.name}"`,
      `${count}, but "${model.inputs[0]!.name}" has ${rows}`,
    );
  }
}

/** Throws `InvalidTensor` where it does not fit the model. */
export function checkShape(value: unknown, expected: TensorInterface, subject: string): number[] {
  const wanted = expected.shape;
  if (!Array.isArray(value))
    throw invalidTensor(subject, `"shape" must be an array like ${bracketed(wanted)}`);
  let fits = value.length === wanted.length;
  for (let axis = 0; axis < value.length; axis++) {
    const dimension: unknown = value[axis];
    if (!Number.isSafeInteger(dimension) || (dimension as number) < 0) {
      throw invalidTensor(subject, `"shape" must hold whole numbers, has ${shown(dimension)}`);
    }
    if (fits && wanted[axis] !== -1 && wanted[axis] !== dimension) fits = false;
  }
  if (value.includes(0)) throw invalidTensor(subject, `shape ${bracketed(value)} holds no element`);
  if (!fits)
    throw invalidTensor(subject, `shape ${bracketed(value)} does not fit the model's ${bracketed(wanted)}`);
  return value as number[];
}

/** Position among the model's outputs. Throws `InvalidTensor` where there is none, or it is asked for already. */
export function outputOf(model: ModelInterface, name: string, asked: readonly RequestedOutput[]): number {
  const index = positionOf(model.outputs, name, asked.length);
  const subject = `output "${name.slice(0, 100)}"`;
  if (index < 0)
    throw invalidTensor(subject, 'the model has no such output', `It has: ${names(model.outputs)}.`);
  if (asked.some((output) => output.index === index)) throw invalidTensor(subject, 'is asked for twice');
  return index;
}

const plain = new WeakMap<ModelInterface, readonly RequestedOutput[]>();

/** All outputs as the protocol says them by default. */
export function plainOutputs(model: ModelInterface): readonly RequestedOutput[] {
  let outputs = plain.get(model);
  if (outputs === undefined) {
    outputs = allOutputs(model, false);
    plain.set(model, outputs);
  }
  return outputs;
}

export function allOutputs(model: ModelInterface, binary: boolean): RequestedOutput[] {
  return model.outputs.map((_, index) => ({ index, binary }));
}

/** Clients mostly send tensors in the model's order: look there first. */
function positionOf(tensors: readonly TensorInterface[], name: string, likely: number): number {
  if (tensors[likely]?.name === name) return likely;
  return tensors.findIndex((tensor) => tensor.name === name);
}

function names(tensors: readonly { readonly name: string; readonly datatype: Datatype }[]): string {
  const listed = tensors.slice(0, mostNamed).map((tensor) => tensor.name);
  const others = tensors.length - listed.length;
  return others === 0 ? listed.join(', ') : `${listed.join(', ')} and ${others} more`;
}

function bracketed(shape: readonly unknown[]): string {
  return shape.length > 16 ? `[${shape.slice(0, 16).join(',')},…]` : `[${shape.join(',')}]`;
}

/** A value in a message, as it was sent. */
export function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const json = unmarkLongIntegers(JSON.stringify(value));
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
