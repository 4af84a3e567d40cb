import { bad } from '../refusal.ts';
import { PacketReader } from './packet-reader.ts';

/** Packet types (RFC 9580, section 5) that have a meaning here. */
export const packetTypes = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  marker: 10,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  padding: 21,
} as const;

export interface Packet {
  readonly type: number;
  readonly body: Buffer;
  /** Where it begins, and where the next one does. */
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts bytes into packets, old and new format (RFC 9580, section 4.2). None of the packets that are read here may have
 * a partial or an indeterminate length, so no packet may. The caller bounds the bytes; a packet takes two at least.
 */
export function* readPackets(bytes: Buffer): Generator<Packet> {
  const reader = new PacketReader(bytes, 'the packet');
  while (!reader.isAtEnd) {
    const start = reader.offset;
    const first = reader.byte();
    if ((first & 0x80) === 0) throw bad('there is something else where a packet should begin');
    const isNew = (first & 0x40) !== 0;
    const type = isNew ? first & 0x3f : (first >> 2) & 0x0f;
    if (type === 0) throw bad('the packet is of the reserved type 0');
    const body = reader.bytes(isNew ? newLength(reader) : oldLength(reader, first & 3));
    yield { type, body, start, end: reader.offset };
  }
}

function newLength(reader: PacketReader): number {
  const first = reader.byte();
  if (first < 192) return first;
  if (first < 224) return ((first - 192) << 8) + reader.byte() + 192;
  if (first === 255) return reader.uint32();
  throw bad('the packet has a partial length');
}

function oldLength(reader: PacketReader, lengthType: number): number {
  switch (lengthType) {
    case 0:
      return reader.byte();
    case 1:
      return reader.uint16();
    case 2:
      return reader.uint32();
    default:
      throw bad('the packet has an indeterminate length');
  }
}
