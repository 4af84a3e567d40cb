/** Tensors as the binary tensor extension writes them: little-endian, in rows, without padding. */

import {
  checkResponse,
  isObject,
  parseObject,
  type ResponseBody,
  type ResponseOutput,
} from './expectations.ts';
import { inferencePath } from './requests.ts';
import type { RestAnswer, RestClient } from './rest-client.ts';

export interface RawInput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** Sends inputs as raw bytes behind the JSON. */
export function postBinary(
  rest: RestClient,
  model: string,
  inputs: readonly RawInput[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<RestAnswer> {
  const document = {
    ...more,
    inputs: inputs.map(({ name, datatype, shape, bytes }) => ({
      ...{ name, datatype, shape },
      parameters: { binary_data_size: bytes.length },
    })),
  };
  const json = Buffer.from(JSON.stringify(document));
  return rest.ask(inferencePath(model), {
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(json.length),
    },
    body: Buffer.concat([json, ...inputs.map(({ bytes }) => bytes)]),
  });
}

export interface BinaryAnswer {
  readonly body: ResponseBody;
  /** The bytes of each output that came behind the JSON, by name. */
  readonly raw: ReadonlyMap<string, Buffer>;
}

/** Reads an answer that may have tensors behind its JSON. Throws what is wrong with it. */
export function readBinaryAnswer(answer: RestAnswer): BinaryAnswer {
  if (answer.status !== 200)
    throw new Error(`answers ${answer.status}: ${answer.bytes.subarray(0, 200).toString()}`);
  const said = answer.headers['inference-header-content-length'];
  if (said === undefined) {
    const body = checkResponse(parseObject(answer.bytes));
    const raw = body.outputs.find((output) => sizeOf(output) !== undefined);
    if (raw !== undefined)
      throw new Error(
        `the output "${raw.name}" is binary, and no Inference-Header-Content-Length says where`,
      );
    return { body, raw: new Map() };
  }
  const length = Number(said);
  if (!Number.isSafeInteger(length) || length < 0 || length > answer.bytes.length)
    throw new Error(
      `Inference-Header-Content-Length is ${String(said)}, the body has ${answer.bytes.length} bytes`,
    );
  const body = checkResponse(parseObject(answer.bytes.subarray(0, length)));
  const raw = new Map<string, Buffer>();
  let at = length;
  for (const output of body.outputs) {
    const size = sizeOf(output);
    if (size === undefined) continue;
    if (at + size > answer.bytes.length)
      throw new Error(`the output "${output.name}" runs over the end of the body`);
    raw.set(output.name, answer.bytes.subarray(at, at + size));
    at += size;
  }
  if (at !== answer.bytes.length)
    throw new Error(`${answer.bytes.length - at} bytes of the body belong to no output`);
  return { body, raw };
}

function sizeOf({ parameters, name, data }: ResponseOutput): number | undefined {
  const size = isObject(parameters) ? parameters.binary_data_size : undefined;
  if (size === undefined) return undefined;
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw new Error(`"binary_data_size" of the output "${name}" is ${JSON.stringify(size)}`);
  if (data !== undefined) throw new Error(`the output "${name}" has both "data" and "binary_data_size"`);
  return size as number;
}

/** FP32 numbers as bytes. */
export function fp32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}

/** Texts, or bytes that are none, each behind its length. */
export function lengthPrefixed(...values: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value as string);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
