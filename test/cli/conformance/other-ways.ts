/** Servers that keep to the specification in another way than ours: what ours answers, changed. */
import { sumFixture } from '../../../cli/conformance/sum-fixture.ts';
import type { Difference, GrpcChange } from './served-fixtures.ts';
import { answeringHalves } from './wrong-servers.ts';

export interface OtherWay {
  /** What it does. */
  readonly does: string;
  readonly difference: Difference;
  /** The model that is asked beside the fixtures; by default one with a single input. */
  readonly model?: string;
  /** The cases that are asked. */
  readonly asked: RegExp;
  /** Those of them that are allowed for it, among others. */
  readonly allowed: readonly string[];
}

type Body = Readonly<Record<string, unknown>>;

export const otherWays: readonly OtherWay[] = [
  {
    does: 'answers probes without a body',
    difference: { rest: { at: /\/(live|ready)$/, text: () => '' } },
    asked: /^health/,
    allowed: ['health/live', 'health/ready', 'health/model-ready', 'health/version-ready'],
  },
  {
    does: 'answers probes of models with "ready" alone',
    difference: { rest: { at: /models\/.*ready$/, json: ({ ready }) => ({ ready }) } },
    asked: /^health/,
    allowed: ['health/model-ready'],
  },
  {
    does: 'closes connections behind errors, and does not say so',
    difference: { rest: { at: /./, closesBehind: (status) => status >= 400 } },
    asked: /./,
    allowed: [],
  },
  {
    does: 'closes the connection behind every answer, and does not say so',
    difference: { rest: { at: /./, closesBehind: () => true } },
    asked: /./,
    allowed: ['health/kept-connection'],
  },
  {
    does: 'closes the connection behind every answer',
    difference: { rest: { at: /./, headers: { connection: 'close' } } },
    asked: /./,
    allowed: ['health/kept-connection'],
  },
  {
    does: 'has no versions',
    difference: {
      rest: { at: /./, json: withoutVersions },
      grpc: (answer) => ({ ...answer, body: { ...answer.body, versions: [], model_version: '' } }),
    },
    asked: /^(metadata|json|health|grpc)/,
    allowed: [],
  },
  {
    does: 'has no paths of versions',
    difference: {
      rest: {
        at: /./,
        status: (status, path) => (path.includes('/versions/') ? 404 : status),
        json: (body, path) => (path.includes('/versions/') ? { detail: 'Not Found' } : withoutVersions(body)),
      },
    },
    asked: /^(metadata|json|health|errors)/,
    allowed: ['errors/unknown-version'],
  },
  {
    does: 'has no versions, and says of their paths that it does not implement them',
    difference: {
      rest: {
        at: /./,
        status: (status, path) => (path.includes('/versions/') ? 501 : status),
        json: withoutVersions,
      },
    },
    asked: /^(metadata|json|health|errors)/,
    allowed: ['errors/unknown-version'],
  },
  {
    does: 'passes over the version that a call names, and has none',
    difference: { rest: { at: /./, json: withoutVersions }, grpc: always({ model_version: '' }) },
    asked: /^grpc\/unknown-version$/,
    allowed: ['grpc/unknown-version'],
  },
  {
    does: 'has versions and does not name the one that answered',
    difference: {
      rest: { at: /infer$/, json: withoutVersions },
      grpc: (answer) => ({ ...answer, body: { ...answer.body, model_version: '' } }),
    },
    asked: /^(json|grpc)\//,
    allowed: ['json/version', 'grpc/version'],
  },
  {
    does: 'has a platform of its own',
    difference: { rest: { at: /linear$/, json: (body) => ({ ...body, platform: 'onnxruntime_onnx' }) } },
    asked: /^metadata/,
    allowed: ['metadata/platform'],
  },
  {
    does: 'lists tensors of metadata in another order',
    model: sumFixture,
    difference: { rest: { at: /conformance-sum$/, json: withTensorsReversed } },
    asked: /^(metadata|json|grpc)/,
    allowed: [],
  },
  {
    does: 'lists tensors of metadata in another order over gRPC',
    model: sumFixture,
    difference: {
      grpc: (answer, method) =>
        method === 'ModelMetadata' && answer.status === 'OK'
          ? { ...answer, body: withTensorsReversed(answer.body) }
          : answer,
    },
    asked: /^grpc/,
    allowed: [],
  },
  {
    does: 'nests its data',
    difference: { rest: { at: /infer$/, json: nested } },
    asked: /^(json|schedule)/,
    allowed: [],
  },
  {
    does: 'answers FP16 in binary, which was not asked for',
    difference: { rest: answeringHalves(true) },
    asked: /fp16-in-json/,
    allowed: ['datatypes/fp16-in-json'],
  },
  {
    does: 'gives outputs in an order of its own',
    difference: { rest: { at: /infer$/, json: withOutputsReversed }, grpc: withTensorsAndBytesReversed },
    asked: /^(json|grpc)/,
    allowed: ['json/requested-outputs'],
  },
  {
    does: 'makes up an id where there is none',
    difference: { rest: { at: /infer$/, json: (body) => ({ id: 'made-up', ...body }) } },
    asked: /^json/,
    allowed: ['json/no-id'],
  },
  {
    does: 'answers 422 to what it does not take',
    difference: { rest: { at: /infer$/, status: (status) => (status === 400 ? 422 : status) } },
    asked: /^errors/,
    allowed: [],
  },
  {
    does: 'answers 418 to what it does not take',
    difference: { rest: { at: /infer$/, status: (status) => (status >= 400 ? 418 : status) } },
    asked: /^errors/,
    allowed: ['errors/not-json', 'errors/method', 'errors/media-type', 'errors/body-limit'],
  },
  {
    does: 'answers errors in its own words',
    difference: { rest: { at: /./, json: (body) => ('error' in body ? { error: 'no' } : body) } },
    asked: /^errors/,
    allowed: [],
  },
  {
    does: 'leaves errors of HTTP to a server that knows nothing of the protocol',
    difference: {
      rest: { at: /infer$/, text: (text) => (text.startsWith('{"error"') ? '<h1>No</h1>' : text) },
    },
    asked: /^errors\/(media-type|content-coding|body-limit|method|unknown-path)$/,
    allowed: ['errors/media-type', 'errors/content-coding', 'errors/body-limit'],
  },
  {
    does: 'looks at no Content-Type and knows no codings',
    difference: { rest: { at: /infer$/, status: () => 200 } },
    asked: /^errors\/(media-type|content-coding)$/,
    allowed: ['errors/media-type', 'errors/content-coding'],
  },
  {
    does: 'has no extensions',
    difference: { rest: { at: /\/v2$/, json: (body) => ({ ...body, extensions: [] }) } },
    asked: /^(metadata|binary|datatypes)/,
    allowed: [],
  },
  {
    does: 'has the binary extension without its raw form',
    difference: { rest: { at: /infer$/, status: () => 400, json: () => ({ error: 'a body without JSON' }) } },
    asked: /^binary\/raw-form$/,
    allowed: ['binary/raw-form'],
  },
  {
    does: 'answers the JSON that is there, however long it is said to be',
    difference: {
      rest: {
        at: /infer$/,
        status: () => 200,
        json: () => ({
          model_name: sumFixture,
          outputs: [{ name: 'sum', datatype: 'FP32', shape: [1, 2], data: [4, 6] }],
        }),
      },
    },
    asked: /^binary\/impossible-length$/,
    allowed: ['binary/impossible-length'],
  },
  {
    does: 'says of errors over gRPC no more than their code',
    difference: { grpc: (answer) => ({ ...answer, details: '' }) },
    asked: /^grpc/,
    allowed: [
      ...['grpc/unknown-model', 'grpc/unknown-version', 'grpc/missing-input', 'grpc/wrong-size'],
      ...['grpc/wrong-datatype', 'grpc/unknown-output'],
    ],
  },
  {
    does: 'has other codes of gRPC',
    difference: {
      grpc: (answer) => ({
        ...answer,
        status: answer.status === 'NOT_FOUND' ? 'INVALID_ARGUMENT' : answer.status,
      }),
    },
    asked: /^grpc/,
    allowed: ['grpc/unknown-model', 'grpc/unknown-version'],
  },
  {
    does: 'does not know, over gRPC, whether a model is ready that is not there',
    difference: {
      grpc: (answer, method) =>
        method === 'ModelReady' ? { ...answer, status: 'NOT_FOUND', details: 'no such model' } : answer,
    },
    asked: /^grpc\/unknown-model/,
    allowed: ['grpc/unknown-model-ready'],
  },
  {
    does: 'answers over gRPC in raw contents whatever it was asked in',
    difference: { grpc: inRaw },
    asked: /^grpc/,
    allowed: [],
  },
  {
    does: 'has neither health nor reflection over gRPC',
    difference: {
      grpc: (answer, method) => (['health', 'v1', 'v1alpha'].includes(method) ? unimplemented : answer),
    },
    asked: /^grpc/,
    allowed: ['grpc/health'],
  },
  {
    does: 'has reflection by its older name alone',
    difference: { grpc: (answer, method) => (method === 'v1' ? unimplemented : answer) },
    asked: /^grpc\/reflection$/,
    allowed: [],
  },
  {
    does: 'takes no BYTES in raw contents',
    difference: { grpc: () => ({ status: 'INVALID_ARGUMENT', details: 'no', body: {} }) },
    asked: /^grpc\/(raw-bytes|schedule)$/,
    allowed: ['grpc/raw-bytes', 'grpc/schedule'],
  },
  ...['none', 'CANCELLED', 'RESOURCE_EXHAUSTED', 'OK'].map((status) => ({
    does: `ends a late call with ${status}`,
    difference: { grpc: ((answer) => ({ ...answer, status })) satisfies GrpcChange },
    asked: /^grpc\/deadline$/,
    allowed: ['grpc/deadline'],
  })),
];

