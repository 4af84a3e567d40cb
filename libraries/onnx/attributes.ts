import { type AttributeProto, attributeTypes, type GraphProto, type TensorProto } from './messages.ts';

/** The value of a node's attribute; `node()` gives it its name. */
export type AttributeValue = Omit<AttributeProto, 'name'>;

/** JavaScript has one number type and ONNX has two, so the kind is said by the caller: `float(1)` or `int(1)`. */
export function float(value: number): AttributeValue {
  return { f: value, type: attributeTypes.float };
}

export function int(value: number | bigint): AttributeValue {
  return { i: BigInt(value), type: attributeTypes.int };
}

export function string(value: string): AttributeValue {
  return { s: Buffer.from(value), type: attributeTypes.string };
}

export function floats(values: Iterable<number>): AttributeValue {
  return { floats: [...values], type: attributeTypes.floats };
}

export function ints(values: Iterable<number | bigint>): AttributeValue {
  return { ints: Array.from(values, BigInt), type: attributeTypes.ints };
}

export function strings(values: Iterable<string>): AttributeValue {
  return { strings: Array.from(values, (value) => Buffer.from(value)), type: attributeTypes.strings };
}

export function tensorAttribute(value: TensorProto): AttributeValue {
  return { t: value, type: attributeTypes.tensor };
}

export function graphAttribute(value: GraphProto): AttributeValue {
  return { g: value, type: attributeTypes.graph };
}
