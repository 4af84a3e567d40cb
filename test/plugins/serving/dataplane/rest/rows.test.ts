import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import type { Signature } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { shownCurl } from '../../../../fixtures/shown-curl.ts';
import { type Answer, call } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import {
  type BuiltModel,
  builtModel,
  divisionModel,
  encoderModel,
  identityModel,
  linearModel,
  lookupModel,
  pin,
  twoSidedModel,
} from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const template = 'registry-repo-template';
/** What production answers with in a registry from the template. */
const { version: answering } = parse(
  readFileSync(packageFile(`${template}/environments/production/bird-strike.yaml`), 'utf8'),
).spec as { readonly version: string };
const artifact = `${template}/models/bird-strike/artifacts/${answering}.onnx`;
const folder = temporaryFolder();
let serving: Serving;
let port: number;

/** The same model, with what its manifest says of the first input and the first output. */
function named(
  { bytes, signature }: BuiltModel,
  said: { readonly columns?: readonly string[]; readonly classes?: readonly string[] },
): BuiltModel {
  const [input, ...inputs] = signature.inputs;
  const [output, ...outputs] = signature.outputs;
  const { columns, classes } = said;
  const more: Signature = {
    inputs: [{ ...input!, ...(columns === undefined ? {} : { columns }) }, ...inputs],
    outputs: [{ ...output!, ...(classes === undefined ? {} : { classes }) }, ...outputs],
  };
  return { bytes, signature: more };
}