const unimplemented = { status: 'UNIMPLEMENTED', details: '', body: {} };

function always(body: Body): GrpcChange {
  return () => ({ status: 'OK', details: '', body });
}

function withoutVersions({ model_version: _, versions: __, ...rest }: Body): Body {
  return rest;
}

function withTensorsReversed(body: Body): Body {
  const [inputs, outputs] = [body.inputs, body.outputs] as (readonly Body[])[];
  return { ...body, inputs: inputs!.toReversed(), outputs: outputs!.toReversed() };
}

function withOutputsReversed(body: Body): Body {
  const outputs = body.outputs as readonly Body[] | undefined;
  return outputs === undefined ? body : { ...body, outputs: outputs.toReversed() };
}

function withTensorsAndBytesReversed(answer: Parameters<GrpcChange>[0]): ReturnType<GrpcChange> {
  const body = withOutputsReversed(answer.body);
  const raw = body.raw_output_contents as readonly Buffer[] | undefined;
  return raw === undefined
    ? { ...answer, body }
    : { ...answer, body: { ...body, raw_output_contents: raw.toReversed() } };
}

function nested(body: Body): Body {
  const outputs = (body.outputs ?? []) as readonly { shape: readonly number[]; data: readonly unknown[] }[];
  if (outputs.length === 0) return body;
  return {
    ...body,
    outputs: outputs.map(({ shape, data, ...rest }) => {
      const width = shape[1] ?? 1;
      const rows = Array.from({ length: shape[0] ?? 1 }, (_, row) =>
        data.slice(row * width, (row + 1) * width),
      );
      return { ...rest, shape, data: rows };
    }),
  };
}

