import { type Datatype, datatypes } from './datatypes.ts';
import { OnnxError } from './error.ts';
import type { TensorProto } from './messages.ts';

/** Numbers for numeric types (bigint also for 64-bit integers), booleans or 0/1 for BOOL, strings for BYTES. */
export type TensorData = ArrayLike<number | bigint> | ArrayLike<boolean> | ArrayLike<string>;

/**
 * A constant tensor, little-endian as the format wants it. FP16 and BF16 take their 16-bit patterns.
 *
 * @example tensor('axes', 'INT64', [1], [1])
 * @throws OnnxError `InvalidTensor` when the data do not fill the shape or do not fit the type.
 */
export function tensor(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  data: TensorData,
): TensorProto {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
    throw new OnnxError('InvalidTensor', `shape [${shape.join(', ')}] is not of whole, known sizes`, name);
  }
  if (data.length !== size) {
    throw new OnnxError(
      'InvalidTensor',
      `${data.length} values for shape [${shape.join(', ')}], which holds ${size}`,
      name,
    );
  }
  const head = { dims: shape.map(BigInt), dataType: datatypes[datatype], name };
  if (datatype === 'BYTES') {
    return { ...head, stringData: Array.from(data as ArrayLike<string>, (text) => Buffer.from(text)) };
  }
  return { ...head, rawData: rawData(name, datatype, data as ArrayLike<number | bigint | boolean>) };
}

/** The values as the format's little-endian bytes. Throws `InvalidTensor` where one does not fit the type. */
export function rawData(
  name: string,
  datatype: NumericDatatype,
  data: ArrayLike<number | bigint | boolean>,
): Uint8Array {
  const layout: Layout = layouts[datatype];
  const bytes = new Uint8Array(data.length * layout.width);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < data.length; index += 1) {
    const value = data[index] as number | bigint | boolean;
    if (layout.range && !isInRange(value, layout.range)) {
      throw new OnnxError('InvalidTensor', `${value} is not a value of ${datatype}`, `${name}[${index}]`);
    }
    layout.write(view, index * layout.width, value);
  }
  return bytes;
}

export type NumericDatatype = Exclude<Datatype, 'BYTES'>;

interface Layout {
  readonly width: number;
  /** Least and greatest value of an integer type. */
  readonly range?: readonly [bigint, bigint];
  write(view: DataView, offset: number, value: number | bigint | boolean): void;
}

function isInRange(value: number | bigint | boolean, [least, greatest]: readonly [bigint, bigint]): boolean {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return false;
  const integer = BigInt(value);
  return integer >= least && integer <= greatest;
}

function signed(bits: number): readonly [bigint, bigint] {
  return [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
}

function unsigned(bits: number): readonly [bigint, bigint] {
  return [0n, 2n ** BigInt(bits) - 1n];
}

const uint8: Layout['write'] = (view, offset, value) => view.setUint8(offset, Number(value));
const uint16: Layout['write'] = (view, offset, value) => view.setUint16(offset, Number(value), true);
const uint32: Layout['write'] = (view, offset, value) => view.setUint32(offset, Number(value), true);
const uint64: Layout['write'] = (view, offset, value) => view.setBigUint64(offset, BigInt(value), true);

/** DataView keeps the low bits of a negative number, which is two's complement: one writer a width is enough. */
const layouts: Readonly<Record<NumericDatatype, Layout>> = {
  FP32: { width: 4, write: (view, offset, value) => view.setFloat32(offset, Number(value), true) },
  FP64: { width: 8, write: (view, offset, value) => view.setFloat64(offset, Number(value), true) },
  FP16: { width: 2, range: unsigned(16), write: uint16 },
  BF16: { width: 2, range: unsigned(16), write: uint16 },
  BOOL: { width: 1, range: unsigned(1), write: uint8 },
  INT8: { width: 1, range: signed(8), write: uint8 },
  INT16: { width: 2, range: signed(16), write: uint16 },
  INT32: { width: 4, range: signed(32), write: uint32 },
  INT64: { width: 8, range: signed(64), write: uint64 },
  UINT8: { width: 1, range: unsigned(8), write: uint8 },
  UINT16: { width: 2, range: unsigned(16), write: uint16 },
  UINT32: { width: 4, range: unsigned(32), write: uint32 },
  UINT64: { width: 8, range: unsigned(64), write: uint64 },
};
