import { readFileSync } from 'node:fs';
import { credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { until } from '../../../../fixtures/until.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import {
  builtModel,
  countingModel,
  denseModel,
  divisionModel,
  encoderModel,
  identityModel,
  linearModel,
  pin,
  twoSidedModel,
} from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { InferenceClient } from './client.ts';

const folder = temporaryFolder();
let serving: Serving;
let client: InferenceClient;
let address: string;

const strikes = 'registry-repo-template/models/bird-strike/artifacts/1.0.0.onnx';
const numeric = 'BOOL INT8 INT16 INT32 INT64 UINT8 UINT16 UINT32 UINT64 FP32 FP64'.split(' ');

beforeAll(async () => {
  serving = await startServing({ bodyLimit: 1024 * 1024 });
  const at = folder.path;
  await serving.follow(
    table(
      deployment('linear', [pin(at, '1.2.0', linearModel(2, 1)), pin(at, '1.1.0', linearModel(2, 0))]),
      deployment('linear', [pin(at, '2.0.0', linearModel(3, 0))], { environment: 'dev' }),
      deployment('bird-strike', [pin(at, '1.0.0', builtModel(readFileSync(packageFile(strikes))))]),
      deployment('digits', [pin(at, '1.0.0', linearModel(2, 1, 784))]),
      deployment('two', [pin(at, '1.0.0', twoSidedModel())]),
      deployment('division', [pin(at, '1.0.0', divisionModel())]),
      deployment('encoder', [pin(at, '1.0.0', encoderModel())]),
      deployment('fp16', [pin(at, '1.0.0', identityModel('FP16'))]),
      deployment('bytes', [pin(at, '1.0.0', identityModel('BYTES'))]),
      ...numeric.map((datatype) =>
        deployment(datatype.toLowerCase(), [pin(at, '1.0.0', identityModel(datatype as 'FP32'))]),
      ),
      deployment('broken', [pin(at, '1.0.0', { ...linearModel(1, 0), bytes: Buffer.from('not a model') })]),
    ),
  );
  address = `127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`;
  client = new InferenceClient(address);
}, 60_000);

afterAll(async () => {
  client.close();
  await serving.stop();
  folder.remove();
});

const floats = (...values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer);
const typed = (model: string, ...values: readonly number[]) => ({
  model_name: model,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [values.length, 1], contents: { fp32_contents: values } }],
});
const outputOf = ({ body }: Awaited<ReturnType<InferenceClient['call']>>) =>
  (body.outputs as readonly Readonly<Record<string, unknown>>[])[0]!;
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'answered',
    ({ code, details }: { code: number; details: string }) => `${status[code]}: ${details}`,
  );

