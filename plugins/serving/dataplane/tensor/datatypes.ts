/** The datatypes of the Open Inference Protocol, and what each is in this process. */

export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

export type NumericData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Elements in row-major order. FP16 is kept as its 16 bits; BYTES are texts. */
export type TensorData = NumericData | string[];

/** The name that the model runtime gives the datatype. */
export type RuntimeType =
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'string';

interface NumericConstructor {
  new (length: number): NumericData;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericData;
}

export interface DatatypeFacts {
  readonly datatype: Datatype;
  readonly runtimeType: RuntimeType;
  /** Bytes of an element; 0 where it varies. */
  readonly width: number;
  /** The typed array of its elements; absent for BYTES. */
  readonly array?: NumericConstructor;
  /** How a number in JSON is checked. */
  readonly form: 'boolean' | 'integer' | 'big' | 'half' | 'float' | 'text';
  readonly smallest: number | bigint;
  readonly largest: number | bigint;
}

const largestFloat = 3.4028234663852886e38;

const table: readonly DatatypeFacts[] = [
  {
    datatype: 'BOOL',
    runtimeType: 'bool',
    width: 1,
    array: Uint8Array,
    form: 'boolean',
    smallest: 0,
    largest: 1,
  },
  {
    datatype: 'UINT8',
    runtimeType: 'uint8',
    width: 1,
    array: Uint8Array,
    form: 'integer',
    smallest: 0,
    largest: 255,
  },
  {
    datatype: 'UINT16',
    runtimeType: 'uint16',
    width: 2,
    array: Uint16Array,
    form: 'integer',
    smallest: 0,
    largest: 65_535,
  },
  {
    datatype: 'UINT32',
    runtimeType: 'uint32',
    width: 4,
    array: Uint32Array,
    form: 'integer',
    smallest: 0,
    largest: 4_294_967_295,
  },
  {
    datatype: 'UINT64',
    runtimeType: 'uint64',
    width: 8,
    array: BigUint64Array,
    form: 'big',
    smallest: 0n,
    largest: 2n ** 64n - 1n,
  },
  {
    datatype: 'INT8',
    runtimeType: 'int8',
    width: 1,
    array: Int8Array,
    form: 'integer',
    smallest: -128,
    largest: 127,
  },
  {
    datatype: 'INT16',
    runtimeType: 'int16',
    width: 2,
    array: Int16Array,
    form: 'integer',
    smallest: -32_768,
    largest: 32_767,
  },
  {
    datatype: 'INT32',
    runtimeType: 'int32',
    width: 4,
    array: Int32Array,
    form: 'integer',
    smallest: -2_147_483_648,
    largest: 2_147_483_647,
  },
  {
    datatype: 'INT64',
    runtimeType: 'int64',
    width: 8,
    array: BigInt64Array,
    form: 'big',
    smallest: -(2n ** 63n),
    largest: 2n ** 63n - 1n,
  },
  {
    datatype: 'FP16',
    runtimeType: 'float16',
    width: 2,
    array: Uint16Array,
    form: 'half',
    smallest: -65_504,
    largest: 65_504,
  },
  {
    datatype: 'FP32',
    runtimeType: 'float32',
    width: 4,
    array: Float32Array,
    form: 'float',
    smallest: -largestFloat,
    largest: largestFloat,
  },
  {
    datatype: 'FP64',
    runtimeType: 'float64',
    width: 8,
    array: Float64Array,
    form: 'float',
    smallest: -Number.MAX_VALUE,
    largest: Number.MAX_VALUE,
  },
  { datatype: 'BYTES', runtimeType: 'string', width: 0, form: 'text', smallest: 0, largest: 0 },
];

const byName = new Map<string, DatatypeFacts>(table.map((facts) => [facts.datatype, facts]));
const byRuntimeType = new Map<string, DatatypeFacts>(table.map((facts) => [facts.runtimeType, facts]));

export const datatypes: readonly Datatype[] = table.map((facts) => facts.datatype);

export function isDatatype(name: string): name is Datatype {
  return byName.has(name);
}

/** What is known of a datatype. */
export function factsOf(datatype: Datatype): DatatypeFacts {
  return byName.get(datatype)!;
}

/** The datatype that the model runtime calls `type`, if the protocol has one. */
export function datatypeOf(type: string): Datatype | undefined {
  return byRuntimeType.get(type)?.datatype;
}
