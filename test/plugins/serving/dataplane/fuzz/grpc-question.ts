/** Calls of gRPC that are nearly right: made from right ones, by what they are made of. */
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import type { Random } from '../../../../../libraries/statistics/index.ts';

/** One call: what it asks for, and the bytes that it sends. */
export interface Question {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** The message in it; undefined where its bytes are not those of one message. */
  readonly message: Buffer | undefined;
}

export const definition = loadSync(
  [
    packageFile('schemas/open-inference.proto'),
    healthProto,
    packageFile('node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto'),
  ],
  { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true },
);

type Methods = Readonly<
  Record<string, { readonly path: string; readonly requestSerialize: (request: object) => Buffer }>
>;
const inference = definition['inference.GRPCInferenceService'] as never as Methods;
const health = definition['grpc.health.v1.Health'] as never as Methods;
const reflection = definition['grpc.reflection.v1.ServerReflection'] as never as Methods;

export const inferPath = inference.ModelInfer!.path;

/** Models that answer with what they were asked; `linear` answers `2x + 1`. */
export const fuzzedModels = ['linear', 'int64', 'bytes', 'bool'] as const;
type Model = (typeof fuzzedModels)[number];

const written = ({ path, requestSerialize }: Methods[string], request: object): Question =>
  question(path, requestSerialize(request));

/** A right prediction of `rows` rows of two elements, in typed contents or raw ones. */
export function rightInference(id: string, random: Random): Question {
  const model = fuzzedModels[random.below(fuzzedModels.length)]!;
  const rows = 1 + random.below(3);
  const count = rows * 2;
  const isRaw = random.below(2) === 0;
  const of = <T>(make: () => T): T[] => Array.from({ length: count }, make);
  const { datatype, contents, raw } = elementsOf(model, of, random);
  return written(inference.ModelInfer!, {
    ...{ model_name: model, id },
    inputs: [{ name: 'x', datatype, shape: [rows, 2], ...(isRaw ? {} : { contents }) }],
    ...(random.below(3) === 0 ? { model_version: '1.0.0' } : {}),
    ...(random.below(3) === 0 ? { outputs: [{ name: 'y' }] } : {}),
    ...(random.below(3) === 0
      ? { parameters: { priority: { int64_param: 1 + random.below(9) }, other: { string_param: 'a' } } }
      : {}),
    ...(isRaw ? { raw_input_contents: [raw] } : {}),
  });
}

function elementsOf(model: Model, of: <T>(make: () => T) => T[], random: Random) {
  if (model === 'int64') {
    const values = of(() => random.below(2 ** 31) - 2 ** 30);
    const raw = Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer);
    return { datatype: 'INT64', contents: { int64_contents: values }, raw };
  }
  if (model === 'bool') {
    const values = of(() => random.below(2) === 1);
    return { datatype: 'BOOL', contents: { bool_contents: values }, raw: Buffer.from(values.map(Number)) };
  }
  if (model === 'bytes') {
    const texts = of(() => Buffer.from(['', 'a', 'wörter', '😀', 'x'.repeat(50)][random.below(5)]!));
    const raw = Buffer.concat(
      texts.flatMap((text) => [Buffer.from(Uint32Array.of(text.length).buffer), text]),
    );
    return { datatype: 'BYTES', contents: { bytes_contents: texts }, raw };
  }
  const values = of(() => Math.fround(random.below(2_000) / 8 - 100));
  const raw = Buffer.from(Float32Array.from(values).buffer);
  return { datatype: 'FP32', contents: { fp32_contents: values }, raw };
}

/** A right call of any method. */
export function rightQuestion(id: string, random: Random): Question {
  const kind = random.below(16);
  const name = fuzzedModels[random.below(fuzzedModels.length)]!;
  const version = random.below(2) === 0 ? '' : '1.0.0';
  if (kind === 0) return written(inference.ModelMetadata!, { name, version });
  if (kind === 1) return written(inference.ModelReady!, { name, version });
  if (kind === 2) return written(inference.ModelStatistics!, { name, version });
  if (kind === 3) return written(inference.ServerMetadata!, {});
  if (kind === 4) return written(inference.ServerReady!, {});
  if (kind === 5) return written(health.Check!, { service: 'inference.GRPCInferenceService' });
  if (kind === 6) return written(health.List ?? health.Check!, {});
  if (kind === 7) {
    const asked = [
      { list_services: '' },
      { file_containing_symbol: 'inference.ModelInferRequest' },
      { file_by_filename: 'open-inference.proto' },
    ];
    return written(reflection.ServerReflectionInfo!, asked[random.below(asked.length)]!);
  }
  return rightInference(id, random);
}