describe('an inference', () => {
  it('is asked for by a few lines, as docs/inference.md has them', async () => {
    const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
    const example = (page.match(/```js grpc\n([\s\S]*?)```/)?.[1] ?? '')
      .replaceAll(/^import .*$/gm, '')
      .replace('127.0.0.1:9000', address);
    const ask = new Function('loadPackageDefinition', 'credentials', 'loadSync', 'image', 'console', example);
    const load = (name: string, options: object) => loadSync(packageFile(`schemas/${name}`), options);
    const image = Array.from({ length: 784 }, (_, at) => at);
    const said = await new Promise((log, error) =>
      ask(loadPackageDefinition, credentials, load, image, { log, error }),
    );
    expect(said).toEqual(image.map((pixel) => 2 * pixel + 1));
  });

  it('with typed contents is answered so, with the version, the id and what leads back to it', async () => {
    const answered = await client.call('ModelInfer', { ...typed('linear', 1, 2, 3), id: 'an id' });
    expect(answered.body).toMatchObject({ model_name: 'linear', model_version: '1.2.0', id: 'an id' });
    expect(outputOf(answered)).toMatchObject({
      name: 'y',
      datatype: 'FP32',
      shape: ['3', '1'],
      contents: { fp32_contents: [3, 5, 7] },
    });
    expect(answered.body.raw_output_contents).toEqual([]);
    expect(answered.metadata).toMatchObject({
      'switchyard-model-version': '1.2.0',
      'switchyard-deployment': 'production/linear',
      'switchyard-variant': 'stable',
    });
    expect(answered.metadata['switchyard-prediction-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('with raw contents is answered raw', async () => {
    const { body } = await client.call('ModelInfer', {
      model_name: 'linear',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 1] }],
      raw_input_contents: [floats(10, 20)],
    });
    expect((body.raw_output_contents as Buffer[])[0]?.equals(floats(21, 41))).toBe(true);
  });

  it('answers as REST does', async () => {
    const rest = await inferJson(serving.port, 'linear', row(12.5));
    const grpc = await client.call('ModelInfer', typed('linear', 12.5));
    expect(outputOf(grpc)).toMatchObject({ contents: { fp32_contents: rest.body.outputs?.[0]?.data } });
  });

  it('may name a version, and an environment by a header', async () => {
    const old = await client.call('ModelInfer', { ...typed('linear', 10), model_version: '1.1.0' });
    expect(outputOf(old)).toMatchObject({ contents: { fp32_contents: [20] } });
    const metadata = { 'switchyard-environment': 'dev' };
    const dev = await client.call('ModelInfer', typed('linear', 10), { metadata });
    expect(outputOf(dev)).toMatchObject({ contents: { fp32_contents: [30] } });
  });

  it('answers with the outputs that were asked for, in that order', async () => {
    const meta = await client.call('ModelMetadata', { name: 'two' });
    const names = (meta.body.outputs as readonly { name: string }[]).map(({ name }) => name).reverse();
    const one = (name: string, datatype: string, contents: object) => ({
      name,
      datatype,
      shape: [1, 1],
      contents,
    });
    const inputs = [
      one('word', 'BYTES', { bytes_contents: [Buffer.from('a')] }),
      one('b', 'INT64', { int64_contents: [2] }),
      one('a', 'FP32', { fp32_contents: [1] }),
    ];
    const outputs = names.map((name) => ({ name }));
    const { body } = await client.call('ModelInfer', {
      model_name: 'two',
      inputs: inputs.reverse(),
      outputs,
    });
    expect((body.outputs as readonly { name: string }[]).map(({ name }) => name)).toEqual(names);
  });

  const samples: Readonly<Record<string, readonly [string, readonly unknown[]]>> = {
    BOOL: ['bool_contents', [true, false]],
    INT8: ['int_contents', [-128, 127]],
    INT16: ['int_contents', [-32768, 32767]],
    INT32: ['int_contents', [-2147483648, 2147483647]],
    INT64: ['int64_contents', ['-9223372036854775808', '9007199254740993']],
    UINT8: ['uint_contents', [0, 255]],
    UINT16: ['uint_contents', [0, 65535]],
    UINT32: ['uint_contents', [0, 4294967295]],
    UINT64: ['uint64_contents', ['9007199254740993', '18446744073709551615']],
    FP32: ['fp32_contents', [0.5, Number.NEGATIVE_INFINITY]],
    FP64: ['fp64_contents', [0.1, 5e-324]],
  };
  it.each(Object.entries(samples))('keeps %s as it is', async (datatype, [field, values]) => {
    const input = { name: 'x', datatype, shape: [1, 2], contents: { [field]: values } };
    const answered = await client.call('ModelInfer', { model_name: datatype.toLowerCase(), inputs: [input] });
    expect(outputOf(answered)).toMatchObject({ datatype, contents: { [field]: values } });
  });

  it('keeps texts, and FP16 raw', async () => {
    const texts = ['ünïcode ✓', ''].map((text) => Buffer.from(text));
    const input = { name: 'x', datatype: 'BYTES', shape: [1, 2], contents: { bytes_contents: texts } };
    const answered = await client.call('ModelInfer', { model_name: 'bytes', inputs: [input] });
    expect(outputOf(answered)).toMatchObject({ contents: { bytes_contents: texts } });
    const halves = Buffer.from(Uint16Array.of(0x3c00, 0x7e00).buffer);
    const { body } = await client.call('ModelInfer', {
      model_name: 'fp16',
      inputs: [{ name: 'x', datatype: 'FP16', shape: [1, 2] }],
      raw_input_contents: [halves],
    });
    expect((body.raw_output_contents as Buffer[])[0]?.equals(halves)).toBe(true);
  });

  it('says NaN and infinities, which JSON cannot', async () => {
    const input = {
      name: 'x',
      datatype: 'FP32',
      shape: [1, 2],
      contents: { fp32_contents: [Number.NaN, 1] },
    };
    const answered = await client.call('ModelInfer', { model_name: 'fp32', inputs: [input] });
    expect(outputOf(answered)).toMatchObject({ contents: { fp32_contents: [Number.NaN, 1] } });
  });

  it('shares runs with those of others, and each gets its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, value) => client.call('ModelInfer', typed('linear', value))),
    );
    const values = answers.map(
      (answer) => (outputOf(answer).contents as { fp32_contents: number[] }).fp32_contents[0],
    );
    expect(values).toEqual(Array.from({ length: 200 }, (_, value) => 2 * value + 1));
  });
});