/** Typed contents of an answer as bytes. */
function inRaw(answer: Parameters<GrpcChange>[0]): ReturnType<GrpcChange> {
  const { outputs, raw_output_contents: raw } = answer.body as {
    readonly outputs?: readonly TypedOutput[];
    readonly raw_output_contents?: readonly Buffer[];
  };
  if (outputs === undefined || raw === undefined || raw.length > 0) return answer;
  const bytes = outputs.map(({ datatype, contents }) => {
    const elements = Object.values(contents ?? {}).find((list) => list.length > 0) ?? [];
    return Buffer.concat(elements.map((element) => asBytes(datatype, element)));
  });
  const bare = outputs.map(({ contents: _, ...output }) => output);
  return { ...answer, body: { ...answer.body, outputs: bare, raw_output_contents: bytes } };
}

interface TypedOutput {
  readonly datatype: string;
  readonly contents: Readonly<Record<string, readonly unknown[]>> | null;
}

function asBytes(datatype: string, element: unknown): Buffer {
  if (datatype === 'BYTES') {
    const length = Buffer.alloc(4);
    length.writeUInt32LE((element as Buffer).length);
    return Buffer.concat([length, element as Buffer]);
  }
  if (datatype === 'BOOL') return Buffer.from([element === true ? 1 : 0]);
  const [, form = '', bits = ''] = /^(U?INT|FP)(\d+)$/.exec(datatype) ?? [];
  const bytes = Buffer.alloc(Number(bits) / 8);
  if (form === 'FP') bytes[bits === '32' ? 'writeFloatLE' : 'writeDoubleLE'](element as number);
  else if (bits === '64') bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(element as string)));
  else bytes[form === 'INT' ? 'writeIntLE' : 'writeUIntLE'](element as number, 0, bytes.length);
  return bytes;
}
