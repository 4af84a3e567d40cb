/** What a model that answers with its input has to answer, by another reading of the same bytes. */
import { isUtf8 } from 'node:buffer';
import type { Body, FuzzedDatatype } from './mutated-body.ts';

export interface Read {
  readonly id: unknown;
  readonly elements: readonly (number | string | boolean)[];
}

/**
 * The id and the elements of a request that was answered, read by `JSON.parse` and plain loops. Throws where that finds none: then
 * nothing but an error should have come back.
 */
export function readAlike({ bytes, jsonLength }: Body, datatype: FuzzedDatatype): Read {
  const length = jsonLength === undefined ? undefined : Number(jsonLength);
  const json = bytes.subarray(0, length);
  if (length === 0) return { id: undefined, elements: elementsOf(bytes, datatype) };
  if (!isUtf8(json)) throw new Error('not UTF-8');
  const document = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json)) as {
    readonly id?: unknown;
    readonly inputs: readonly [{ readonly data?: unknown; readonly datatype: unknown }];
  };
  const { id, inputs } = document;
  const [input] = inputs;
  if (input.datatype !== datatype) throw new Error('another datatype');
  if (input.data === undefined) return { id, elements: elementsOf(bytes.subarray(json.length), datatype) };
  const flat = [input.data].flat(20) as (number | string | boolean)[];
  if (datatype === 'FP32') return { id, elements: flat.map((value) => Math.fround(value as number)) };
  // 0 and 1 are taken for booleans.
  if (datatype === 'BOOL') return { id, elements: flat.map((value) => value === true || value === 1) };
  return { id, elements: flat };
}

function elementsOf(bytes: Buffer, datatype: FuzzedDatatype): (number | string | boolean)[] {
  const { buffer } = Uint8Array.from(bytes);
  if (datatype === 'FP32') return [...new Float32Array(buffer)];
  if (datatype === 'INT64') return [...new BigInt64Array(buffer)].map(Number);
  if (datatype === 'BOOL') return [...bytes].map((byte) => byte === 1);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    texts.push(bytes.subarray(at + 4, end).toString());
    at = end;
  }
  return texts;
}
