/**
 * Element types under the names of the Open Inference Protocol, with their numbers in the ONNX format.
 * ONNX's complex, 8-bit float and 4-bit types have no name there.
 */
export const datatypes = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
  BF16: 16,
} as const;

export type Datatype = keyof typeof datatypes;

const names = new Map(
  Object.entries(datatypes).map(([name, number]) => [number as number, name as Datatype]),
);

/** The protocol's name of an ONNX element type, or `undefined` when it has none. */
export function datatypeName(number: number): Datatype | undefined {
  return names.get(number);
}
