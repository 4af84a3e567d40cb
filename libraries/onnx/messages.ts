import type { Message, MessageType } from './protobuf.ts';

/**
 * The messages of the ONNX format that this library knows, with their public field numbers. What is not named here
 * (training info, functions, sparse tensors, quantization annotations, device configurations) is carried along as
 * unknown fields. Integers of 64 bits are `bigint`.
 */
export interface ModelProto extends Message {
  irVersion?: bigint;
  producerName?: string;
  producerVersion?: string;
  domain?: string;
  modelVersion?: bigint;
  docString?: string;
  graph?: GraphProto;
  opsetImport?: readonly OperatorSet[];
  metadataProps?: readonly StringEntry[];
}

export interface GraphProto extends Message {
  node?: readonly NodeProto[];
  name?: string;
  initializer?: readonly TensorProto[];
  docString?: string;
  input?: readonly ValueInfo[];
  output?: readonly ValueInfo[];
  valueInfo?: readonly ValueInfo[];
  metadataProps?: readonly StringEntry[];
}

export interface NodeProto extends Message {
  input?: readonly string[];
  output?: readonly string[];
  name?: string;
  opType?: string;
  attribute?: readonly AttributeProto[];
  docString?: string;
  domain?: string;
  overload?: string;
  metadataProps?: readonly StringEntry[];
}

export interface AttributeProto extends Message {
  name?: string;
  /** The float of an attribute of type FLOAT. */
  f?: number;
  i?: bigint;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: readonly number[];
  ints?: readonly bigint[];
  strings?: readonly Uint8Array[];
  tensors?: readonly TensorProto[];
  graphs?: readonly GraphProto[];
  docString?: string;
  /** One of `attributeTypes`. */
  type?: number;
  refAttrName?: string;
}

export interface TensorProto extends Message {
  dims?: readonly bigint[];
  /** An element type of the format; `datatypes.ts` translates it. */
  dataType?: number;
  floatData?: readonly number[];
  int32Data?: readonly number[];
  stringData?: readonly Uint8Array[];
  int64Data?: readonly bigint[];
  name?: string;
  rawData?: Uint8Array;
  doubleData?: readonly number[];
  uint64Data?: readonly bigint[];
  docString?: string;
  externalData?: readonly StringEntry[];
  /** 0: inside the file, 1: in another file that `externalData` names. */
  dataLocation?: number;
  metadataProps?: readonly StringEntry[];
}

export interface ValueInfo extends Message {
  name?: string;
  type?: TypeProto;
  docString?: string;
  metadataProps?: readonly StringEntry[];
}

/** At most one of the first five is present. */
export interface TypeProto extends Message {
  tensorType?: TensorType;
  sequenceType?: OpaqueType;
  mapType?: OpaqueType;
  sparseTensorType?: OpaqueType;
  optionalType?: OpaqueType;
  denotation?: string;
}

export interface TensorType extends Message {
  elementType?: number;
  shape?: TensorShape;
}

/** A type that this library sees but does not look into. */
export type OpaqueType = Message;

export interface TensorShape extends Message {
  dimension?: readonly Dimension[];
}

export interface Dimension extends Message {
  value?: bigint;
  /** A symbolic size such as `batch`. */
  parameter?: string;
  denotation?: string;
}

export interface OperatorSet extends Message {
  domain?: string;
  version?: bigint;
}

export interface StringEntry extends Message {
  key?: string;
  value?: string;
}

export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;

export const stringEntryType: MessageType<StringEntry> = {
  name: 'StringStringEntryProto',
  fields: { key: { number: 1, type: 'string' }, value: { number: 2, type: 'string' } },
};

export const operatorSetType: MessageType<OperatorSet> = {
  name: 'OperatorSetIdProto',
  fields: { domain: { number: 1, type: 'string' }, version: { number: 2, type: 'int64' } },
};

const dimensionType: MessageType<Dimension> = {
  name: 'Dimension',
  fields: {
    value: { number: 1, type: 'int64' },
    parameter: { number: 2, type: 'string' },
    denotation: { number: 3, type: 'string' },
  },
};

const tensorShapeType: MessageType<TensorShape> = {
  name: 'TensorShapeProto',
  fields: { dimension: { number: 1, type: 'message', of: () => dimensionType, repeated: true } },
};

const tensorTypeType: MessageType<TensorType> = {
  name: 'TypeProto.Tensor',
  fields: {
    elementType: { number: 1, type: 'int32' },
    shape: { number: 2, type: 'message', of: () => tensorShapeType },
  },
};

const opaqueType: MessageType<OpaqueType> = { name: 'opaque', fields: {} };

