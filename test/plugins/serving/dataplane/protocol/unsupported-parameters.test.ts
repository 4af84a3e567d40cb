/** Parameters of Triton's clients that ask for what is not done here, over REST and gRPC. */
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureModels } from '../../../../../cli/conformance/fixture-models.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { call, inferJson } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { builtModel, linearModel, pin, twoSidedModel } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { InferenceClient } from '../grpc/client.ts';

/** The model that docs/inference.md asks. */
const fixture = 'conformance-fp32';

const folder = temporaryFolder();
let serving: Serving;
let client: InferenceClient;

beforeAll(async () => {
  serving = await startServing();
  const at = folder.path;
  const { bytes } = fixtureModels().find(({ name }) => name === fixture)!;
  await serving.follow(
    table(
      deployment('linear', [pin(at, '1.0.0', linearModel(2, 1))]),
      deployment(fixture, [pin(at, '1.0.0', builtModel(bytes))]),
      deployment('two', [pin(at, '1.0.0', twoSidedModel())]),
    ),
  );
  client = new InferenceClient(
    `127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`,
  );
}, 60_000);

afterAll(async () => {
  client.close();
  await serving.stop();
  folder.remove();
});

/** As a client sends it: the parameters of the request, of its input and of its output. */
interface Parameters {
  readonly request?: Readonly<Record<string, unknown>>;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
}

async function askJson({ request, input, output }: Parameters) {
  const { body } = await inferJson(serving.port, 'linear', {
    parameters: request,
    inputs: [
      {
        ...{ name: 'x', datatype: 'FP32', shape: [1, 1], parameters: input },
        ...('shared_memory_region' in (input ?? {}) ? {} : { data: [4] }),
      },
    ],
    outputs: [{ name: 'y', parameters: output }],
  });
  return body.code === undefined ? body.outputs?.[0]?.data : `${body.code}: ${body.error}`;
}

async function askBinary({ request, input, output }: Parameters) {
  const isShared = 'shared_memory_region' in (input ?? {});
  const own = isShared ? input : { binary_data_size: 4, ...input };
  const json = JSON.stringify({
    parameters: request,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], parameters: own }],
    outputs: [{ name: 'y', parameters: { binary_data: true, ...output } }],
  });
  const bytes = isShared ? Buffer.alloc(0) : Buffer.from(Float32Array.of(4).buffer);
  const { body, bytes: answer } = await call(serving.port, '/v2/models/linear/infer', {
    headers: { 'inference-header-content-length': String(Buffer.byteLength(json)) },
    body: Buffer.concat([Buffer.from(json), bytes]),
  });
  if (body.code !== undefined) return `${body.code}: ${body.error}`;
  return body.outputs?.[0]?.data ?? [answer.readFloatLE(answer.length - 4)];
}

const kinds = { boolean: 'bool_param', number: 'int64_param', string: 'string_param' } as const;
const typed = (parameters: Readonly<Record<string, unknown>> = {}) =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      { [kinds[typeof value as keyof typeof kinds]]: value },
    ]),
  );

function askGrpc(form: 'typed' | 'raw') {
  return async ({ request, input, output }: Parameters) => {
    const isShared = 'shared_memory_region' in (input ?? {});
    const bytes = Buffer.from(Float32Array.of(4).buffer);
    try {
      const { body } = await client.call('ModelInfer', {
        model_name: 'linear',
        parameters: typed(request),
        inputs: [
          {
            ...{ name: 'x', datatype: 'FP32', shape: [1, 1], parameters: typed(input) },
            ...(isShared || form === 'raw' ? {} : { contents: { fp32_contents: [4] } }),
          },
        ],
        outputs: [{ name: 'y', parameters: typed(output) }],
        raw_input_contents: isShared || form === 'typed' ? [] : [bytes],
      });
      const [raw] = body.raw_output_contents as readonly Buffer[];
      const [answer] = body.outputs as readonly { contents: { fp32_contents: readonly number[] } }[];
      return raw === undefined ? answer?.contents.fp32_contents : [raw.readFloatLE()];
    } catch (thrown) {
      const { code, details, metadata } = thrown as {
        code: number;
        details: string;
        metadata: { get(name: string): unknown[] };
      };
      expect(status[code]).toBe('INVALID_ARGUMENT');
      const [hint] = metadata.get('switchyard-hint-bin') as Buffer[];
      const told = hint === undefined ? details : details.replace(`. ${hint.toString()}`, '');
      return `${metadata.get('switchyard-code')[0]}: ${told}`;
    }
  };
}

