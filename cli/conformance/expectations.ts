/** What several cases look for in an answer. Each throws what is wrong: the runner takes that for a failure. */
import type { RestAnswer } from './rest-client.ts';

export interface ResponseOutput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: unknown;
  readonly parameters?: { readonly binary_data_size?: unknown };
}

export interface ResponseBody {
  readonly model_name: string;
  /** Unchecked: one case looks at it, and a version that is wrong hides nothing else. */
  readonly model_version?: unknown;
  readonly id?: string;
  readonly outputs: readonly ResponseOutput[];
}

/** The JSON object of an answer of that status. */
export function objectOf(answer: RestAnswer, status = 200): Record<string, unknown> {
  if (answer.status !== status)
    throw new Error(`answers ${answer.status} instead of ${status}: ${excerpt(answer.bytes)}`);
  return parseObject(answer.bytes);
}

export function parseObject(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Error(`the body is not JSON: ${excerpt(bytes)}`);
  }
  if (!isObject(value)) throw new Error(`the body is no JSON object: ${excerpt(bytes)}`);
  return value;
}

/** An inference response as the specification shapes it. */
export function inferenceOf(answer: RestAnswer): ResponseBody {
  return checkResponse(objectOf(answer));
}

export function checkResponse(body: Record<string, unknown>): ResponseBody {
  if (typeof body.model_name !== 'string') throw new Error('the answer has no "model_name"');
  const { outputs } = body;
  if (!Array.isArray(outputs) || outputs.length === 0) throw new Error('the answer has no "outputs"');
  for (const output of outputs as unknown[]) checkOutput(output);
  return body as unknown as ResponseBody;
}

function checkOutput(output: unknown): void {
  if (!isObject(output)) throw new Error('one of "outputs" is no object');
  for (const field of ['name', 'datatype'])
    if (typeof output[field] !== 'string') throw new Error(`an output has no "${field}"`);
  const { shape, name } = output;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new Error(`"shape" of the output "${String(name)}" is no list of sizes`);
  if (output.data !== undefined && !Array.isArray(output.data))
    throw new Error(`"data" of the output "${String(name)}" is no array`);
}

/** The elements in a row, however deep they are nested; checked against the shape. */
export function flat({ name, shape, data }: ResponseOutput): readonly unknown[] {
  if (data === undefined) throw new Error(`the output "${name}" has no "data"`);
  const elements = (data as unknown[]).flat(Number.POSITIVE_INFINITY);
  const count = shape.reduce((product, size) => product * size, 1);
  if (elements.length !== count)
    throw new Error(`the output "${name}" has ${elements.length} elements, its shape has room for ${count}`);
  return elements;
}

/** Refuses an answer that is no error of the client's, in the form of the specification. Gives the message. */
export function clientError(answer: RestAnswer, subject: string): string {
  const { status } = answer;
  if (status < 400) throw new Error(`${subject} is answered with ${status}`);
  if (status >= 500) throw new Error(`${subject} is taken for a failure of the server (${status})`);
  return errorText(answer);
}

export function errorText(answer: RestAnswer): string {
  const { error } = parseObject(answer.bytes);
  if (typeof error !== 'string' || error.trim() === '')
    throw new Error(`the body of status ${answer.status} has no text in "error": ${excerpt(answer.bytes)}`);
  return error;
}

/** Throws where two lists of elements differ. Numbers that are not said in full by JSON are compared in FP32. */
export function sameElements(seen: readonly unknown[], expected: readonly unknown[], what: string): void {
  for (let index = 0; index < expected.length; index++) {
    if (alike(seen[index], expected[index])) continue;
    throw new Error(
      `${what}: element ${index} is ${JSON.stringify(seen[index])}, not ${JSON.stringify(expected[index])}`,
    );
  }
  if (seen.length !== expected.length)
    throw new Error(`${what}: ${seen.length} elements instead of ${expected.length}`);
}

function alike(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number')
    return one === other || Math.fround(one) === Math.fround(other);
  return one === other;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function excerpt(bytes: Buffer): string {
  const text = bytes.subarray(0, 160).toString('utf8');
  return text === '' ? '(empty)' : JSON.stringify(text);
}

const datatypes = new Set(
  'BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FP16 BF16 FP32 FP64 BYTES'.split(' '),
);

/** The tensors that metadata lists, checked. */
export function tensorsOf(value: unknown, field: string): readonly TensorFacts[] {
  if (!Array.isArray(value)) throw new Error(`"${field}" is no list`);
  for (const entry of value as unknown[]) {
    if (!isObject(entry) || typeof entry.name !== 'string')
      throw new Error(`one of "${field}" has no "name"`);
    if (typeof entry.datatype !== 'string' || !datatypes.has(entry.datatype))
      throw new Error(`"${entry.name}" has the datatype ${JSON.stringify(entry.datatype)}`);
    const { shape } = entry;
    if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= -1))
      throw new Error(`"shape" of "${entry.name}" is ${JSON.stringify(shape)}`);
  }
  return value as readonly TensorFacts[];
}

export interface TensorFacts {
  readonly name: string;
  readonly datatype: string;
  /** -1 where any size will do. */
  readonly shape: readonly number[];
}