export function question(path: string, message: Buffer, headers: Question['headers'] = {}): Question {
  return { path, headers, bytes: Buffer.concat([prefix(message.length), message]), message };
}

export function prefix(length: number, flag = 0): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = flag;
  bytes.writeUInt32BE(length >>> 0, 1);
  return bytes;
}

/** The same with one to three things changed in its message, or with another length, or compressed. What comes out may be right still. */
export function mutateQuestion(right: Question, other: Question, random: Random): Question {
  const { path } = right;
  let message = right.message!;
  for (let times = 1 + random.below(3); times > 0; times--)
    message = changed(message, other.message!, random);
  const kind = random.below(12);
  if (kind === 0) {
    const lengths = [0, 1, message.length - 1, message.length + 1, 2 ** 31, 2 ** 32 - 1, 2_000_000];
    const length = lengths[random.below(lengths.length)]! >>> 0;
    const isRight = length === message.length;
    const bytes = Buffer.concat([prefix(length), message]);
    return { path, headers: {}, bytes, message: isRight ? message : undefined };
  }
  if (kind === 1) {
    const twice = Buffer.concat([prefix(message.length), message, prefix(message.length), message]);
    return { path, headers: {}, bytes: twice, message: undefined };
  }
  if (kind === 2)
    return { ...question(path, message), bytes: prefix(0).subarray(0, random.below(5)), message: undefined };
  if (kind === 3) {
    const encoding = ['gzip', 'deflate', 'br', ''][random.below(4)]!;
    const packed = encoding === 'deflate' ? deflateSync(message) : gzipSync(message);
    const sent = random.below(3) === 0 ? changed(packed, packed, random) : packed;
    return {
      path,
      headers: encoding === '' ? {} : { 'grpc-encoding': encoding },
      bytes: Buffer.concat([prefix(sent.length, 1), sent]),
      message: unpacked(encoding, sent),
    };
  }
  if (kind === 4) {
    const flag = 1 + random.below(255);
    const bytes = Buffer.concat([prefix(message.length, flag), message]);
    return { path, headers: {}, bytes, message: undefined };
  }
  return question(path, message);
}

/** What is changed may be as it was, or right in another way. */
function unpacked(encoding: string, sent: Buffer): Buffer | undefined {
  try {
    if (encoding === 'gzip') return gunzipSync(sent);
    return encoding === 'deflate' ? inflateSync(sent) : undefined;
  } catch {
    return undefined;
  }
}

const numbers = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x80, 0x00],
];

function changed(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = () => random.below(bytes.length + 1);
  const inserted = (more: Uint8Array, replaced = 0) => {
    const from = at();
    return Buffer.concat([bytes.subarray(0, from), more, bytes.subarray(from + replaced)]);
  };
  const kind = random.below(9);
  if (kind === 0 && bytes.length > 0) {
    const copy = Buffer.from(bytes);
    copy[random.below(copy.length)] = random.below(256);
    return copy;
  }
  if (kind === 1 && bytes.length > 0) {
    const copy = Buffer.from(bytes);
    copy[random.below(copy.length)]! ^= 1 << random.below(8);
    return copy;
  }
  if (kind === 2) return bytes.subarray(0, at());
  if (kind === 3) return inserted(bytes.subarray(at()));
  // As a field of another message has it, or all of one behind another.
  if (kind === 4) return inserted(other.subarray(random.below(other.length + 1)));
  if (kind === 5) return Buffer.concat([bytes, other]);
  if (kind === 6) return inserted(Buffer.from(numbers[random.below(numbers.length)]!), 1);
  if (kind === 7) return inserted(Buffer.from([(1 + random.below(16)) * 8 + random.below(8)]));
  return Buffer.from(Array.from({ length: random.below(60) }, () => random.below(256)));
}