const shared = { shared_memory_region: 'mine', shared_memory_byte_size: 4 };
const noMemory = '"shared_memory_region" is not supported: the server shares no memory with its clients';
const noState = 'is not supported: the server keeps no state between requests';

describe.each([
  ['JSON', askJson],
  ['binary tensors', askBinary],
  ['typed contents of gRPC', askGrpc('typed')],
  ['raw contents of gRPC', askGrpc('raw')],
])('with %s', (_, ask) => {
  it.each([
    ['an output into shared memory', { output: shared }, `output "y": ${noMemory}`],
    ['an input from shared memory', { input: shared }, `input "x": ${noMemory}`],
    [
      'the classes of an output',
      { output: { classification: 2 } },
      'output "y": "classification" is not supported: the server does not sort an output by its classes',
    ],
    [
      'a sequence by its number',
      { request: { sequence_id: 7, sequence_start: true, sequence_end: false } },
      `the request: "sequence_id" ${noState}`,
    ],
    [
      'a sequence by its name',
      { request: { sequence_id: 'mine', sequence_start: false, sequence_end: false } },
      `the request: "sequence_id" ${noState}`,
    ],
    [
      'the beginning of a sequence',
      { request: { sequence_start: true } },
      `the request: "sequence_start" ${noState}`,
    ],
    [
      'the end of a sequence',
      { request: { sequence_id: 0, sequence_end: true } },
      `the request: "sequence_end" ${noState}`,
    ],
  ])('whoever asks for %s is refused', async (_what, parameters, told) => {
    // One like it is known by then.
    await ask({});
    await ask({});
    expect(await ask(parameters)).toBe(`UnsupportedParameter: ${told}`);
  });

  it.each([
    ['no sequence', { request: { sequence_id: 0, sequence_start: false, sequence_end: false } }],
    ['no sequence by name', { request: { sequence_id: '' } }],
    ['no classes', { output: { classification: 0 } }],
    ['what nobody knows', { request: { own: 'a', other: true }, input: { scale: 2 }, output: { unit: 'm' } }],
  ])('whoever asks for %s is answered', async (_what, parameters) => {
    expect(await ask(parameters)).toEqual([9]);
  });
});

describe('a refusal', () => {
  it('says where, and what to do instead', async () => {
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [4] }];
    const told = async (more: object) => (await inferJson(serving.port, 'linear', { inputs, ...more })).body;
    expect(await told({ outputs: [{ name: 'y', parameters: shared }] })).toMatchObject({
      ...{ code: 'UnsupportedParameter', where: 'output "y"' },
      hint: expect.stringContaining('binary'),
    });
    expect(await told({ outputs: [{ name: 'y', parameters: { classification: 1 } }] })).toMatchObject({
      hint: expect.stringContaining('/predict'),
    });
    expect(await told({ parameters: { sequence_id: 1 } })).toMatchObject({
      hint: expect.stringContaining('as an input of each request'),
    });
  });

  it('names the input in shared memory, though others have raw contents', async () => {
    const one = (name: string, datatype: string, parameters: object = {}) => ({
      ...{ name, datatype, shape: [1, 1], parameters },
    });
    const asked = client.call('ModelInfer', {
      model_name: 'two',
      inputs: [one('a', 'FP32', typed(shared)), one('b', 'INT64'), one('word', 'BYTES')],
      raw_input_contents: [Buffer.alloc(8), Buffer.from([1, 0, 0, 0, 0x61])],
    });
    await expect(asked).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(`input "a": ${noMemory}`),
    });
  });

  it('is told of a time or a priority that is no number, over gRPC as over REST', async () => {
    for (const parameters of [{ timeout: 'soon' }, { priority: true }]) {
      const [name] = Object.keys(parameters);
      expect(await askJson({ request: parameters })).toContain(`InvalidRequest: "${name}" must be`);
      expect(await askGrpc('typed')({ request: parameters })).toContain(`InvalidRequest: "${name}" must be`);
    }
  });

  it('is the one that docs/inference.md shows', async () => {
    const page = 'docs/inference.md';
    const request = JSON.parse(shownBlock(page, 'json unsupported')) as object;
    const { status: http, body } = await inferJson(serving.port, fixture, request);
    expect(http).toBe(400);
    expect(body).toEqual(JSON.parse(shownBlock(page, 'json unsupported-answer')));
  });
});
