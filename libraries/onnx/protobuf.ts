import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { OnnxError } from './error.ts';

/**
 * A message as a plain object: absent fields are absent, and `unknown` keeps the fields (tag and value) that
 * its type does not name, so that writing what was read loses nothing.
 */
export interface Message {
  unknown?: readonly Uint8Array[];
}

export interface MessageType<T extends Message> {
  readonly name: string;
  readonly fields: { readonly [K in Exclude<keyof T, 'unknown'>]-?: FieldFor<NonNullable<T[K]>> };
}

type FieldFor<V> = V extends Uint8Array
  ? ValueFor<V>
  : V extends readonly (infer Element)[]
    ? ValueFor<Element> & { readonly repeated: true; readonly packed?: true }
    : ValueFor<V>;

type ValueFor<V> = { readonly number: number } & (V extends bigint
  ? { readonly type: 'int64' | 'uint64' }
  : V extends number
    ? { readonly type: 'int32' | 'float' | 'double' }
    : V extends string
      ? { readonly type: 'string' }
      : V extends Uint8Array
        ? { readonly type: 'bytes' }
        : V extends Message
          ? { readonly type: 'message'; readonly of: () => MessageType<V> }
          : never);

export interface ReadLimits {
  /** Largest file accepted, in bytes. */
  readonly maximumBytes: number;
  /** Most messages in one file: bounds the memory that a small, hostile file can ask for. */
  readonly maximumMessages: number;
  /** Deepest nesting of messages: a graph inside an attribute inside a graph, and so on. */
  readonly maximumDepth: number;
}

/** Protocol Buffers itself stops at 2 GiB and at a depth of 100. */
const readLimits: ReadLimits = {
  maximumBytes: 2 ** 31 - 1,
  maximumMessages: 10_000_000,
  maximumDepth: 100,
};

/**
 * Reads one message. Byte fields are views of `bytes`, not copies.
 *
 * A singular message field that occurs twice is refused: parsers disagree about it, and a file must mean the same to
 * the one who checks it and to the one who runs it.
 */
export function decode<T extends Message>(
  type: MessageType<T>,
  bytes: Uint8Array,
  options: Partial<ReadLimits> & { readonly keepUnknown?: boolean } = {},
): T {
  const { keepUnknown = true, ...limits } = options;
  const decoding: Decoding = { ...readLimits, ...limits, keepUnknown, messages: 0 };
  if (bytes.length > decoding.maximumBytes) {
    throw new OnnxError('TooLarge', `${bytes.length} bytes, the limit is ${decoding.maximumBytes}`);
  }
  return decodeMessage(looseType(type), bytes, decoding, 1) as T;
}

/** Writes one message: fields in the order of their numbers, then what `unknown` holds. Equal values give equal bytes. */
export function encode<T extends Message>(type: MessageType<T>, message: T): Uint8Array {
  const writer = new BinaryWriter();
  encodeMessage(looseType(type), message as LooseMessage, writer);
  return writer.finish();
}

interface Decoding extends ReadLimits {
  readonly keepUnknown: boolean;
  messages: number;
}

interface LooseField {
  readonly key: string;
  readonly number: number;
  readonly type: 'int32' | 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes' | 'message';
  readonly repeated?: true;
  readonly packed?: true;
  readonly of?: () => MessageType<Message>;
}

interface LooseType {
  readonly name: string;
  readonly ordered: readonly LooseField[];
  readonly byNumber: ReadonlyMap<number, LooseField>;
}

type LooseMessage = Record<string, unknown> & Message;

const looseTypes = new WeakMap<object, LooseType>();

function looseType<T extends Message>(type: MessageType<T>): LooseType {
  const known = looseTypes.get(type);
  if (known) return known;
  const ordered = Object.entries(type.fields)
    .map(([key, field]) => ({ key, ...(field as Omit<LooseField, 'key'>) }))
    .sort((a, b) => a.number - b.number);
  const loose = {
    name: type.name,
    ordered,
    byNumber: new Map(ordered.map((field) => [field.number, field])),
  };
  looseTypes.set(type, loose);
  return loose;
}

function decodeMessage(type: LooseType, bytes: Uint8Array, decoding: Decoding, depth: number): LooseMessage {
  decoding.messages += 1;
  if (decoding.messages > decoding.maximumMessages) {
    throw new OnnxError('TooLarge', `more than ${decoding.maximumMessages} messages`);
  }
  if (depth > decoding.maximumDepth) {
    throw new OnnxError('TooLarge', `messages nested deeper than ${decoding.maximumDepth}`);
  }
  const message: LooseMessage = {};
  const unknown: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = guard('', () => reader.tag());
    const field = type.byNumber.get(number);
    if (field) {
      decodeField(field, reader, wireType, message, decoding, depth);
    } else {
      guard(`field ${number}`, () => reader.skip(wireType, number));
      if (decoding.keepUnknown) unknown.push(bytes.subarray(start, reader.pos));
    }
  }
  if (unknown.length > 0) message.unknown = unknown;
  return message;
}