describe('a call that is refused', () => {
  const [input] = typed('linear', 1).inputs;
  it.each([
    ['an unknown model', { model_name: 'none' }, 'NOT_FOUND: '],
    ['an unknown version', { ...typed('linear', 1), model_version: '9.9.9' }, 'NOT_FOUND: '],
    ['a model that could not be loaded', typed('broken', 1), 'UNAVAILABLE: '],
    ['a missing input', { model_name: 'linear' }, 'INVALID_ARGUMENT: input "x": is missing'],
    [
      'an unknown input',
      { model_name: 'linear', inputs: [{ ...input, name: 'z' }] },
      'INVALID_ARGUMENT: input "z"',
    ],
    [
      'an input twice',
      { model_name: 'linear', inputs: [input, input] },
      'INVALID_ARGUMENT: input "x": is given twice',
    ],
    [
      'another datatype',
      { model_name: 'linear', inputs: [{ ...input, datatype: 'FP64' }] },
      'the model takes FP32',
    ],
    [
      'a shape that does not fit',
      { model_name: 'linear', inputs: [{ ...input, shape: [1, 2] }] },
      'does not fit',
    ],
    [
      'a negative size',
      { model_name: 'linear', inputs: [{ ...input, shape: [-1, 1] }] },
      'INVALID_ARGUMENT: ',
    ],
    [
      'too few elements',
      { model_name: 'linear', inputs: [{ ...input, shape: [2, 1] }] },
      '1 elements in its contents',
    ],
    [
      'no contents',
      { model_name: 'linear', inputs: [{ ...input, contents: null }] },
      '0 elements in its contents',
    ],
    [
      'contents of another sort',
      { model_name: 'linear', inputs: [{ ...input, contents: { int_contents: [1] } }] },
      'its contents are not those of FP32',
    ],
    [
      'contents beside raw ones',
      { model_name: 'linear', inputs: [input], raw_input_contents: [floats(1)] },
      'raw_input_contents are there, too',
    ],
    [
      'fewer raw ones than inputs',
      { model_name: 'linear', inputs: [], raw_input_contents: [floats(1)] },
      'has 1 entries for 0 inputs',
    ],
    [
      'raw ones of another size',
      {
        model_name: 'linear',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1] }],
        raw_input_contents: [floats(1, 2)],
      },
      '8 bytes of binary data',
    ],
    ['an unknown output', { ...typed('linear', 1), outputs: [{ name: 'q' }] }, 'output "q"'],
    [
      'a number out of range',
      {
        model_name: 'int8',
        inputs: [{ name: 'x', datatype: 'INT8', shape: [1, 2], contents: { int_contents: [1, 128] } }],
      },
      'element 1 is out of the range of INT8',
    ],
    [
      'a text with a NUL',
      {
        model_name: 'bytes',
        inputs: [
          {
            name: 'x',
            datatype: 'BYTES',
            shape: [1, 2],
            contents: { bytes_contents: [Buffer.from('a\0'), Buffer.from('b')] },
          },
        ],
      },
      'holds the character NUL',
    ],
    [
      'a text that is none',
      {
        model_name: 'bytes',
        inputs: [
          {
            name: 'x',
            datatype: 'BYTES',
            shape: [1, 2],
            contents: { bytes_contents: [Buffer.from([0xff]), Buffer.from('b')] },
          },
        ],
      },
      'is not UTF-8',
    ],
  ])('%s', async (_, request, expected) => {
    expect(await codeOf(client.call('ModelInfer', request))).toContain(expected);
  });

  it('an environment that is not there, with its code and hint', async () => {
    const metadata = { 'switchyard-environment': 'moon' };
    const call = client.call('ModelInfer', typed('linear', 1), { metadata });
    await expect(call).rejects.toMatchObject({ code: status.NOT_FOUND });
    const error = (await call.catch((thrown: unknown) => thrown)) as {
      metadata: { get(name: string): unknown[] };
    };
    expect(error.metadata.get('switchyard-code')).toEqual(['EnvironmentNotFound']);
  });

  it('a message that is larger than the server takes', async () => {
    const request = {
      model_name: 'linear',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [300_000, 1] }],
      raw_input_contents: [Buffer.alloc(1_200_000)],
    };
    expect(await codeOf(client.call('ModelInfer', request))).toContain('RESOURCE_EXHAUSTED');
    expect(outputOf(await client.call('ModelInfer', typed('linear', 1)))).toBeDefined();
  });
});

