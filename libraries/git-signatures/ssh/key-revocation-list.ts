import { bad, Refusal } from '../refusal.ts';
import { SignerFileError } from './error.ts';
import { fingerprintOf, readPublicKey } from './public-key.ts';
import { WireReader } from './wire.ts';

/** The certificates that one section of a KRL revokes. */
export interface RevokedCertificates {
  /** The key of the authority that issued them; absent for every authority. */
  readonly authority?: Buffer;
  readonly keyIds: ReadonlySet<string>;
  revokesSerial(serial: bigint): boolean;
}

/** What a KRL revokes. Keys are named by digests, whichever way the KRL lists them. */
export interface KeyRevocationList {
  readonly fingerprints: ReadonlySet<string>;
  readonly sha1: ReadonlySet<string>;
  readonly certificates: readonly RevokedCertificates[];
}

interface Found {
  readonly fingerprints: Set<string>;
  readonly sha1: Set<string>;
  readonly certificates: RevokedCertificates[];
}

type SerialTest = (serial: bigint) => boolean;

const magic = Buffer.from('SSHKRL\n\0', 'latin1');

export function isKeyRevocationList(bytes: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

/**
 * Reads a binary KRL (PROTOCOL.krl): all of its sections, or none. One that carries signatures or a critical extension
 * is refused.
 *
 * @throws SignerFileError
 */
export function readKeyRevocationList(bytes: Buffer): KeyRevocationList {
  try {
    return readList(new WireReader(bytes, 'the KRL'));
  } catch (error) {
    if (error instanceof Refusal) throw new SignerFileError('RevokedKeys', 0, error.message);
    throw error;
  }
}

function readList(reader: WireReader): KeyRevocationList {
  reader.bytes(magic.length);
  const format = reader.uint32();
  if (format !== 1) throw bad(`KRLs of format ${format} are not supported`);
  reader.uint64(); // the list's own version
  reader.uint64(); // when it was made
  reader.uint64(); // flags: none is defined
  reader.string(); // reserved
  reader.string(); // comment
  const found: Found = { fingerprints: new Set(), sha1: new Set(), certificates: [] };
  while (!reader.isAtEnd) readSection(reader, found);
  return found;
}

function readSection(reader: WireReader, found: Found): void {
  const type = reader.byte();
  const section = new WireReader(reader.string(), 'a section of the KRL');
  switch (type) {
    case 1:
      found.certificates.push(readCertificates(section));
      return;
    case 2:
      while (!section.isAtEnd) found.fingerprints.add(fingerprintOf(section.string()));
      return;
    case 3:
      while (!section.isAtEnd) found.sha1.add(digest(section, 20).toString('hex'));
      return;
    case 4:
      throw bad('the KRL is signed: signed KRLs are not supported');
    case 5:
      while (!section.isAtEnd) {
        found.fingerprints.add(`SHA256:${digest(section, 32).toString('base64').replace(/=+$/, '')}`);
      }
      return;
    case 255:
      skipExtension(section);
      return;
    default:
      throw bad(`the KRL has a section of the unknown type ${type}`);
  }
}

function readCertificates(section: WireReader): RevokedCertificates {
  const authority = section.string();
  section.string(); // reserved
  if (authority.length > 0) readPublicKey(authority);
  const keyIds = new Set<string>();
  const single = new Set<bigint>();
  const tests: SerialTest[] = [(serial) => single.has(serial)];
  while (!section.isAtEnd) {
    const type = section.byte();
    const part = new WireReader(section.string(), 'a certificate section of the KRL');
    switch (type) {
      case 0x20:
        while (!part.isAtEnd) single.add(part.uint64());
        break;
      case 0x21:
        tests.push(rangeTest(part));
        break;
      case 0x22:
        tests.push(bitmapTest(part));
        break;
      case 0x23:
        while (!part.isAtEnd) keyIds.add(part.text());
        break;
      case 0x39:
        skipExtension(part);
        break;
      default:
        throw bad(`the KRL has a certificate section of the unknown type ${type}`);
    }
  }
  return {
    ...(authority.length > 0 ? { authority } : {}),
    keyIds,
    revokesSerial: (serial) => tests.some((test) => test(serial)),
  };
}

function rangeTest(part: WireReader): SerialTest {
  const first = part.uint64();
  const last = part.uint64();
  part.end();
  return (serial) => first <= serial && serial <= last;
}

function bitmapTest(part: WireReader): SerialTest {
  const offset = part.uint64();
  const bits = part.mpint();
  part.end();
  return (serial) => {
    const bit = serial - offset;
    if (bit < 0n || bit >= BigInt(bits.length) * 8n) return false;
    const byte = bits[bits.length - 1 - Number(bit >> 3n)] as number;
    return ((byte >> Number(bit & 7n)) & 1) === 1;
  };
}

function digest(section: WireReader, length: number): Buffer {
  const bytes = section.string();
  if (bytes.length !== length) throw bad('the KRL has a digest of a wrong length');
  return bytes;
}

function skipExtension(section: WireReader): void {
  section.string();
  const isCritical = section.byte() !== 0;
  section.string();
  section.end();
  if (isCritical) throw bad('the KRL has a critical extension that is not known');
}
