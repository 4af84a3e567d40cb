/**
 * The few pieces of the ONNX file format that a graph of ours needs. A file is one Protocol Buffers message; each function
 * here gives the bytes of a message, with the field numbers of the public format.
 */
export type Bytes = Buffer;

export const elementTypes = { float: 1, int64: 7, string: 8 } as const;

export type ElementType = (typeof elementTypes)[keyof typeof elementTypes];

/** A constant for an attribute, so named that floats and integers cannot be mixed up. */
export type Attribute =
  | { readonly int: number }
  | { readonly string: string }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] };

export function modelFile(parts: {
  readonly producer: string;
  readonly graph: Bytes;
  readonly opsets: readonly (readonly [domain: string, version: number])[];
  readonly metadata: readonly (readonly [key: string, value: string])[];
}): Bytes {
  return message([
    integer(1, 8),
    text(2, parts.producer),
    block(7, parts.graph),
    ...parts.opsets.map(([domain, version]) => block(8, message([text(1, domain), integer(2, version)]))),
    ...parts.metadata.map(([key, value]) => block(14, message([text(1, key), text(2, value)]))),
  ]);
}

export function graph(parts: {
  readonly name: string;
  readonly nodes: readonly Bytes[];
  readonly constants: readonly Bytes[];
  readonly inputs: readonly Bytes[];
  readonly outputs: readonly Bytes[];
}): Bytes {
  return message([
    ...parts.nodes.map((node) => block(1, node)),
    text(2, parts.name),
    ...parts.constants.map((constant) => block(5, constant)),
    ...parts.inputs.map((input) => block(11, input)),
    ...parts.outputs.map((output) => block(12, output)),
  ]);
}

export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
  domain = '',
): Bytes {
  return message([
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(3, `${operator}:${output}`),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => block(5, attribute(name, value))),
    ...(domain === '' ? [] : [text(7, domain)]),
  ]);
}

/** An input or output of `[N, 1]`: any number of rows, one value each. */
export function column(name: string, elementType: ElementType): Bytes {
  const shape = message([block(1, text(2, 'N')), block(1, integer(1, 1))]);
  return message([text(1, name), block(2, block(1, message([integer(1, elementType), block(2, shape)])))]);
}

/** A constant of one 32-bit float. */
export function floatConstant(name: string, value: number): Bytes {
  return message([integer(1, 1), integer(2, elementTypes.float), text(8, name), block(9, float32(value))]);
}

function attribute(name: string, value: Attribute): Bytes {
  const head = text(1, name);
  if ('float' in value) return message([head, float(2, value.float), integer(20, 1)]);
  if ('int' in value) return message([head, integer(3, value.int), integer(20, 2)]);
  if ('string' in value) return message([head, text(4, value.string), integer(20, 3)]);
  if ('floats' in value) {
    return message([head, ...value.floats.map((item) => float(7, item)), integer(20, 6)]);
  }
  if ('ints' in value) return message([head, ...value.ints.map((item) => integer(8, item)), integer(20, 7)]);
  return message([head, ...value.strings.map((item) => text(9, item)), integer(20, 8)]);
}

function message(fields: readonly Bytes[]): Bytes {
  return Buffer.concat(fields);
}

function integer(field: number, value: number): Bytes {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function float(field: number, value: number): Bytes {
  return Buffer.concat([varint((field << 3) | 5), float32(value)]);
}

function text(field: number, value: string): Bytes {
  return block(field, Buffer.from(value));
}

function block(field: number, value: Bytes): Bytes {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
}

function float32(value: number): Bytes {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

/** Seven bits a byte, lowest first. None of our numbers is negative. */
function varint(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} cannot be written`);
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