const typeType: MessageType<TypeProto> = {
  name: 'TypeProto',
  fields: {
    tensorType: { number: 1, type: 'message', of: () => tensorTypeType },
    sequenceType: { number: 4, type: 'message', of: () => opaqueType },
    mapType: { number: 5, type: 'message', of: () => opaqueType },
    denotation: { number: 6, type: 'string' },
    sparseTensorType: { number: 8, type: 'message', of: () => opaqueType },
    optionalType: { number: 9, type: 'message', of: () => opaqueType },
  },
};

export const valueInfoType: MessageType<ValueInfo> = {
  name: 'ValueInfoProto',
  fields: {
    name: { number: 1, type: 'string' },
    type: { number: 2, type: 'message', of: () => typeType },
    docString: { number: 3, type: 'string' },
    metadataProps: { number: 4, type: 'message', of: () => stringEntryType, repeated: true },
  },
};

const tensorType: MessageType<TensorProto> = {
  name: 'TensorProto',
  fields: {
    dims: { number: 1, type: 'int64', repeated: true },
    dataType: { number: 2, type: 'int32' },
    floatData: { number: 4, type: 'float', repeated: true, packed: true },
    int32Data: { number: 5, type: 'int32', repeated: true, packed: true },
    stringData: { number: 6, type: 'bytes', repeated: true },
    int64Data: { number: 7, type: 'int64', repeated: true, packed: true },
    name: { number: 8, type: 'string' },
    rawData: { number: 9, type: 'bytes' },
    doubleData: { number: 10, type: 'double', repeated: true, packed: true },
    uint64Data: { number: 11, type: 'uint64', repeated: true, packed: true },
    docString: { number: 12, type: 'string' },
    externalData: { number: 13, type: 'message', of: () => stringEntryType, repeated: true },
    dataLocation: { number: 14, type: 'int32' },
    metadataProps: { number: 16, type: 'message', of: () => stringEntryType, repeated: true },
  },
};

const attributeType: MessageType<AttributeProto> = {
  name: 'AttributeProto',
  fields: {
    name: { number: 1, type: 'string' },
    f: { number: 2, type: 'float' },
    i: { number: 3, type: 'int64' },
    s: { number: 4, type: 'bytes' },
    t: { number: 5, type: 'message', of: () => tensorType },
    g: { number: 6, type: 'message', of: () => graphType },
    floats: { number: 7, type: 'float', repeated: true },
    ints: { number: 8, type: 'int64', repeated: true },
    strings: { number: 9, type: 'bytes', repeated: true },
    tensors: { number: 10, type: 'message', of: () => tensorType, repeated: true },
    graphs: { number: 11, type: 'message', of: () => graphType, repeated: true },
    docString: { number: 13, type: 'string' },
    type: { number: 20, type: 'int32' },
    refAttrName: { number: 21, type: 'string' },
  },
};

const nodeType: MessageType<NodeProto> = {
  name: 'NodeProto',
  fields: {
    input: { number: 1, type: 'string', repeated: true },
    output: { number: 2, type: 'string', repeated: true },
    name: { number: 3, type: 'string' },
    opType: { number: 4, type: 'string' },
    attribute: { number: 5, type: 'message', of: () => attributeType, repeated: true },
    docString: { number: 6, type: 'string' },
    domain: { number: 7, type: 'string' },
    overload: { number: 8, type: 'string' },
    metadataProps: { number: 9, type: 'message', of: () => stringEntryType, repeated: true },
  },
};

const graphType: MessageType<GraphProto> = {
  name: 'GraphProto',
  fields: {
    node: { number: 1, type: 'message', of: () => nodeType, repeated: true },
    name: { number: 2, type: 'string' },
    initializer: { number: 5, type: 'message', of: () => tensorType, repeated: true },
    docString: { number: 10, type: 'string' },
    input: { number: 11, type: 'message', of: () => valueInfoType, repeated: true },
    output: { number: 12, type: 'message', of: () => valueInfoType, repeated: true },
    valueInfo: { number: 13, type: 'message', of: () => valueInfoType, repeated: true },
    metadataProps: { number: 16, type: 'message', of: () => stringEntryType, repeated: true },
  },
};

export const modelType: MessageType<ModelProto> = {
  name: 'ModelProto',
  fields: {
    irVersion: { number: 1, type: 'int64' },
    producerName: { number: 2, type: 'string' },
    producerVersion: { number: 3, type: 'string' },
    domain: { number: 4, type: 'string' },
    modelVersion: { number: 5, type: 'int64' },
    docString: { number: 6, type: 'string' },
    graph: { number: 7, type: 'message', of: () => graphType },
    opsetImport: { number: 8, type: 'message', of: () => operatorSetType, repeated: true },
    metadataProps: { number: 14, type: 'message', of: () => stringEntryType, repeated: true },
  },
};
