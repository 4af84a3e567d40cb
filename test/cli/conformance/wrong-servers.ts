/** Servers that are wrong in one way each: what ours answers, changed. */
import { allCases } from '../../../cli/conformance/cases/index.ts';
import { lengthPrefixed } from '../../../cli/conformance/raw-tensors.ts';
import type { Change } from './changing-proxy.ts';
import type { Difference, GrpcChange } from './served-fixtures.ts';

export interface WrongServer {
  /** The case that it fails. */
  readonly id: string;
  /** What it does. */
  readonly does: string;
  readonly difference: Difference;
}

/** Cases that no wrong server of the tests fails, and why. */
export const unfailed: Readonly<Record<string, string>> = {
  'datatypes/bf16-binary': 'ONNX Runtime for Node loads no model of BF16, so that no server answers at all',
  'grpc/raw-bf16': 'the same',
};

type Row<C> = readonly [id: string, does: string, change: C];

const isUnfailed = ({ id }: { readonly id: string }): boolean => Object.hasOwn(unfailed, id);

/** The ids of cases that fit. */
const idsOf = (pattern: RegExp): readonly string[] =>
  allCases.filter((one) => !isUnfailed(one) && pattern.test(one.id)).map(({ id }) => id);

const overRest: readonly Row<Change>[] = [
  ['health/live', 'is not live', { at: /live$/, status: () => 503 }],
  [
    'health/ready',
    'says that it is not ready with 200',
    { at: /health\/ready$/, json: () => ({ ready: false }) },
  ],
  [
    'health/model-ready',
    'names another model',
    { at: /linear\/ready$/, json: (body) => ({ ...body, name: 'x' }) },
  ],
  [
    'health/version-ready',
    'does not know the versions that it lists',
    { at: /versions\/.*ready$/, status: () => 404 },
  ],
  [
    'health/unknown-model',
    'is ready for all',
    { at: /ready$/, status: () => 200, json: () => ({ ready: true }) },
  ],
  ['health/kept-connection', 'fails', { at: /live$/, status: () => 500 }],
  ['metadata/server', 'has no version', { at: /\/v2$/, json: ({ version: _, ...rest }) => rest }],
  [
    'metadata/model',
    'has shapes that are none',
    {
      at: /linear$/,
      json: (body) => ({ ...body, outputs: [{ name: 'y', datatype: 'FP32', shape: ['N'] }] }),
    },
  ],
  ['metadata/versions', 'has null', { at: /linear$/, json: (body) => ({ ...body, versions: null }) }],
  ['metadata/versions', 'has numbers', { at: /linear$/, json: (body) => ({ ...body, versions: [1] }) }],
  ['metadata/platform', 'has no platform', { at: /linear$/, json: ({ platform: _, ...rest }) => rest }],
  ['metadata/version', 'names another', { at: /versions\/1.2.0$/, json: (body) => ({ ...body, name: 'x' }) }],
  ['metadata/unknown-model', 'has a model of any name', { at: /no-such-model$/, status: () => 200 }],
  ['schedule/parameters', 'fails where they are given', { at: /linear\/infer$/, status: () => 500 }],
  ['schedule/too-late', 'fails where it is late', { at: /linear\/infer$/, status: () => 500 }],
  ['schedule/too-late', 'says it in no words', { at: /linear\/infer$/, json: () => ({}) }],
  [
    'json/infer',
    'answers with another datatype',
    { at: /infer$/, text: (text) => text.replace('"FP32"', '"FP64"') },
  ],
  ['json/content-type', 'calls JSON a text', { at: /infer$/, headers: { 'content-type': 'text/plain' } }],
  ['json/charset', 'refuses a charset', { at: /infer$/, status: () => 415 }],
  ['json/id', 'loses the id', { at: /infer$/, json: ({ id: _, ...rest }) => rest }],
  [
    'json/version',
    'answers with another version',
    { at: /infer$/, json: (body) => ({ ...body, model_version: '9' }) },
  ],
  ['json/model-version', 'has null', { at: /infer$/, json: (body) => ({ ...body, model_version: null }) }],
  ['json/model-version', 'has a number', { at: /infer$/, json: (body) => ({ ...body, model_version: 1 }) }],
  ['json/chunked', 'refuses chunks', { at: /infer$/, status: () => 411 }],
  ['json/flat', 'adds wrongly', { at: /infer$/, text: (text) => text.replace('44', '45') }],
  ['json/nested', 'loses a row', { at: /infer$/, text: (text) => text.replace('[11,22,33,44]', '[11,22]') }],
  [
    'json/input-order',
    'takes inputs by their place',
    { at: /infer$/, text: (text) => text.replace('[4,4]', '[-4,-4]') },
  ],
  ['json/field-order', 'fails', { at: /infer$/, status: () => 400 }],
  ['json/number-forms', 'reads 1e2 as 1', { at: /infer$/, text: (text) => text.replace('[101,', '[2,') }],
  ['json/requested-outputs', 'answers with all', { at: /infer$/, json: withSum }],
  ['json/rows', 'mixes rows up', { at: /infer$/, text: (text) => text.replace('[1,2,3', '[2,1,3') }],
  ['binary/inputs', 'answers garbage', { at: /infer$/, text: (text) => text.replace('33', '34') }],
  ['binary/output', 'answers in JSON', { at: /infer$/, text: inJson }],
  ['binary/all-outputs', 'answers in JSON', { at: /infer$/, text: inJson }],
  [
    'binary/content-type',
    'says that raw bytes are JSON',
    { at: /infer$/, headers: { 'content-type': 'application/json' } },
  ],
  ['binary/raw-form', 'refuses a body without JSON and says nothing', { at: /infer$/, status: () => 400 }],
  ['binary/raw-form', 'changes a bit', { at: /infer$/, bytes: withLastBitFlipped }],
  ['binary/too-few-bytes', 'answers anyway', { at: /infer$/, status: () => 200 }],
  ['binary/impossible-length', 'fails', { at: /infer$/, status: () => 500 }],
  ['binary/impossible-length', 'reads another request', answeringSums([5, 6])],
  ['binary/non-finite', 'fails', { at: /infer$/, status: () => 500 }],
  [
    'datatypes/int64-json',
    'cuts what lies beyond 2^53',
    { at: /infer$/, text: (text) => text.replace('9007199254740993', '9007199254740992') },
  ],
  [
    'datatypes/fp32-json',
    'loses precision',
    { at: /infer$/, text: (text) => text.replace(/"data":\[0\.1\d*/, '"data":[0.1001') },
  ],
  ['datatypes/bytes-json', 'loses letters', { at: /infer$/, text: (text) => text.replace('plain', 'pla') }],
  [
    'datatypes/bool-json',
    'answers numbers',
    { at: /infer$/, text: (text) => text.replace('true,false', '1,0') },
  ],
  [
    'datatypes/nan-in-json',
    'writes NaN',
    { at: /infer$/, status: () => 200, text: () => '{"model_name":"x","outputs":[NaN]}' },
  ],
  ['errors/not-json', 'answers', { at: /infer$/, status: () => 200 }],
  ['errors/empty-body', 'fails', { at: /infer$/, status: () => 500 }],
  ['errors/missing-input', 'has no message', { at: /infer$/, json: () => ({ detail: 'no' }) }],
  ['errors/unknown-model', 'fails', { at: /infer$/, status: () => 503 }],
  ['errors/method', 'answers', { at: /infer$/, status: () => 200 }],
  ['errors/goes-on', 'is gone', { at: /infer$/, status: () => 503 }],
  ['json/no-id', 'makes up an id that is no text', { at: /infer$/, json: (body) => ({ ...body, id: 7 }) }],
  ['binary/input-order', 'takes raw inputs in the order of the model', { at: /infer$/, text: withoutMinus }],
  ['binary/mixed-inputs', 'loses the raw input', { at: /infer$/, text: (text) => text.replace('33', '3') }],
  ['binary/mixed-inputs', 'refuses the mixture', { at: /infer$/, status: () => 400 }],
  [
    'binary/override',
    'answers with raw bytes all the same',
    { at: /infer$/, asked: (body) => body.replace('"binary_data":false', '"binary_data":true ') },
  ],
  [
    'binary/json-request',
    'answers in JSON',
    { at: /infer$/, asked: (body) => body.replace('"binary_data_output":true', '"binary_data_outpux":true') },
  ],
  ['binary/bytes-left', 'fails', { at: /infer$/, status: () => 500 }],
  ['binary/bytes-left', 'refuses them without a word', { at: /infer$/, json: () => ({}) }],
  ['datatypes/bytes-with-nul', 'cuts them at the NUL', answeringBytes('a')],
  ['datatypes/bytes-of-any-sort', 'writes other bytes', answeringBytes('\ufffd\0\ufffd')],
  ['datatypes/fp16-in-json', 'fails', { at: /infer$/, status: () => 500 }],
  ['datatypes/fp16-in-json', 'does not say where its bytes begin', answeringHalves(false)],
  ['errors/unknown-version', 'answers with another version', { at: /infer$/, status: () => 200 }],
  ['errors/unknown-path', 'answers', { at: /no\/such/, status: () => 200 }],
  ['errors/media-type', 'fails', { at: /infer$/, status: () => 500 }],
  ['errors/content-coding', 'fails', { at: /infer$/, status: () => 500 }],
  ['errors/body-limit', 'takes it for a failure of its own', { at: /infer$/, status: () => 503 }],
  ['errors/body-limit', 'answers before it has the body', { at: /infer$/, status: () => 200 }],
];

/** One bit of the last element. */
const flipped: readonly Row<Change>[] = idsOf(/^datatypes\/.*-binary$/).map((id) => [
  id,
  'changes a bit',
  { at: /infer$/, bytes: withLastBitFlipped },
]);

/** Elements change places. */
const swapped: readonly Row<Change>[] = idsOf(/^datatypes\/[a-z0-9]+-json$/).map((id) => [
  id,
  'mixes elements up',
  { at: /infer$/, text: (text) => text.replace(/"data":\[([^,]*),([^,\]]*)/, '"data":[$2,$1') },
]);

/** What should be refused. */
const careless: readonly Row<Change>[] = idsOf(/^errors\//)
  .filter((id) => !overRest.some(([known]) => known === id))
  .flatMap((id) => [
    [id, 'takes it for a failure of its own', { at: /infer$/, status: () => 500 }],
    [id, 'refuses it without a word', { at: /infer$/, json: () => ({}) }],
  ]);

const nothing = {
  outputs: [{ name: 'sum' }, { name: 'difference' }, { name: 'y' }],
  raw_output_contents: [],
};

const overGrpc: readonly Row<GrpcChange>[] = [
  ['live', 'does not live', ok({ live: false })],
  ['ready', 'is not ready', ok({ ready: false })],
  ['server-metadata', 'has no name', ok({ name: '', version: '1' })],
  ['model-ready', 'is not ready', ok({ ready: false })],
  ['model-metadata', 'has other inputs', ok({ inputs: [], outputs: [] })],
  ['unknown-model-ready', 'has all models', ok({ ready: true })],
  ['unknown-model-ready', 'fails', failed('INTERNAL')],
  ['unknown-model', 'has all models', ok({})],
  ['unknown-model', 'fails', failed('INTERNAL')],
  ['typed', 'answers nothing', ok(nothing)],
  ['raw', 'answers nothing', ok(nothing)],
  ['input-order', 'answers nothing', ok(nothing)],
  ['id', 'loses the id', (answer) => ({ ...answer, body: { ...answer.body, id: '' } })],
  ['requested-outputs', 'answers all', ok(nothing)],
  ['non-finite', 'refuses them', failed('INVALID_ARGUMENT')],
  ['long-integers', 'answers nothing', ok(nothing)],
  ['missing-input', 'answers', ok(nothing)],
  ['wrong-size', 'fails', failed('UNKNOWN')],
  ['wrong-datatype', 'answers', ok(nothing)],
  ['unknown-output', 'is away', failed('UNAVAILABLE')],
  ['schedule', 'answers nothing', ok(nothing)],
  ['schedule', 'fails where they are given', failed('INTERNAL')],
  ['deadline', 'fails where it is late', failed('INTERNAL')],
  ['deadline', 'refuses what is right', failed('INVALID_ARGUMENT')],
  ['deadline', 'leaves the call open', failed('open')],
  ['health', 'serves not', ok({ status: 'NOT_SERVING' })],
  ['version', 'answers with another version', withField('model_version', '9')],
  ['version', 'does not know the versions that it lists', failed('NOT_FOUND')],
  ['unknown-version', 'answers', ok(nothing)],
  ['unknown-version', 'fails', failed('INTERNAL')],
  ['raw-bytes', 'fails', failed('INTERNAL')],
  ['reflection', 'lists another service', ok({ list_services_response: { service: [{ name: 'other' }] } })],
  ['reflection', 'fails', failed('UNKNOWN')],
  [
    'reflection',
    'tells no methods',
    (answer) => ({ ...answer, body: { ...answer.body, file_descriptor_response: null } }),
  ],
];

const spoiledOverGrpc: readonly Row<GrpcChange>[] = idsOf(/^grpc\/(typed|raw)-/).flatMap((id) => [
  [id.slice('grpc/'.length), 'changes an element', spoiled],
  [id.slice('grpc/'.length), 'answers with another datatype', withDatatype('INT4')],
]);

export const wrongServers: readonly WrongServer[] = [
  ...[...overRest, ...flipped, ...swapped, ...careless].map(([id, does, rest]) => ({
    ...{ id, does },
    difference: { rest },
  })),
  ...[...overGrpc, ...spoiledOverGrpc].map(([name, does, grpc]) => ({
    id: `grpc/${name}`,
    does,
    difference: { grpc },
  })),
];

type Body = Readonly<Record<string, unknown>>;

function inJson(): string {
  const sum = { name: 'sum', datatype: 'FP32', shape: [1, 2], data: [4, 6] };
  return JSON.stringify({ model_name: 'conformance-sum', outputs: [sum] });
}

function withSum(body: Body): Body {
  const outputs = body.outputs as readonly { name: string }[];
  return { ...body, outputs: [...outputs, { ...outputs[0], name: 'sum' }] };
}

function withoutMinus(text: string): string {
  return text.replaceAll('-9', '9');
}

function withLastBitFlipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[other.length - 1]! ^= 1;
  return other;
}

/** Answers with those sums, whatever was sent. */
function answeringSums(data: readonly number[]): Change {
  const outputs = [{ name: 'sum', datatype: 'FP32', shape: [1, 2], data }];
  return { at: /infer$/, status: () => 200, json: () => ({ model_name: 'conformance-sum', outputs }) };
}

/** Answers with BYTES of which the first is that text, whatever was sent. */
function answeringBytes(first: string): Change {
  const bytes = lengthPrefixed(first, 'a', 'b', 'c');
  const output = { name: 'y', datatype: 'BYTES', shape: [1, 4] };
  const outputs = [{ ...output, parameters: { binary_data_size: bytes.length } }];
  const head = Buffer.from(JSON.stringify({ model_name: 'conformance-bytes', outputs }));
  return {
    at: /infer$/,
    status: () => 200,
    bytes: () => Buffer.concat([head, bytes]),
    headers: { 'inference-header-content-length': String(head.length) },
  };
}

/** Answers with two numbers of FP16 behind the JSON, whatever was sent, and says where they begin or does not. */
export function answeringHalves(isSaid: boolean): Change {
  const output = { name: 'y', datatype: 'FP16', shape: [1, 2], parameters: { binary_data_size: 4 } };
  const head = Buffer.from(JSON.stringify({ model_name: 'conformance-fp16', outputs: [output] }));
  const bytes = Buffer.concat([head, Buffer.alloc(4)]);
  const headers: Readonly<Record<string, string>> = isSaid
    ? { 'inference-header-content-length': String(head.length) }
    : {};
  return { at: /infer$/, status: () => 200, bytes: () => bytes, headers };
}

function ok(body: Body): GrpcChange {
  return () => ({ status: 'OK', details: '', body });
}

function failed(status: string): GrpcChange {
  return () => ({ status, details: 'no', body: {} });
}

function withField(field: string, value: unknown): GrpcChange {
  return (answer) => ({ ...answer, body: { ...answer.body, [field]: value } });
}

function withDatatype(datatype: string): GrpcChange {
  return (answer) => {
    const outputs = answer.body.outputs as readonly Body[];
    return { ...answer, body: { ...answer.body, outputs: outputs.map((one) => ({ ...one, datatype })) } };
  };
}

/** Typed elements move on by one place; of raw ones, a bit is changed. */
function spoiled(answer: Parameters<GrpcChange>[0]): ReturnType<GrpcChange> {
  const { outputs, raw_output_contents: raw } = answer.body as {
    readonly outputs: readonly { readonly contents: Readonly<Record<string, readonly unknown[]>> | null }[];
    readonly raw_output_contents: readonly Buffer[];
  };
  const moved = outputs.map((output) => ({
    ...output,
    contents: Object.fromEntries(
      Object.entries(output.contents ?? {}).map(([field, [first, ...rest]]) => [field, [...rest, first]]),
    ),
  }));
  return {
    ...answer,
    body: { ...answer.body, outputs: moved, raw_output_contents: raw.map(withLastBitFlipped) },
  };
}
