import { describe, expect, it } from 'vitest';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { readInferenceRequest } from '../../../../../plugins/serving/dataplane/protocol/request-reader.ts';
import { readRowsRequest } from '../../../../../plugins/serving/dataplane/protocol/rows-request.ts';

const long = '9007199254740993';
const model: ModelInterface = {
  inputs: [{ name: 'x', datatype: 'INT64', shape: [-1, 1] }],
  outputs: [{ name: 'y', datatype: 'INT64', shape: [-1, 1] }],
  batchable: true,
};

const tensors = (shape: string, data: string, more = '') =>
  `{"inputs":[{"name":"x","datatype":"INT64","shape":${shape},"data":${data}}]${more}}`;
const rows = (x: string, more = '') => `{"rows":[{"x":${x}}]${more}}`;
const read = (text: string) =>
  text.startsWith('{"rows"')
    ? readRowsRequest(Buffer.from(text), model)
    : readInferenceRequest(Buffer.from(text), undefined, model);

function refusalOf(text: string): { readonly code?: string; readonly message: string } {
  try {
    read(text);
    return { message: 'it was taken' };
  } catch (error) {
    return error as Error;
  }
}

function reasonOf(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a request with an integer that no double holds', () => {
  it.each([tensors('[1,1]', `[${long}]`), rows(long)])('is read with all its digits: %s', (text) => {
    expect(read(text).inputs[0]!.data).toEqual(BigInt64Array.of(BigInt(long)));
  });

  it.each([
    tensors('[1,1]', `[0${long}]`),
    tensors('[1,1]', `[-0${long}]`),
    tensors('[1,1]', '[1]', `,"parameters":{${long}:1}`),
    tensors('[1,1]', '[1]', `,${long} :1`),
    tensors('[1,1]', `[${long},]`),
    rows(`0${long}`),
    rows('1', `,${long}:1`),
    rows(`${long},`),
  ])('is refused where it is no JSON, for the reason that JSON has: %s', (text) => {
    expect(refusalOf(text)).toMatchObject({
      code: 'InvalidRequest',
      message: `the body is not JSON: ${reasonOf(text)}`,
    });
  });

  it.each([
    [tensors(`[${long},1]`, '[1]'), `"shape" must hold whole numbers, has ${long}`],
    [tensors(`[0,${long}]`, '[1]'), `"shape" must hold whole numbers, has ${long}`],
    [tensors('[1,1]', '[1]').replace('"INT64"', long), `the request has ${long}`],
    [tensors('[1,1]', '[1]').replace('"x"', long), 'the input at position 0 has no "name"'],
    [tensors('[1,1]', '[1]', `,"outputs":[{"name":${long}}]`), 'each of "outputs" must have a "name"'],
    [rows('1', `,"outputs":[${long}]`), 'each of "outputs" must be a name'],
    [rows('1', `,"parameters":{"on_error":${long}}`), `"refuse" or "skip", is ${long}`],
  ])('is told as it was written, where it stands in the wrong place: %s', (text, told) => {
    expect(refusalOf(text).message).toContain(told);
  });
});
