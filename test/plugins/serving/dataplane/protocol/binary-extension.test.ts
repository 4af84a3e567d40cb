import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { encodeBinary } from '../../../../../plugins/serving/dataplane/tensor/binary.ts';
import {
  type Datatype,
  datatypes,
  factsOf,
  type TensorData,
} from '../../../../../plugins/serving/dataplane/tensor/datatypes.ts';
import { type Answer, call } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { identityModel, linearModel, pin, twoSidedModel } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const folder = temporaryFolder();
let serving: Serving;

beforeAll(async () => {
  serving = await startServing();
  const identities = datatypes.map((datatype) =>
    deployment(datatype.toLowerCase(), [pin(folder.path, '1.0.0', identityModel(datatype, ['N', 3]))]),
  );
  await serving.follow(
    table(
      ...identities,
      deployment('two', [pin(folder.path, '1.0.0', twoSidedModel())]),
      deployment('digits', [pin(folder.path, '1.0.0', linearModel(2, 1, 784))]),
    ),
  );
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

function send(model: string, json: object, ...tensors: readonly Buffer[]): Promise<Answer> {
  const head = Buffer.from(JSON.stringify(json));
  return call(serving.port, `/v2/models/${model}/infer`, {
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
    body: Buffer.concat([head, ...tensors]),
  });
}

function sample(datatype: Datatype): TensorData {
  const { form, array, largest, smallest } = factsOf(datatype);
  if (form === 'text') return ['', 'ä"\n', 'word'];
  if (form === 'float')
    return new array!(3).map((_, index) => [0.1, -2.5, 1e30][index]! as never) as TensorData;
  const values =
    form === 'boolean'
      ? [1, 0, 1]
      : form === 'half'
        ? [0x3c00, 0x7c00, 0x0001]
        : [smallest, largest, form === 'big' ? 5n : 5];
  const data = new array!(3);
  for (const [index, value] of values.entries()) data[index] = value as never;
  return data;
}

describe('the binary tensor extension', () => {
  it('is spoken by a few lines, as docs/inference.md has them', async () => {
    const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
    const example = page.match(/```js binary\n([\s\S]*?)```/)?.[1] ?? '';
    const ask = new Function('url', 'image', `return (async () => { ${example} })()`);
    const image = Array.from({ length: 784 }, (_, at) => at / 784);
    const answer: Float32Array = await ask(`http://127.0.0.1:${serving.port}`, image);
    expect(answer).toEqual(Float32Array.from(image, (pixel) => 2 * Math.fround(pixel) + 1));
  });

  it.each(datatypes)('takes and gives %s', async (datatype) => {
    const bytes = encodeBinary({ datatype, shape: [1, 3], data: sample(datatype) });
    const input = { name: 'x', datatype, shape: [1, 3], parameters: { binary_data_size: bytes.length } };
    const answer = await send(
      datatype.toLowerCase(),
      { id: 'b', inputs: [input], parameters: { binary_data_output: true } },
      bytes,
    );
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.body).toMatchObject({
      id: 'b',
      outputs: [{ name: 'y', datatype, shape: [1, 3], parameters: { binary_data_size: bytes.length } }],
    });
    const jsonLength = Number(answer.headers['inference-header-content-length']);
    expect(answer.bytes.subarray(jsonLength)).toEqual(bytes);
  });

  const word = encodeBinary({ datatype: 'BYTES', shape: [1, 1], data: ['hi'] });
  const number = encodeBinary({ datatype: 'INT64', shape: [1, 1], data: BigInt64Array.of(3n) });
  const mixed = [
    { name: 'a', datatype: 'FP32', shape: [1, 1], data: [0.5] },
    { name: 'b', datatype: 'INT64', shape: [1, 1], parameters: { binary_data_size: number.length } },
    { name: 'word', datatype: 'BYTES', shape: [1, 1], parameters: { binary_data_size: word.length } },
  ];

  it('goes together with JSON in one request and in one answer', async () => {
    const outputs = [{ name: 'sum' }, { name: 'same', parameters: { binary_data: true } }];
    const answer = await send('two', { inputs: mixed, outputs }, number, word);
    expect(answer.body.outputs).toEqual([
      { name: 'sum', datatype: 'FP32', shape: [1, 1], data: [3.5] },
      { name: 'same', datatype: 'BYTES', shape: [1, 1], parameters: { binary_data_size: word.length } },
    ]);
    expect(answer.bytes.subarray(-word.length)).toEqual(word);
  });

  it.each([
    ['in letters beyond ASCII', 'größer ✓', 3],
    ['of many bytes', 'long', 3 * 20_000],
  ])('answers %s byte for byte', async (_, id, elements) => {
    const data = Float32Array.from({ length: elements }, (_, index) => index / 7 - 100);
    const bytes = encodeBinary({ datatype: 'FP32', shape: [elements / 3, 3], data });
    const input = { name: 'x', datatype: 'FP32', shape: [elements / 3, 3] };
    const sized = { ...input, parameters: { binary_data_size: bytes.length } };
    const inputs = { id, inputs: [sized], parameters: { binary_data_output: true } };
    const answer = await send('fp32', inputs, bytes);
    const jsonLength = Number(answer.headers['inference-header-content-length']);
    expect(answer.body).toMatchObject({ id });
    expect(answer.bytes.subarray(jsonLength)).toEqual(bytes);
  });

  it('lets one output be JSON where all others are binary', async () => {
    const outputs = [{ name: 'sum', parameters: { binary_data: false } }, { name: 'same' }];
    const answer = await send(
      'two',
      { inputs: mixed, outputs, parameters: { binary_data_output: true } },
      number,
      word,
    );
    expect(answer.body.outputs?.map(({ data }) => data)).toEqual([[3.5], undefined]);
  });

  it.each([
    ['too few bytes', { inputs: mixed }, [number], /input "word": announces 6 bytes, 0 are left/],
    ['bytes left over', { inputs: mixed }, [number, word, word], /6 bytes of binary data belong to no input/],
    [
      'a size that is no number',
      { inputs: [{ ...mixed[1], parameters: { binary_data_size: 'x' } }] },
      [],
      /"binary_data_size" must be a whole number/,
    ],
    [
      'a size that does not fit the shape',
      { inputs: [{ ...mixed[1], shape: [2, 1] }, mixed[0], mixed[2]] },
      [number, word],
      /input "b": 8 bytes of binary data, its shape asks for 16/,
    ],
    [
      'a flag that is no flag',
      { inputs: mixed, parameters: { binary_data_output: 'yes' } },
      [number, word],
      /"binary_data_output" must be true or false/,
    ],
  ] as const)('is refused with 400: %s', async (_, json, tensors, message) => {
    const answer = await send('two', json, ...tensors);
    expect(answer.body.error).toMatch(message);
    expect(answer.status).toBe(400);
  });

  it.each(['5000', 'ten', '-1', '1.5'])(
    'is refused with 400 when the length of the JSON is %s',
    async (length) => {
      const answer = await call(serving.port, '/v2/models/two/infer', {
        headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': length },
        body: '{}',
      });
      expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    },
  );
});