describe('the server', () => {
  it('says that it lives, is ready, what it is, and what its models take', async () => {
    expect((await client.call('ServerLive')).body).toEqual({ live: true });
    // One of the models could not be loaded.
    expect((await client.call('ServerReady')).body).toEqual({
      ready: serving.process.report().ready,
    });
    expect((await client.call('ServerMetadata')).body).toMatchObject({
      name: 'switchyard',
      version: '0.0.0-test',
    });
    expect((await client.call('ModelReady', { name: 'linear' })).body).toEqual({ ready: true });
    expect((await client.call('ModelReady', { name: 'linear', version: '1.1.0' })).body).toEqual({
      ready: true,
    });
    expect((await client.call('ModelMetadata', { name: 'linear' })).body).toMatchObject({
      name: 'linear',
      versions: ['1.2.0', '1.1.0'],
      platform: 'onnx_onnxv1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1', '1'] }],
    });
  });

  it('says of a model, a version and an environment that are not there that they are not ready', async () => {
    const ready = async (request: object, metadata = {}) =>
      (await client.call('ModelReady', request, { metadata })).body;
    expect(await ready({ name: 'none' })).toEqual({ ready: false });
    expect(await ready({ name: 'linear', version: '9.9.9' })).toEqual({ ready: false });
    expect(await ready({ name: 'broken' })).toEqual({ ready: false });
    expect(await ready({ name: 'linear' }, { 'switchyard-environment': 'none' })).toEqual({ ready: false });
    expect(await codeOf(client.call('ModelMetadata', { name: 'none' }))).toContain('NOT_FOUND');
  });

  it('answers the health protocol', async () => {
    expect((await client.health('inference.GRPCInferenceService')).body.status).toMatch(/SERVING/);
    expect(await codeOf(client.health('no.such.Service'))).toContain('NOT_FOUND');
  });

  it('tells by reflection what it has, as grpcurl asks in docs/inference.md', async () => {
    const [list = '', ask = ''] = shownBlock('docs/inference.md', 'sh grpcurl').trim().split('\n');
    expect(list).toBe('grpcurl -plaintext 127.0.0.1:9000 list');
    const [, data = '', service = '', method = ''] =
      /^grpcurl -plaintext -d '(.*)' 127\.0\.0\.1:9000 ([\w.]+)\/(\w+)$/.exec(ask) ?? [];
    const { listServicesResponse } = await reflected({ listServices: '' });
    const names = listServicesResponse!.service.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([service, 'grpc.health.v1.Health']));
    const { fileDescriptorResponse } = await reflected({ fileContainingSymbol: service });
    const files = fileDescriptorResponse!.fileDescriptorProto.map((bytes) =>
      Buffer.concat([Buffer.of(0x0a), varint(bytes.length), bytes]),
    );
    const [space = '', name = ''] = service.split('.');
    const told = loadPackageDefinition(
      loadFileDescriptorSetFromBuffer(Buffer.concat(files), { keepCase: true, longs: Number }),
    ) as never as Record<string, Record<string, new (...given: unknown[]) => never>>;
    const stub = new told[space]![name]!(address, credentials.createInsecure()) as Record<string, unknown> & {
      close(): void;
    };
    const call = stub[method] as (
      request: object,
      answered: (error: unknown, answer: object) => void,
    ) => void;
    const answer = await new Promise<object>((resolve, reject) =>
      call.call(stub, JSON.parse(data) as object, (error, body) => (error ? reject(error) : resolve(body))),
    );
    stub.close();
    expect(answer).toMatchObject({ name: 'bird-strike', versions: ['1.0.0'] });
    expect((answer as { inputs: { name: string }[] }).inputs.at(-1)).toMatchObject({
      ...{ name: 'speed_knots', datatype: 'FP32', shape: [-1, 1] },
    });
  });
});

