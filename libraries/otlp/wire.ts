/** One description of a message, two ways to write it: Protocol Buffers, and JSON as OTLP has it. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export interface Field {
  readonly number: number;
  /** In JSON. */
  readonly name: string;
  json(): unknown;
  write(writer: BinaryWriter): void;
}

export type Fields = readonly Field[];

/** How a message is written. */
export interface Encoding<Written> {
  readonly contentType: string;
  /** One message that is to stand in a list. */
  item(fields: Fields): Written;
  /** A message with a list of messages that were written before, as a field of its own at the end. */
  around(fields: Fields, number: number, name: string, items: readonly Written[]): Written;
  bytes(written: Written): Uint8Array;
}

export const protobuf: Encoding<Uint8Array> = {
  contentType: 'application/x-protobuf',
  item(fields) {
    const writer = new BinaryWriter();
    for (const each of fields) each.write(writer);
    return writer.finish();
  },
  around(fields, number, _name, items) {
    const writer = new BinaryWriter();
    for (const each of fields) each.write(writer);
    for (const item of items) writer.tag(number, WireType.LengthDelimited).bytes(item);
    return writer.finish();
  },
  bytes: (written) => written,
};

export const json: Encoding<string> = {
  contentType: 'application/json',
  item: (fields) => JSON.stringify(objectOf(fields)),
  around(fields, _number, name, items) {
    const before = JSON.stringify(objectOf(fields)).slice(0, -1);
    return `${before}${fields.length === 0 ? '' : ','}${JSON.stringify(name)}:[${items.join(',')}]}`;
  },
  bytes: (written) => Buffer.from(written),
};

function objectOf(fields: Fields): object {
  return Object.fromEntries(fields.map((each) => [each.name, each.json()]));
}

/** Named and in this order: a field put together of parts takes ten times as long, and a span has fifty. */
function fieldOf(
  number: number,
  name: string,
  json: () => unknown,
  write: (writer: BinaryWriter) => void,
): Field {
  return { number, name, json, write };
}

export const field = {
  text: (number: number, name: string, value: string): Field =>
    fieldOf(
      number,
      name,
      () => value,
      (writer) => writer.tag(number, WireType.LengthDelimited).string(value),
    ),
  /** Hexadecimal in JSON, where other bytes would be base64. */
  id: (number: number, name: string, hex: string): Field =>
    fieldOf(
      number,
      name,
      () => hex,
      (writer) => writer.tag(number, WireType.LengthDelimited).bytes(Buffer.from(hex, 'hex')),
    ),
  flag: (number: number, name: string, value: boolean): Field =>
    fieldOf(
      number,
      name,
      () => value,
      (writer) => writer.tag(number, WireType.Varint).bool(value),
    ),
  enumeration: (number: number, name: string, value: number): Field =>
    fieldOf(
      number,
      name,
      () => value,
      (writer) => writer.tag(number, WireType.Varint).int32(value),
    ),
  integer: (number: number, name: string, value: number): Field =>
    fieldOf(
      number,
      name,
      () => String(value),
      (writer) => writer.tag(number, WireType.Varint).int64(BigInt(value)),
    ),
  double: (number: number, name: string, value: number): Field =>
    fieldOf(
      number,
      name,
      () => jsonDouble(value),
      (writer) => writer.tag(number, WireType.Bit64).double(value),
    ),
  doubles: (number: number, name: string, values: readonly number[]): Field =>
    fieldOf(
      number,
      name,
      () => values.map(jsonDouble),
      (writer) => {
        writer.tag(number, WireType.LengthDelimited).fork();
        for (const value of values) writer.double(value);
        writer.join();
      },
    ),
  count: (number: number, name: string, value: number): Field =>
    fieldOf(
      number,
      name,
      () => String(value),
      (writer) => writer.tag(number, WireType.Bit64).fixed64(BigInt(value)),
    ),
  counts: (number: number, name: string, values: readonly number[]): Field =>
    fieldOf(
      number,
      name,
      () => values.map(String),
      (writer) => {
        writer.tag(number, WireType.LengthDelimited).fork();
        for (const value of values) writer.fixed64(BigInt(value));
        writer.join();
      },
    ),
  fixed32: (number: number, name: string, value: number): Field =>
    fieldOf(
      number,
      name,
      () => value,
      (writer) => writer.tag(number, WireType.Bit32).fixed32(value),
    ),
  /** From milliseconds, of which microseconds are kept: no clock here knows more. */
  time: (number: number, name: string, milliseconds: number): Field => {
    const nanoseconds = BigInt(Math.round(milliseconds * 1000)) * 1000n;
    return fieldOf(
      number,
      name,
      () => String(nanoseconds),
      (writer) => writer.tag(number, WireType.Bit64).fixed64(nanoseconds),
    );
  },
  message: (number: number, name: string, fields: Fields): Field =>
    fieldOf(
      number,
      name,
      () => objectOf(fields),
      (writer) => writeMessage(writer, number, fields),
    ),
  messages: (number: number, name: string, messages: readonly Fields[]): Field =>
    fieldOf(
      number,
      name,
      () => messages.map(objectOf),
      (writer) => {
        for (const fields of messages) writeMessage(writer, number, fields);
      },
    ),
};

function writeMessage(writer: BinaryWriter, number: number, fields: Fields): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  for (const each of fields) each.write(writer);
  writer.join();
}

/** As proto3's JSON has what JSON has no number for. */
function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
