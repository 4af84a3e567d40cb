import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import {
  divisionModel,
  encoderModel,
  identityModel,
  linearModel,
  lookupModel,
  pin,
  twoSidedModel,
} from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const folder = temporaryFolder();
let serving: Serving;
let port: number;

beforeAll(async () => {
  serving = await startServing({ bodyLimit: 1024 * 1024 });
  port = serving.port;
  const at = folder.path;
  await serving.follow(
    table(
      deployment('linear', [pin(at, '1.2.0', linearModel(2, 1)), pin(at, '1.1.0', linearModel(2, 0))]),
      deployment('linear', [pin(at, '2.0.0', linearModel(3, 0))], { environment: 'dev' }),
      deployment('two', [pin(at, '1.0.0', twoSidedModel())]),
      deployment('lookup', [pin(at, '1.0.0', lookupModel())]),
      deployment('division', [pin(at, '1.0.0', divisionModel())]),
      deployment('halves', [pin(at, '1.0.0', identityModel('FP16'))]),
      deployment('big', [pin(at, '1.0.0', identityModel('INT64', ['N']))]),
      deployment('encoder', [pin(at, '1.0.0', encoderModel())]),
      deployment('broken', [pin(at, '1.0.0', { ...linearModel(1, 0), bytes: Buffer.from('not a model') })]),
    ),
  );
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

describe('an inference', () => {
  it('answers with the outputs, the version and the id of the request', async () => {
    const answer = await inferJson(port, 'linear', { id: 'a "quoted" id', ...(row(20) as object) });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      model_name: 'linear',
      model_version: '1.2.0',
      id: 'a "quoted" id',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [41] }],
    });
  });

  it('says in its headers which version, commit, deployment and variant answered, and gives the prediction an id', async () => {
    const { headers } = await inferJson(port, 'linear', row(1));
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'switchyard-commit': 'c0ffee0000000000000000000000000000000000',
      'switchyard-model-version': '1.2.0',
      'switchyard-deployment': 'production/linear',
      'switchyard-variant': 'stable',
    });
    expect(headers['switchyard-prediction-id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('gives every answer a prediction id of its own, an error too', async () => {
    const ids = new Set<unknown>();
    for (const body of [row(1), row(1), { inputs: [] }]) {
      ids.add((await inferJson(port, 'linear', body)).headers['switchyard-prediction-id']);
    }
    expect(ids.size).toBe(3);
    expect(ids).not.toContain(undefined);
  });

  it('reaches a named environment under its own path', async () => {
    const answer = await call(port, '/environments/dev/v2/models/linear/infer', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(row(5)),
    });
    expect(answer.body).toMatchObject({ model_version: '2.0.0', outputs: [{ data: [15] }] });
  });

  it('answers a client that names the whole URL, as to a proxy', async () => {
    const url = `http://127.0.0.1:${port}/v2/models/linear/infer?x=1`;
    expect(await call(port, url, { body: JSON.stringify(row(5)) })).toMatchObject({ status: 200 });
    expect(await call(port, `http://127.0.0.1:${port}`)).toMatchObject({ status: 404 });
  });

  it('answers a client that has ended its side, and closes the connection behind the answer', async () => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    const body = JSON.stringify(row(5));
    socket.end(
      `POST /v2/models/linear/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain('"data":[11]');
  });

  it('reaches a version by name, a warm one too', async () => {
    const answer = await call(port, '/v2/models/linear/versions/1.1.0/infer', {
      body: JSON.stringify(row(5)),
    });
    expect(answer.body).toMatchObject({ model_version: '1.1.0', outputs: [{ data: [10] }] });
    expect(answer.headers['switchyard-variant']).toBe('warm');
  });

  it('takes data nested as well as flat, and several rows', async () => {
    const nested = { inputs: [{ name: 'x', datatype: 'FP32', shape: [3, 1], data: [[1], [2], [3]] }] };
    expect((await inferJson(port, 'linear', nested)).body.outputs?.[0]).toMatchObject({
      shape: [3, 1],
      data: [3, 5, 7],
    });
  });

  it('answers only with the outputs asked for, in the order asked for', async () => {
    const inputs = [
      { name: 'word', datatype: 'BYTES', shape: [1, 1], data: ['grüß "dich"'] },
      { name: 'a', datatype: 'FP32', shape: [1, 1], data: [0.5] },
      { name: 'b', datatype: 'INT64', shape: [1, 1], data: [2] },
    ];
    const all = await inferJson(port, 'two', { inputs });
    expect(all.body.outputs?.map(({ name }) => name)).toEqual(['sum', 'same']);
    const some = await inferJson(port, 'two', {
      inputs,
      outputs: [{ name: 'same' }],
      parameters: { anything: 1 },
    });
    expect(some.body.outputs).toEqual([
      { name: 'same', datatype: 'BYTES', shape: [1, 1], data: ['grüß "dich"'] },
    ]);
    const turned = await inferJson(port, 'two', { inputs, outputs: [{ name: 'same' }, { name: 'sum' }] });
    expect(turned.body.outputs?.map(({ name }) => name)).toEqual(['same', 'sum']);
  });

  it('encodes categories inside the model, known and unknown', async () => {
    const inputs = [{ name: 'colour', datatype: 'BYTES', shape: [3, 1], data: ['grün', 'red', 'mauve'] }];
    expect((await inferJson(port, 'encoder', { inputs })).body.outputs?.[0]?.data).toEqual([2, 1, -1]);
  });

  it('keeps every digit of 64-bit integers', async () => {
    const digits = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '-5', '0'];
    const body = `{"inputs":[{"name":"x","datatype":"INT64","shape":[5],"data":[${digits.join(', ')}]}]}`;
    const answer = await inferJson(port, 'big', body);
    expect(answer.bytes.toString()).toContain(`"data":[${digits.join(',')}]`);
  });
});

describe('what a client sent wrong', () => {
  const input = (more: object) => ({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [1], ...more }],
  });
  const rows: readonly [string, unknown, RegExp][] = [
    ['text that is not JSON', '{"inputs": [', /not JSON/],
    ['JSON that is no object', '[1]', /must be a JSON object/],
    ['no inputs', {}, /"inputs" must be an array/],
    ['an empty list of inputs', { inputs: [] }, /input "x": is missing/],
    [
      'an unknown input',
      { inputs: [{ name: 'z', datatype: 'FP32', shape: [1], data: [1] }] },
      /input "z": the model has no such input/,
    ],
    ['an input twice', { inputs: [input({}).inputs[0], input({}).inputs[0]] }, /input "x": is given twice/],
    ['an input without a name', input({ name: undefined }), /position 0 has no "name"/],
    [
      'another datatype',
      input({ datatype: 'FP64' }),
      /input "x": the model takes FP32, the request has "FP64"/,
    ],
    ['another rank', input({ shape: [1] }), /input "x": shape \[1\] does not fit the model's \[-1,1\]/],
    ['another size', input({ shape: [1, 2], data: [1, 2] }), /input "x": shape \[1,2\] does not fit/],
    ['an empty batch', input({ shape: [0, 1], data: [] }), /input "x": shape \[0,1\] holds no element/],
    ['a shape of texts', input({ shape: ['1', 1] }), /"shape" must hold whole numbers, has "1"/],
    ['a negative shape', input({ shape: [-1, 1] }), /"shape" must hold whole numbers, has -1/],
    ['a shape missing', input({ shape: undefined }), /"shape" must be an array like \[-1,1\]/],
    ['too few values', input({ shape: [2, 1] }), /"data" holds 1 values, shape \[2,1\] asks for 2/],
    [
      'ragged data',
      input({ shape: [2, 1], data: [[1], [2, 3]] }),
      /"data" is ragged: dimension 1 has 2 entries/,
    ],
    ['data nested too deep', input({ data: [[[1]]] }), /nested deeper than the 2 dimensions/],
    ['data missing', input({ data: undefined }), /"data" must be an array, is missing/],
    ['a text for a number', input({ data: ['1'] }), /element 0 of FP32 must be a number, is the text "1"/],
    ['null for a number', input({ data: [null] }), /element 0 of FP32 must be a number, is null/],
    ['a number out of range', input({ data: [1e39] }), /element 0 is out of the range of FP32: 1e\+39/],
    [
      'an unknown output',
      { ...input({}), outputs: [{ name: 'q' }] },
      /output "q": the model has no such output/,
    ],
    [
      'an output twice',
      { ...input({}), outputs: [{ name: 'y' }, { name: 'y' }] },
      /output "y": is asked for twice/,
    ],
    ['an id that is no text', { ...input({}), id: 7 }, /"id" must be a text/],
    [
      'parameters that are a list',
      { ...input({}), parameters: [] },
      /"parameters" of the request must be an obj/,
    ],
    [
      'parameters of an input in a text',
      input({ parameters: 'x' }),
      /"parameters" of input "x" must be an object/,
    ],
    [
      'binary data that is not there',
      input({ data: undefined, parameters: { binary_data_size: 4 } }),
      /Inference-Header-Content-Length header is missing/,
    ],
    [
      'both kinds of data',
      input({ parameters: { binary_data_size: 4 } }),
      /both "data" and "binary_data_size"/,
    ],
  ];

  it.each(rows)('is refused with 400: %s', async (_, body, message) => {
    const answer = await inferJson(port, 'linear', body as object);
    expect(answer.body.error).toMatch(message);
    expect(answer.body.code).toMatch(/^Invalid(Request|Tensor)$/);
    expect(answer.status).toBe(400);
  });

  it('is refused with 400: inputs that disagree on their rows', async () => {
    const inputs = [
      { name: 'word', datatype: 'BYTES', shape: [1, 1], data: ['a'] },
      { name: 'a', datatype: 'FP32', shape: [1, 1], data: [0.5] },
      { name: 'b', datatype: 'INT64', shape: [2, 1], data: [2, 3] },
    ];
    const answer = await inferJson(port, 'two', { inputs });
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidTensor' } });
    expect(answer.body.error).toBe('input "b": 2 rows, but "a" has 1');
  });

  it('is refused with 400: bytes that are not UTF-8', async () => {
    const answer = await call(port, '/v2/models/linear/infer', { body: Buffer.from([0x7b, 0xff, 0x7d]) });
    expect(answer).toMatchObject({ status: 400, body: { error: 'the body is not UTF-8' } });
  });

  it('is refused with 400: arrays nested so deep that they would fill the memory', async () => {
    const answer = await inferJson(port, 'linear', '['.repeat(900_000));
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'the JSON is nested deeper than 32 levels' },
    });
  });

  it('harms nobody who shares its run', async () => {
    const good = { inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [2] }] };
    const bad = { inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }] };
    const answers = await Promise.all([good, bad, good, good].map((body) => inferJson(port, 'lookup', body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 200, 200]);
    expect(answers[1]?.body).toMatchObject({ code: 'InferenceFailed' });
    expect(answers[3]?.body.outputs?.[0]?.data).toEqual([12]);
  });

  it.each([
    ['an unknown path', '/v3', 'NotFound'],
    ['an unknown model', '/v2/models/nothing/infer', 'ModelNotFound'],
    ['an unknown version', '/v2/models/linear/versions/9.9.9/infer', 'VersionNotFound'],
    ['an unknown environment', '/environments/mars/v2/models/linear/infer', 'EnvironmentNotFound'],
    ['a path that cannot be decoded', '/v2/models/%zz/infer', 'NotFound'],
  ])('is answered with 404: %s', async (_, path, code) => {
    const answer = await call(port, path, { body: JSON.stringify(row(1)) });
    expect(answer).toMatchObject({ status: 404, body: { code } });
    expect(answer.body.error).toEqual(expect.any(String));
  });

  it('is told which environments there are', async () => {
    const answer = await call(port, '/environments/mars/v2/models/linear');
    expect(answer.body).toMatchObject({
      error: 'no deployment in environment "mars"',
      hint: 'There is: production, dev.',
    });
  });

  it('says which method a path knows', async () => {
    const answer = await call(port, '/v2/models/linear/infer');
    expect(answer).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
      body: { code: 'MethodNotAllowed' },
    });
    expect(await call(port, '/v2', { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET' },
    });
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a compressed body', { 'content-type': 'application/json', 'content-encoding': 'zstd' }],
    ['a binary body without the length of its JSON', { 'content-type': 'application/octet-stream' }],
  ])('is refused with 415: %s', async (_, headers) => {
    const answer = await call(port, '/v2/models/linear/infer', { headers, body: 'x' });
    expect(answer).toMatchObject({
      status: 415,
      body: { code: 'UnsupportedMediaType', hint: expect.any(String) },
    });
  });
});

describe('what JSON cannot express', () => {
  it.each(['NaN', '-Infinity', 'null', '"NaN"', '"-inf"'])(
    'is refused by naming the binary extension, however it is written: %s',
    async (written) => {
      const body = `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[${written}]}]}`;
      const answer = await call(port, '/v2/models/linear/infer', { body });
      expect(answer).toMatchObject({ status: 400, body: { hint: expect.stringContaining('binary tensor') } });
    },
  );

  it('is refused by naming the binary extension: a value that is not a number', async () => {
    const zero = { datatype: 'FP32', shape: [1, 1], data: [0] };
    const inputs = [
      { name: 'x', ...zero },
      { name: 'y', ...zero },
    ];
    const answer = await inferJson(port, 'division', { inputs });
    expect(answer).toMatchObject({ status: 406, body: { code: 'NonFiniteOutput' } });
    expect(answer.body.error).toContain('output "z" holds NaN');
    expect(answer.body.hint).toContain('binary tensor extension');
    const binary = await inferJson(port, 'division', { inputs, parameters: { binary_data_output: true } });
    expect(binary.status).toBe(200);
    expect(binary.bytes.readFloatLE(binary.bytes.length - 4)).toBeNaN();
  });

  it('is refused by naming the binary extension: half-precision numbers', async () => {
    const answer = await inferJson(port, 'halves', {
      inputs: [{ name: 'x', datatype: 'FP16', shape: [1, 2], data: [1, 2] }],
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'InvalidTensor', hint: expect.stringContaining('binary') },
    });
  });
});

describe('what the protocol tells', () => {
  it('about the server', async () => {
    expect((await call(port, '/v2')).body).toEqual({
      name: 'switchyard',
      version: '0.0.0-test',
      extensions: ['binary_tensor_data', 'statistics'],
    });
    expect(await call(port, '/v2/health/live')).toMatchObject({ status: 200, body: { live: true } });
    expect(await call(port, '/v2/health/ready')).toMatchObject({ status: 200, body: { ready: true } });
  });

  it('about a model and a version', async () => {
    const expected = {
      name: 'linear',
      versions: ['1.2.0', '1.1.0'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    };
    expect((await call(port, '/v2/models/linear')).body).toEqual(expected);
    expect((await call(port, '/v2/models/linear/versions/1.1.0/')).body).toEqual(expected);
    expect(await call(port, '/v2/models/linear/ready')).toMatchObject({ status: 200, body: { ready: true } });
    expect(await call(port, '/v2/models/linear/versions/1.1.0/ready')).toMatchObject({ status: 200 });
  });

  it('about a model that could not be loaded: why, and to come back later', async () => {
    const answer = await inferJson(port, 'broken', row(1));
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '30' },
      body: { code: 'ModelFailed' },
    });
    expect(answer.body.error).toContain('InvalidModel');
    expect(await call(port, '/v2/models/broken/ready')).toMatchObject({
      status: 503,
      body: { ready: false },
    });
  });
});