beforeAll(async () => {
  serving = await startServing();
  port = serving.port;
  const one = (name: string, model: BuiltModel) => deployment(name, [pin(folder.path, '1.0.0', model)]);
  await serving.follow(
    table(
      one('two', twoSidedModel()),
      deployment('bird-strike', [
        pin(folder.path, answering, builtModel(readFileSync(packageFile(artifact)))),
      ]),
      one('encoder', encoderModel()),
      one('lookup', lookupModel()),
      one('division', divisionModel()),
      one('matrix', linearModel(2, 1, 3)),
      one(
        'columns',
        named(linearModel(2, 0, 3), { columns: ['a', 'b', 'c'], classes: ['low', 'mid', 'high'] }),
      ),
      one('labels', named(identityModel('INT64', ['N', 1]), { classes: ['none', 'damage'] })),
      one('halves', identityModel('FP16', ['N', 1])),
      one('bytes', identityModel('UINT8', ['N', 1])),
      one('flags', identityModel('BOOL', ['N', 1])),
      one('unsigned', identityModel('UINT64', ['N', 1])),
      one('image', identityModel('FP32', ['N', 2, 2])),
      one('rowless', identityModel('FP32', [4])),
      deployment(
        'canary',
        [pin(folder.path, '1.0.0', linearModel(1, 0)), pin(folder.path, '2.0.0', linearModel(1, 100))],
        {
          variants: [
            { version: '1.0.0', role: 'stable', weight: 50 },
            { version: '2.0.0', role: 'candidate', weight: 50 },
          ],
        },
      ),
    ),
  );
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

function predict(model: string, body: unknown, path = ''): Promise<Answer> {
  return call(port, `${path}/v2/models/${model}/predict`, {
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

/** What it answers for rows of one value, as written. */
async function echoed(model: string, ...values: readonly string[]): Promise<string> {
  const { bytes } = await predict(model, `{"rows":[${values.map((value) => `{"x":${value}}`).join(',')}]}`);
  return bytes.toString();
}

describe('rows by name', () => {
  it('are answered row by row, with the outputs by name', async () => {
    const rows = [
      { word: 'one', a: 1.5, b: 2 },
      { a: 3, b: -1, word: 'ü' },
    ];
    const answer = await predict('two', { id: 'x', rows });
    expect(answer.body).toEqual({
      model_name: 'two',
      model_version: '1.0.0',
      id: 'x',
      predictions: [
        { sum: 3.5, same: 'one' },
        { sum: 2, same: 'ü' },
      ],
    });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'switchyard-model-version': '1.0.0',
      'switchyard-prediction-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('are asked and answered as docs/inference.md shows it', async () => {
    const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
    const shown = (name: string) =>
      JSON.parse(page.match(new RegExp(`\`\`\`json ${name}\\n([\\s\\S]*?)\`\`\``))?.[1] ?? '');
    const { body } = await predict('bird-strike', shown('rows'));
    const { predictions, ...rest } = shown('rows-answer');
    expect(body).toMatchObject(rest);
    expect(body.predictions).toEqual([
      { label: predictions[0].label, probability: expect.closeTo(predictions[0].probability, 5) },
    ]);
    const { path, file, ...curl } = shownCurl(shownBlock('docs/inference.md', 'sh ask'));
    expect(file).toBe('strike.json');
    const inferred = await call(port, path, { ...curl, body: JSON.stringify(shown('example')) });
    const { outputs, ...about } = shown('example-answer');
    expect(inferred.body).toMatchObject(about);
    const [label, probability] = outputs;
    const near = { ...probability, data: [expect.closeTo(probability.data[0], 5)] };
    expect(inferred.body.outputs).toEqual([label, near]);
  });

  it('leave the encoding of categories to the graph', async () => {
    const { body } = await predict('encoder', { rows: [{ colour: 'grün' }, { colour: 'puce' }] });
    expect(body.predictions).toEqual([{ code: 2 }, { code: -1 }]);
  });

  it('give the columns of a matrix, and are answered with its classes', async () => {
    const { body } = await predict('columns', { rows: [{ c: 3, a: 1, b: 2 }] });
    expect(body.predictions).toEqual([{ y: { low: 2, mid: 4, high: 6 } }]);
    const places = await predict('matrix', { rows: [{ 'x[0]': 1, 'x[1]': 2, 'x[2]': 3 }] });
    expect(places.body.predictions).toEqual([{ y: [3, 5, 7] }]);
    const { body: metadata } = await call(port, '/v2/models/columns');
    expect(metadata).toMatchObject({
      inputs: [{ name: 'x', datatype: 'FP32', parameters: { columns: ['a', 'b', 'c'] } }],
      outputs: [{ name: 'y', parameters: { classes: ['low', 'mid', 'high'] } }],
    });
  });

  it('are answered with the label of a class, where an output counts them', async () => {
    const { body } = await predict('labels', { rows: [{ x: 1 }, { x: 0 }, { x: 7 }] });
    expect(body.predictions).toEqual([{ y: 'damage' }, { y: 'none' }, { y: 7 }]);
  });

  it('keep every type as it is: digits of long integers, halves, truth, shapes', async () => {
    expect(await echoed('labels', '9223372036854775807', '-9223372036854775808')).toContain(
      '[{"y":9223372036854775807},{"y":-9223372036854775808}]',
    );
    expect(await echoed('unsigned', '18446744073709551615')).toContain('{"y":18446744073709551615}');
    expect(await echoed('halves', '0.1', '65504')).toContain('[{"y":0.0999755859375},{"y":65504}]');
    expect(await echoed('flags', 'true', 'false')).toContain('[{"y":true},{"y":false}]');
    const image = { 'x[0]': 1, 'x[1]': 2, 'x[2]': 3, 'x[3]': 4 };
    expect((await predict('image', { rows: [image] })).body.predictions).toEqual([
      {
        y: [
          [1, 2],
          [3, 4],
        ],
      },
    ]);
  });

  it('answer with the outputs that were asked for', async () => {
    const rows = [{ word: 'w', a: 1, b: 1 }];
    expect((await predict('two', { rows, outputs: ['same'] })).body.predictions).toEqual([{ same: 'w' }]);
    expect((await predict('two', { rows, outputs: ['other'] })).body).toMatchObject({
      code: 'InvalidTensor',
    });
  });

  it('go the way of every request: versions, environments, shares of traffic', async () => {
    const rows = [{ x: 1 }];
    const pinned = await call(port, '/environments/production/v2/models/canary/versions/2.0.0/predict', {
      body: JSON.stringify({ rows }),
    });
    expect(pinned.body).toMatchObject({ model_version: '2.0.0', predictions: [{ y: 101 }] });
    const versions = [];
    for (let count = 0; count < 10; count++)
      versions.push((await predict('canary', { rows })).body.model_version);
    expect(versions.filter((version) => version === '2.0.0')).toHaveLength(5);
    expect((await call(port, '/v2/models/canary/predict')).status).toBe(405);
    expect((await predict('nobody', { rows })).body).toMatchObject({ code: 'ModelNotFound' });
  });
});

describe('rows that cannot be predicted', () => {
  it('are refused with all that is wrong, and none is run', async () => {
    const rows = [
      { word: 'fine', a: 1, b: 2 },
      { wrod: 'x', a: '3', b: 1.5 },
      { word: 5, a: null, b: 0 },
      'no row',
    ];
    const { status, body } = await predict(
      'two',
      JSON.stringify({ rows }).replace('"b":0', '"b":99999999999999999999'),
    );
    expect(status).toBe(400);
    expect(body).toEqual({
      error: '3 of 4 rows cannot be predicted: row 1, field "wrod" is no field of the model',
      code: 'InvalidRows',
      hint: 'Did you mean "word"?',
      errors: [
        { row: 1, field: 'wrod', error: 'is no field of the model', hint: 'Did you mean "word"?' },
        { row: 1, field: 'a', error: 'must be a number of FP32, is the text "3"' },
        {
          row: 1,
          field: 'b',
          error: 'must be a whole number from -9223372036854775808 to 9223372036854775807, is 1.5',
        },
        { row: 1, field: 'word', error: 'is missing' },
        { row: 2, field: 'word', error: 'must be a text, is 5' },
        { row: 2, field: 'a', error: 'must be a number of FP32, is null' },
        {
          row: 2,
          field: 'b',
          error:
            'must be a whole number from -9223372036854775808 to 9223372036854775807, is 99999999999999999999',
        },
        { row: 3, error: 'must be an object of fields, is the text "no row"' },
      ],
    });
  });

  it('are left out where that is asked for, and told beside the others', async () => {
    const rows = [
      { x: 0, y: 0 },
      { x: 6, y: 3 },
      { x: 'a', y: 1 },
    ];
    const { status, body } = await predict('division', { rows, parameters: { on_error: 'skip' } });
    expect(status).toBe(200);
    expect(body.predictions).toEqual([null, { z: 2 }, null]);
    expect(body.errors).toEqual([
      { row: 0, error: 'output "z" of row 0 is NaN, which JSON cannot express' },
      { row: 2, field: 'x', error: 'must be a number of FP32, is the text "a"' },
    ]);
    const all = await predict('division', { rows: [{ x: 1 }, { y: 1 }], parameters: { on_error: 'skip' } });
    expect(all.status).toBe(400);
    expect(all.body.errors).toHaveLength(2);
  });

  it('that are left out are told all that is wrong with them, and each is told of, however many there are', async () => {
    const right = { word: 'a', a: 1, b: 2 };
    const bad = { wrod: 'a', a: '3', b: 1.5 };
    const skip = { parameters: { on_error: 'skip' } };
    const refused = (await predict('two', { rows: [right, bad] })).body.errors as object[];
    const skipped = (await predict('two', { ...skip, rows: [right, bad] })).body;
    expect(refused).toHaveLength(4);
    expect(skipped.errors).toEqual(refused);
    expect(skipped.predictions).toEqual([{ sum: 3, same: 'a' }, null]);
    const many = (await predict('two', { ...skip, rows: [right, ...Array(2_000).fill(bad)] })).body;
    const errors = many.errors as readonly { readonly row: number; readonly hint?: string }[];
    expect(errors).toHaveLength(1_000 + 1_750);
    expect(new Set(errors.map(({ row }) => row)).size).toBe(2_000);
    expect(errors.filter(({ hint }) => hint === 'Did you mean "word"?')).toHaveLength(250);
    const none = await predict('two', { ...skip, rows: [bad, bad] });
    expect(none.status).toBe(400);
    expect(none.body.errors).toHaveLength(8);
  });

  it('are refused one by one where a text is half of a character', async () => {
    const sent = (more = '') =>
      `{"rows":[{"word":"\\ud83d\\ude00","a":1,"b":2},{"word":"a\\ud83d","a":1,"b":2},{"word":"\\ude00","a":1,"b":2}]${more}}`;
    const error = 'holds half of a character (a lone surrogate), which UTF-8 has no bytes for';
    const { status, body } = await predict('two', sent());
    expect([status, body.code]).toEqual([400, 'InvalidRows']);
    expect(body.errors).toEqual([
      { row: 1, field: 'word', error },
      { row: 2, field: 'word', error },
    ]);
    const skipped = await predict('two', sent(',"parameters":{"on_error":"skip"}'));
    expect(skipped.body.predictions).toEqual([{ sum: 3, same: '😀' }, null, null]);
  });

  it('may say numbers as texts, where that is asked for', async () => {
    const parameters = { text_numbers: true };
    const { body } = await predict('two', { rows: [{ word: 7, a: '1.5', b: '2' }], parameters });
    expect(body.predictions).toEqual([{ sum: 3.5, same: '7' }]);
  });

  it('keep a fault of the model to themselves', async () => {
    expect((await predict('lookup', { rows: [{ index: 9 }] })).body).toMatchObject({
      code: 'InferenceFailed',
    });
    expect((await predict('lookup', { rows: [{ index: 3 }] })).body.predictions).toEqual([{ y: 13 }]);
  });

  it.each([
    ['a value of a number that JSON does not have', 'bytes', '{"rows":[{"x":NaN}]}', 'InvalidRequest'],
    ['a number that no float holds', 'division', '{"rows":[{"x":1e39,"y":1}]}', 'InvalidRows'],
    ['a number that no double holds', 'division', '{"rows":[{"x":1e999,"y":1}]}', 'InvalidRows'],
    ['a number out of range', 'bytes', '{"rows":[{"x":256}]}', 'InvalidRows'],
    ['one that stands for truth', 'flags', '{"rows":[{"x":1}]}', 'InvalidRows'],
    ['a field that stands twice', 'bytes', '{"rows":[{"x":1},{"x":1,"\\u0078":2}]}', 'InvalidRows'],
    ['rows that stand twice', 'bytes', '{"rows":[],"rows":[{"x":1}]}', 'InvalidRequest'],
    ['a list for a value', 'bytes', '{"rows":[{"x":[1]}]}', 'InvalidRows'],
    ['a text that ends at NUL', 'encoder', '{"rows":[{"colour":"red\\u0000"}]}', 'InvalidRows'],
    ['a field of every object', 'bytes', '{"rows":[{"__proto__":1,"x":1}]}', 'InvalidRows'],
    ['nothing', 'bytes', '{"rows":[]}', 'InvalidRequest'],
    ['no rows', 'bytes', '{"row":[{"x":1}]}', 'InvalidRequest'],
    ['a tensor', 'bytes', '{"inputs":[]}', 'InvalidRequest'],
    ['a list', 'bytes', '[{"x":1}]', 'InvalidRequest'],
    ['an unknown parameter', 'bytes', '{"rows":[{"x":1}],"parameters":{"onError":"skip"}}', 'InvalidRequest'],
    ['a time that is none', 'bytes', '{"rows":[{"x":1}],"parameters":{"timeout":"1s"}}', 'InvalidRequest'],
    ['deep JSON', 'bytes', `{"rows":[{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}]}`, 'InvalidRows'],
    ['deeper JSON', 'bytes', `{"rows":[{"x":${'['.repeat(99_000)}${']'.repeat(99_000)}}]}`, 'InvalidRequest'],
    ['a model without rows', 'rowless', '{"rows":[{"x":1}]}', 'NotByRows'],
  ])('are refused: %s', async (_, model, body, code) => {
    const answer = await predict(model, body);
    expect(answer.body).toMatchObject({ code });
    expect(answer.status).toBe(code === 'NotByRows' ? 409 : 400);
  });

  it('are told where they are, also where a field stands twice', async () => {
    const { body } = await predict('bytes', '{"rows":[{"x":1},{"x":1,"x":2}]}');
    expect(body.errors).toEqual([{ row: 1, field: 'x', error: 'stands twice' }]);
  });

  it('are refused where they are too many, or their body too large', async () => {
    const many = await predict('bytes', `{"rows":[${'{"x":1},'.repeat(10_000)}{"x":1}]}`);
    expect([many.status, many.body.code]).toEqual([413, 'TooManyRows']);
    const large = await predict('bytes', `{"rows":[${'{"x":1},'.repeat(1_100_000)}{"x":1}]}`);
    expect([large.status, large.body.code]).toEqual([413, 'BodyTooLarge']);
    const most = await predict('bytes', `{"rows":[${'{"x":1},'.repeat(9_999)}{"x":1}]}`);
    expect(most.status).toBe(200);
  });

  it('are told up to a bound', async () => {
    const { body } = await predict('bytes', { rows: Array.from({ length: 5_000 }, () => ({})) });
    expect(body.error).toMatch(/^5000 of 5000 rows/);
    expect(body.errors).toHaveLength(100);
  });

  it('come as JSON in UTF-8 alone', async () => {
    const binary = await call(port, '/v2/models/bytes/predict', {
      headers: { 'inference-header-content-length': '0' },
      body: Buffer.from([1]),
    });
    expect([binary.status, binary.body.code]).toEqual([415, 'UnsupportedMediaType']);
    const latin = await predict('encoder', Buffer.from('{"rows":[{"colour":"gr\xfcn"}]}', 'latin1'));
    expect(latin.body).toMatchObject({ code: 'InvalidRequest' });
  });
});
