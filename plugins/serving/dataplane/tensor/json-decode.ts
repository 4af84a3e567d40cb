/** Reads a tensor's `data` from parsed JSON, flat or nested, into the typed array of its datatype. */

import { exactInteger, isLongInteger, isText } from '../../../../libraries/long-integers/index.ts';
import { finiteHint, invalidTensor, textHint } from '../errors/request-errors.ts';
import type { Datatype, DatatypeFacts, NumericData, TensorData } from './datatypes.ts';
import { factsOf } from './datatypes.ts';
import { elementsOf } from './tensor.ts';
import { textProblem } from './text-problem.ts';

/**
 * Reads `data` of the given datatype and shape. `subject` names the tensor in an error: `input "speed"`.
 * Throws `InvalidTensor` for ragged or misshapen data, a wrong count, a wrong type or a number out of range.
 */
export function decodeJson(
  data: unknown,
  datatype: Datatype,
  shape: readonly number[],
  subject: string,
): TensorData {
  if (!Array.isArray(data)) throw invalidTensor(subject, `"data" must be an array, is ${kindOf(data)}`);
  const facts = factsOf(datatype);
  if (facts.form === 'half') {
    throw invalidTensor(
      subject,
      `${datatype} cannot be sent as JSON`,
      'Send it with the binary tensor extension.',
    );
  }
  const elements = elementsOf(shape);
  const flat = data.length > 0 && Array.isArray(data[0]) ? flatten(data, shape, elements, subject) : data;
  if (flat.length !== elements) {
    throw invalidTensor(
      subject,
      `"data" holds ${flat.length} values, shape [${shape.join(',')}] asks for ${elements}`,
    );
  }
  if (facts.form === 'text') return readTexts(flat, subject);
  const array = new facts.array!(elements);
  readNumbers(flat, facts, array, subject);
  return array;
}

function flatten(
  data: readonly unknown[],
  shape: readonly number[],
  elements: number,
  subject: string,
): unknown[] {
  const flat: unknown[] = [];
  flattenInto(flat, data, shape, 0, subject);
  if (flat.length !== elements) {
    throw invalidTensor(
      subject,
      `"data" holds ${flat.length} values, shape [${shape.join(',')}] asks for ${elements}`,
    );
  }
  return flat;
}

function flattenInto(
  flat: unknown[],
  data: unknown,
  shape: readonly number[],
  depth: number,
  subject: string,
): void {
  if (depth === shape.length) {
    if (Array.isArray(data)) {
      throw invalidTensor(
        subject,
        `"data" is nested deeper than the ${shape.length} dimensions of its shape`,
      );
    }
    flat.push(data);
    return;
  }
  if (!Array.isArray(data) || data.length !== shape[depth]) {
    const found = Array.isArray(data) ? `${data.length} entries` : kindOf(data);
    throw invalidTensor(
      subject,
      `"data" is ragged: dimension ${depth} has ${found} where shape [${shape.join(',')}] asks for ${shape[depth]}`,
    );
  }
  for (const part of data) flattenInto(flat, part, shape, depth + 1, subject);
}

function readNumbers(
  flat: readonly unknown[],
  facts: DatatypeFacts,
  array: NumericData,
  subject: string,
): void {
  if (facts.form === 'float') readFloats(flat, facts, array as Float32Array | Float64Array, subject);
  else if (facts.form === 'integer') readIntegers(flat, facts, array as Int32Array, subject);
  else if (facts.form === 'boolean') readBooleans(flat, array as Uint8Array, subject);
  else readBigIntegers(flat, facts, array as BigInt64Array, subject);
}

function readFloats(
  flat: readonly unknown[],
  facts: DatatypeFacts,
  array: Float32Array | Float64Array,
  subject: string,
): void {
  for (let index = 0; index < array.length; index++) {
    let value = flat[index];
    if (typeof value !== 'number') {
      if (!isLongInteger(value)) throw noNumber(subject, index, facts.datatype, value);
      value = Number(exactInteger(value));
    }
    array[index] = value as number;
    if (!Number.isFinite(array[index])) throw outOfRange(subject, index, facts, value);
  }
}

function readIntegers(
  flat: readonly unknown[],
  facts: DatatypeFacts,
  array: Int32Array,
  subject: string,
): void {
  const smallest = facts.smallest as number;
  const largest = facts.largest as number;
  for (let index = 0; index < array.length; index++) {
    const value = flat[index];
    if (typeof value !== 'number') {
      if (isLongInteger(value)) throw outOfRange(subject, index, facts, exactInteger(value));
      throw wrongType(subject, index, facts.datatype, 'a whole number', value);
    }
    if (!Number.isInteger(value)) throw wrongType(subject, index, facts.datatype, 'a whole number', value);
    if (value < smallest || value > largest) throw outOfRange(subject, index, facts, value);
    array[index] = value;
  }
}

function readBigIntegers(
  flat: readonly unknown[],
  facts: DatatypeFacts,
  array: BigInt64Array,
  subject: string,
): void {
  for (let index = 0; index < array.length; index++) {
    const value = flat[index];
    let exact: bigint;
    if (isLongInteger(value)) exact = exactInteger(value);
    else if (Number.isSafeInteger(value)) exact = BigInt(value as number);
    else throw wrongType(subject, index, facts.datatype, 'a whole number written in digits', value);
    if (exact < facts.smallest || exact > facts.largest) throw outOfRange(subject, index, facts, exact);
    array[index] = exact;
  }
}

function readBooleans(flat: readonly unknown[], array: Uint8Array, subject: string): void {
  for (let index = 0; index < array.length; index++) {
    const value = flat[index];
    if (value === true || value === 1) array[index] = 1;
    else if (value !== false && value !== 0) throw wrongType(subject, index, 'BOOL', 'true or false', value);
  }
}

function readTexts(flat: readonly unknown[], subject: string): string[] {
  for (let index = 0; index < flat.length; index++) {
    const value = flat[index];
    if (!isText(value)) throw wrongType(subject, index, 'BYTES', 'a text', value);
    const problem = textProblem(value);
    if (problem !== undefined) throw invalidTensor(subject, `element ${index} ${problem}`, textHint);
  }
  return flat as string[];
}

/** How clients write NaN and infinities; `null` is what JavaScript makes of them. */
const nonFinite = /^[+-]?(nan|inf|infinity|null)$/i;

function noNumber(subject: string, index: number, datatype: Datatype, value: unknown) {
  const isMeant = (value === null || typeof value === 'string') && nonFinite.test(String(value));
  return wrongType(subject, index, datatype, 'a number', value, isMeant ? finiteHint : undefined);
}

function wrongType(
  subject: string,
  index: number,
  datatype: Datatype,
  wanted: string,
  value: unknown,
  hint?: string,
) {
  return invalidTensor(
    subject,
    `element ${index} of ${datatype} must be ${wanted}, is ${kindOf(value)}`,
    hint,
  );
}

function outOfRange(subject: string, index: number, facts: DatatypeFacts, value: unknown) {
  return invalidTensor(
    subject,
    `element ${index} is out of the range of ${facts.datatype}: ${String(value)}`,
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (isLongInteger(value)) return String(exactInteger(value));
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === 'object') return 'an object';
  return String(value);
}
