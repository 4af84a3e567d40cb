import { type Datatype, datatypeName } from './datatypes.ts';
import { OnnxError } from './error.ts';
import {
  type Dimension,
  type OperatorSet,
  operatorSetType,
  type StringEntry,
  stringEntryType,
  type TypeProto,
  type ValueInfo,
  valueInfoType,
} from './messages.ts';
import { refuseOtherFormats } from './other-formats.ts';
import { decode, type Message, type MessageType, type ReadLimits } from './protobuf.ts';

export interface TensorSignature {
  readonly name: string;
  readonly datatype: Datatype;
  /** One entry a dimension, `null` where the size is dynamic. The whole is `null` when even the rank is open. */
  readonly shape: readonly (number | null)[] | null;
}

export interface Signature {
  /** What a caller must send: inputs that have a default value inside the file are not among them. */
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  /** Operator set versions by domain; the default domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly producer: { readonly name: string; readonly version: string };
  readonly irVersion: number;
  /** True when weights lie in other files, so that this file alone cannot be run. */
  readonly externalData: boolean;
}

/**
 * Reads what a model takes and gives, without looking at its nodes and weights: a file of 100 MB costs hardly more than
 * one of 100 KB.
 *
 * @throws OnnxError when the bytes are not an ONNX model, are cut short, exceed `limits`, or when an input or output is
 * not a tensor (`UnsupportedType`).
 */
export function readSignature(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Signature {
  refuseOtherFormats(bytes);
  const model = decode(modelOutlineType, bytes, { ...limits, keepUnknown: false });
  const { graph } = model;
  if (!graph) throw new OnnxError('NotOnnx', 'the file holds no graph');
  const initializers = graph.initializer ?? [];
  const defaults = new Set(initializers.map((initializer) => initializer.name ?? ''));
  const inputs = (graph.input ?? []).filter((input) => !defaults.has(input.name ?? ''));
  return {
    inputs: inputs.map((input) => tensorSignature(input, 'input')),
    outputs: (graph.output ?? []).map((output) => tensorSignature(output, 'output')),
    opsets: Object.fromEntries(
      (model.opsetImport ?? []).map(({ domain, version }) => [domain || 'ai.onnx', Number(version ?? 0n)]),
    ),
    metadata: Object.fromEntries(
      (model.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? '']),
    ),
    producer: { name: model.producerName ?? '', version: model.producerVersion ?? '' },
    irVersion: Number(model.irVersion ?? 0n),
    externalData: initializers.some((initializer) => initializer.dataLocation === 1),
  };
}

function tensorSignature(value: ValueInfo, side: 'input' | 'output'): TensorSignature {
  const name = value.name ?? '';
  const type = value.type?.tensorType;
  if (!type) {
    throw new OnnxError(
      'UnsupportedType',
      `${side} '${name}' is ${typeWords(value.type)}; only tensors can be served (for scikit-learn, export with zipmap off)`,
    );
  }
  const datatype = datatypeName(type.elementType ?? 0);
  if (!datatype) {
    throw new OnnxError(
      'UnsupportedType',
      `${side} '${name}' has element type ${type.elementType ?? 0} of ONNX, which the Open Inference Protocol has no name for`,
    );
  }
  return { name, datatype, shape: type.shape ? (type.shape.dimension ?? []).map(dimensionSize) : null };
}

function typeWords(type: TypeProto | undefined): string {
  if (type?.sequenceType) return 'a sequence';
  if (type?.mapType) return 'a map';
  if (type?.sparseTensorType) return 'a sparse tensor';
  if (type?.optionalType) return 'an optional value';
  return 'of no declared type';
}

/** Some exporters write -1 for a dynamic size. */
function dimensionSize(dimension: Dimension): number | null {
  const { value } = dimension;
  return value === undefined || value < 0n ? null : Number(value);
}

/** The model without nodes and weights: what these types do not name is skipped unread. */
interface ModelOutline extends Message {
  irVersion?: bigint;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphOutline;
  opsetImport?: readonly OperatorSet[];
  metadataProps?: readonly StringEntry[];
}

interface GraphOutline extends Message {
  initializer?: readonly InitializerOutline[];
  input?: readonly ValueInfo[];
  output?: readonly ValueInfo[];
}

interface InitializerOutline extends Message {
  name?: string;
  dataLocation?: number;
}

const initializerOutlineType: MessageType<InitializerOutline> = {
  name: 'TensorProto',
  fields: { name: { number: 8, type: 'string' }, dataLocation: { number: 14, type: 'int32' } },
};

const graphOutlineType: MessageType<GraphOutline> = {
  name: 'GraphProto',
  fields: {
    initializer: { number: 5, type: 'message', of: () => initializerOutlineType, repeated: true },
    input: { number: 11, type: 'message', of: () => valueInfoType, repeated: true },
    output: { number: 12, type: 'message', of: () => valueInfoType, repeated: true },
  },
};

const modelOutlineType: MessageType<ModelOutline> = {
  name: 'ModelProto',
  fields: {
    irVersion: { number: 1, type: 'int64' },
    producerName: { number: 2, type: 'string' },
    producerVersion: { number: 3, type: 'string' },
    graph: { number: 7, type: 'message', of: () => graphOutlineType },
    opsetImport: { number: 8, type: 'message', of: () => operatorSetType, repeated: true },
    metadataProps: { number: 14, type: 'message', of: () => stringEntryType, repeated: true },
  },
};