interface Reflected {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

/** What reflection answers to one question. */
async function reflected(question: object): Promise<Reflected> {
  const proto = packageFile('node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto');
  const loaded = loadPackageDefinition(loadSync(proto, { oneofs: true, defaults: false })) as never as {
    grpc: { reflection: { v1: { ServerReflection: new (...given: unknown[]) => never } } };
  };
  const { ServerReflection } = loaded.grpc.reflection.v1;
  const reflection = new ServerReflection(address, credentials.createInsecure()) as never as {
    serverReflectionInfo(): AsyncIterable<Reflected> & { write(message: object): void; end(): void };
    close(): void;
  };
  const stream = reflection.serverReflectionInfo();
  stream.write(question);
  try {
    for await (const answer of stream) return answer;
    throw new Error('reflection did not answer');
  } finally {
    stream.end();
    reflection.close();
  }
}

/** A length as protocol buffers write it. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return Buffer.from(bytes);
  }
}

it('answers what is under way when it takes its leave, and then closes', async () => {
  const leaving = await startServing();
  // Slow enough that the others wait while one runs.
  const slow = pin(folder.path, '1.0.0', denseModel(512, 40, 1), { placement: 'worker' });
  const alone = { batching: { maxBatchSize: 1, maxDelayMs: 0 } };
  await leaving.follow(table(deployment('dense', [slow], alone)));
  const port = await leaving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
  const one = new InferenceClient(`127.0.0.1:${port}`);
  const statuses: string[] = [];
  const watching = one.watch('');
  const watched = (async () => {
    for await (const { status: said } of watching) {
      statuses.push(said);
      if (said === 'NOT_SERVING') break;
    }
  })().catch(() => {});
  const request = {
    model_name: 'dense',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 512] }],
    raw_input_contents: [Buffer.alloc(2048)],
  };
  const calls = Array.from({ length: 20 }, () => one.call('ModelInfer', request));
  await Promise.race(calls);
  const stopped = leaving.process.stop();
  const answers = await Promise.allSettled(calls);
  expect(answers.filter(({ status: outcome }) => outcome === 'rejected')).toEqual([]);
  await watched;
  expect(statuses).toEqual(['SERVING', 'NOT_SERVING']);
  watching.cancel();
  one.close();
  expect(await stopped).toBe(true);
});

it('refuses what it cannot answer before its leave is over: clients ask another', async () => {
  const leaving = await startServing({ drainTimeoutMs: 3_000 });
  const slow = pin(folder.path, '1.0.0', countingModel(40_000), { placement: 'worker' });
  const alone = {
    batching: { maxBatchSize: 1, maxDelayMs: 0 },
    limits: { maxQueue: 1_000, timeoutMs: 60_000 },
  };
  await leaving.follow(table(deployment('counting', [slow], alone)));
  const port = await leaving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
  const one = new InferenceClient(`127.0.0.1:${port}`);
  const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [0] } }];
  const options = { timeoutMs: 60_000 };
  const calls = Array.from({ length: 300 }, () =>
    one.call('ModelInfer', { model_name: 'counting', inputs }, options),
  );
  // Those that come after its leave has begun are refused, and how many come before is up to the machine.
  const waiting = () => Object.values(leaving.process.report().metrics.waiting);
  await until(() => waiting().some((count) => count > 200));
  const stopped = leaving.process.stop();
  const outcomes = await Promise.allSettled(calls);
  const told = outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') return 'answered';
    const { code, metadata } = outcome.reason as ServiceError;
    return `${status[code]} ${metadata.get('switchyard-code')[0]}`;
  });
  expect(new Set(told)).toEqual(new Set(['answered', 'UNAVAILABLE ServerLeaving']));
  one.close();
  // Not all that was under way has been answered.
  expect(await stopped).toBe(false);
});
