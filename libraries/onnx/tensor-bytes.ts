import { type Datatype, datatypeName } from './datatypes.ts';
import { OnnxError } from './error.ts';
import type { TensorProto } from './messages.ts';
import { type NumericDatatype, rawData } from './tensor.ts';

/**
 * The content of a numeric tensor as little-endian bytes, wherever the file keeps it: raw, or number by number in the list
 * that the format has for its type. Undefined for text and for types that the Open Inference Protocol has no name for.
 *
 * @throws OnnxError `InvalidTensor` where the content does not fill the shape, or lies in another file.
 */
export function tensorBytes(tensor: TensorProto): Uint8Array | undefined {
  const datatype = datatypeName(tensor.dataType ?? 0);
  if (datatype === undefined || datatype === 'BYTES') return undefined;
  const name = tensor.name ?? '';
  if (tensor.dataLocation === 1)
    throw new OnnxError('InvalidTensor', 'its content lies in another file', name);
  const bytes =
    (tensor.rawData?.byteLength ?? 0) > 0
      ? (tensor.rawData as Uint8Array)
      : rawData(name, datatype, listOf(tensor, datatype));
  const size = (tensor.dims ?? []).reduce((product, dimension) => product * Number(dimension), 1);
  if (bytes.byteLength !== size * widths[datatype]) {
    const shape = (tensor.dims ?? []).join(', ');
    const message = `${bytes.byteLength} bytes for ${datatype} of shape [${shape}]`;
    throw new OnnxError('InvalidTensor', message, name);
  }
  return bytes;
}

function listOf(tensor: TensorProto, datatype: NumericDatatype): ArrayLike<number | bigint> {
  switch (datatype) {
    case 'FP32':
      return tensor.floatData ?? [];
    case 'FP64':
      return tensor.doubleData ?? [];
    case 'INT64':
      return tensor.int64Data ?? [];
    case 'UINT32':
    case 'UINT64':
      return tensor.uint64Data ?? [];
    default:
      return tensor.int32Data ?? [];
  }
}

const widths: Readonly<Record<Exclude<Datatype, 'BYTES'>, number>> = {
  BOOL: 1,
  INT8: 1,
  UINT8: 1,
  INT16: 2,
  UINT16: 2,
  FP16: 2,
  BF16: 2,
  INT32: 4,
  UINT32: 4,
  FP32: 4,
  INT64: 8,
  UINT64: 8,
  FP64: 8,
};