function decodeField(
  field: LooseField,
  reader: BinaryReader,
  wireType: WireType,
  message: LooseMessage,
  decoding: Decoding,
  depth: number,
): void {
  const { key } = field;
  if (field.repeated) message[key] ??= [];
  const list = message[key] as unknown[];
  if (field.repeated && wireType === WireType.LengthDelimited && isPackable(field)) {
    const packed = new BinaryReader(guard(key, () => reader.bytes()));
    while (packed.pos < packed.len) list.push(guard(key, () => decodeScalar(field, packed)));
    return;
  }
  if (wireType !== wireTypes[field.type]) {
    throw new OnnxError('Malformed', `wire type ${wireType} where ${field.type} is due`, key);
  }
  if (field.type !== 'message') {
    const value = guard(key, () => decodeScalar(field, reader));
    if (field.repeated) list.push(value);
    else message[key] = value;
    return;
  }
  const place = field.repeated ? `${key}[${list.length}]` : key;
  const of = looseType((field.of as () => MessageType<Message>)());
  const value = guard(place, () => decodeMessage(of, reader.bytes(), decoding, depth + 1));
  if (field.repeated) list.push(value);
  else if (message[key] !== undefined) throw new OnnxError('Malformed', 'occurs twice', key);
  else message[key] = value;
}

function decodeScalar(field: LooseField, reader: BinaryReader): unknown {
  switch (field.type) {
    case 'int32':
      return reader.int32();
    case 'int64':
      return BigInt(reader.int64());
    case 'uint64':
      return BigInt(reader.uint64());
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'string':
      return reader.string(true);
    default:
      return reader.bytes();
  }
}

/** Turns what the wire reader throws into an OnnxError, and prefixes the place to one that comes from further in. */
function guard<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof OnnxError) {
      const path = error.path === '' ? place : place === '' ? error.path : `${place}.${error.path}`;
      throw new OnnxError(error.code, messageOf(error), path);
    }
    if (error instanceof RangeError) throw new OnnxError('Truncated', 'the file ends too early', place);
    throw new OnnxError('Malformed', `not Protocol Buffers: ${(error as Error).message}`, place);
  }
}

function messageOf(error: OnnxError): string {
  const suffix = ` (at ${error.path})`;
  return error.path !== '' && error.message.endsWith(suffix)
    ? error.message.slice(0, -suffix.length)
    : error.message;
}

function encodeMessage(type: LooseType, message: LooseMessage, writer: BinaryWriter): void {
  for (const field of type.ordered) {
    const value = message[field.key];
    if (value === undefined) continue;
    if (field.repeated && field.packed) encodePacked(field, value as readonly unknown[], writer);
    else if (field.repeated) {
      for (const element of value as readonly unknown[]) encodeValue(field, element, writer);
    } else encodeValue(field, value, writer);
  }
  for (const raw of message.unknown ?? []) writer.raw(raw);
}

function encodePacked(field: LooseField, values: readonly unknown[], writer: BinaryWriter): void {
  if (values.length === 0) return;
  writer.tag(field.number, WireType.LengthDelimited).fork();
  for (const value of values) encodeScalar(field, value, writer);
  writer.join();
}

function encodeValue(field: LooseField, value: unknown, writer: BinaryWriter): void {
  writer.tag(field.number, wireTypes[field.type]);
  if (field.type !== 'message') {
    encodeScalar(field, value, writer);
    return;
  }
  writer.fork();
  encodeMessage(looseType((field.of as () => MessageType<Message>)()), value as LooseMessage, writer);
  writer.join();
}

function encodeScalar(field: LooseField, value: unknown, writer: BinaryWriter): void {
  switch (field.type) {
    case 'int32':
      writer.int32(value as number);
      break;
    case 'int64':
      writer.int64(value as bigint);
      break;
    case 'uint64':
      writer.uint64(value as bigint);
      break;
    case 'float':
      writer.float(value as number);
      break;
    case 'double':
      writer.double(value as number);
      break;
    case 'string':
      writer.string(value as string);
      break;
    default:
      writer.bytes(value as Uint8Array);
  }
}

const wireTypes = {
  int32: WireType.Varint,
  int64: WireType.Varint,
  uint64: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  message: WireType.LengthDelimited,
} as const satisfies Record<LooseField['type'], WireType>;

function isPackable(field: LooseField): boolean {
  return wireTypes[field.type] !== WireType.LengthDelimited;
}
