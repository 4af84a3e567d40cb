import { Refusal } from '../refusal.ts';
import { linesOf, readBlock } from './armor.ts';
import { type Certificate, newCertificate, type Place, place, subkeyOf, userIdOf } from './certificate.ts';
import { KeyringError, type KeyringProblem } from './error.ts';
import { type KeyPacket, keyIdOf, readKeyPacket, UnknownKeyVersion } from './key-packet.ts';
import { type Packet, packetTypes, readPackets } from './packet.ts';
import { names, readSignaturePacket, type SignaturePacket, signatureTypes } from './signature-packet.ts';
import { textOf } from './user-id.ts';

/** A parsed keyring: parse once, verify many. */
export interface Keyring {
  readonly keys: readonly PublicKey[];
}

/** What a keyring says of one key, for a list. Nothing of it has been verified. */
export interface PublicKey {
  /** Of the primary key, in upper-case hexadecimal. */
  readonly fingerprint: string;
  readonly userIds: readonly string[];
  /** Fingerprints of the subkeys. */
  readonly subkeys: readonly string[];
}

/** A key that may have made a signature, and the certificate that it stands in. */
export interface Holder {
  readonly certificate: Certificate;
  readonly key: KeyPacket;
}

interface Content {
  /** By the fingerprints of their primary keys. */
  readonly certificates: ReadonlyMap<string, Certificate>;
  /** By key id. */
  readonly holders: ReadonlyMap<string, readonly Holder[]>;
}

const contents = new WeakMap<Keyring, Content>();

const maxBytes = 16 * 1024 * 1024;
const maxPackets = 200_000;
/** More keys with one key id do not come about by chance. */
const maxHolders = 8;
/** From this type on, a packet that is not known may be left out (RFC 9580, section 4.3). */
const firstNonCritical = 40;
const leftOut: readonly number[] = [packetTypes.marker, packetTypes.trust, packetTypes.padding];

/**
 * Parses public keys: armored text with one or more blocks, with blank lines and lines that begin with `#` around them;
 * or bytes, of such a text or of binary packets. Revocation certificates may stand beside the keys. Blocks of one key
 * are read as one: what revokes it counts wherever it stands.
 *
 * @throws KeyringError with a code and where it is. Nothing is verified yet: a key without a valid signature of its own
 * is no error; it just never matches.
 */
export function parseKeyring(keyring: string | Uint8Array): Keyring {
  if (keyring.length > maxBytes) {
    throw new KeyringError('KeyringTooLarge', 'byte 0', `the keyring is larger than ${maxBytes} bytes`);
  }
  const reading = new Reading();
  if (typeof keyring === 'string') reading.text(keyring);
  else if (((keyring[0] ?? 0) & 0x80) !== 0) reading.packets(view(keyring), '');
  else reading.text(view(keyring).toString('latin1'));
  return reading.keyring();
}

/** Who may have made a signature that names these issuers. */
export function holdersOf(keyring: Keyring, issuers: readonly string[]): readonly Holder[] {
  const [first = ''] = issuers;
  const keyId = first.length > 16 ? keyIdOf(first) : first;
  const candidates = contents.get(keyring)?.holders.get(keyId) ?? [];
  return candidates.filter(({ key }) => names(issuers, key));
}

/** The primary key with this fingerprint. */
export function primaryKey(keyring: Keyring, fingerprint: string): KeyPacket | undefined {
  return contents.get(keyring)?.certificates.get(fingerprint)?.primary;
}

/** Collects certificates from blocks. */
class Reading {
  readonly #certificates = new Map<string, Certificate>();
  readonly #bareRevocations: { readonly signature: SignaturePacket; readonly where: string }[] = [];
  #packetCount = 0;
  /** Of the block that is being read: to what the next signature belongs. */
  #certificate: Certificate | undefined;
  #place: Place;

  text(text: string): void {
    const lines = linesOf(text);
    let blocks = 0;
    for (let next = 0; next < lines.length; next++) {
      const line = lines[next] ?? '';
      if (line === '' || line.startsWith('#')) continue;
      const where = `line ${next + 1}`;
      if (line.startsWith('-----BEGIN PGP PRIVATE KEY')) throw secretKey(where);
      if (!line.startsWith('-----BEGIN ')) {
        throw new KeyringError(
          'NoPublicKey',
          where,
          'there is neither an armored public key nor a comment (#)',
        );
      }
      const { block, end } = translated('MalformedArmor', where, () => readBlock(lines, next));
      if (block.label !== 'PGP PUBLIC KEY BLOCK') {
        throw new KeyringError('NoPublicKey', where, 'the block holds something else than public keys');
      }
      this.packets(block.content, `block ${++blocks}, `);
      next = end;
    }
  }

  packets(bytes: Buffer, prefix: string): void {
    this.#certificate = undefined;
    this.#place = undefined;
    const packets = readPackets(bytes);
    for (let start = 0; ; ) {
      const where = `${prefix}byte ${start}`;
      const next = translated('MalformedPacket', where, () => packets.next());
      if (next.done) return;
      if (++this.#packetCount > maxPackets) {
        throw new KeyringError('KeyringTooLarge', where, `the keyring has more than ${maxPackets} packets`);
      }
      this.#packet(next.value, where);
      start = next.value.end;
    }
  }

  keyring(): Keyring {
    const certificates = [...this.#certificates.values()];
    const keyring: Keyring = { keys: certificates.map(describe) };
    contents.set(keyring, { certificates: this.#certificates, holders: holdersByKeyId(certificates) });
    for (const { signature, where } of this.#bareRevocations) {
      const revoked = holdersOf(keyring, signature.issuers).filter(
        ({ key, certificate }) => key === certificate.primary,
      );
      if (revoked.length === 0) {
        throw new KeyringError(
          'RevocationWithoutKey',
          where,
          'the key that is revoked here is not in the keyring',
        );
      }
      for (const { certificate } of revoked) place(certificate, undefined, signature, where);
    }
    return keyring;
  }

  #packet({ type, body }: Packet, where: string): void {
    if (type === packetTypes.secretKey || type === packetTypes.secretSubkey) throw secretKey(where);
    if (leftOut.includes(type) || type >= firstNonCritical) return;
    if (type === packetTypes.publicKey) {
      const key = readKey(body, where);
      this.#certificate = this.#certificates.get(key.fingerprint) ?? newCertificate(key);
      this.#certificates.set(key.fingerprint, this.#certificate);
      this.#place = undefined;
    } else if (type === packetTypes.signature) {
      this.#signature(body, where);
    } else {
      this.#place = this.#placeOf(type, body, where);
    }
  }

  #signature(body: Buffer, where: string): void {
    const signature = readSignature(body);
    if (this.#certificate !== undefined) {
      if (signature !== undefined) place(this.#certificate, this.#place, signature, where);
    } else if (signature?.type === signatureTypes.keyRevocation) {
      this.#bareRevocations.push({ signature, where });
    } else {
      throw new KeyringError(
        'MalformedPacket',
        where,
        'a signature that revokes no key stands before the first key',
      );
    }
  }

  #placeOf(type: number, body: Buffer, where: string): Place {
    const certificate = this.#certificate;
    if (certificate === undefined) {
      throw new KeyringError('MalformedPacket', where, 'the block does not begin with a key');
    }
    switch (type) {
      case packetTypes.userId:
        return userIdOf(certificate, body, where);
      case packetTypes.publicSubkey:
        return subkeyOf(certificate, readKey(body, where), where);
      case packetTypes.userAttribute:
        return undefined;
      default:
        throw new KeyringError('MalformedPacket', where, `a packet of type ${type} has no place among keys`);
    }
  }
}

function readKey(body: Buffer, where: string): KeyPacket {
  return translated('MalformedKey', where, () => readKeyPacket(body));
}

/** Undefined for a signature that cannot be read: of old versions, or damaged. It would not verify either. */
function readSignature(body: Buffer): SignaturePacket | undefined {
  try {
    return readSignaturePacket(body);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function holdersByKeyId(certificates: readonly Certificate[]): Map<string, Holder[]> {
  const holders = new Map<string, Holder[]>();
  for (const certificate of certificates) {
    const keys = [certificate.primary, ...[...certificate.subkeys.values()].map(({ key }) => key)];
    for (const key of keys) {
      const sameId = holders.get(key.keyId) ?? [];
      if (sameId.length === maxHolders) {
        throw new KeyringError(
          'KeyringTooLarge',
          `key ${key.fingerprint}`,
          'too many keys have the same key id',
        );
      }
      holders.set(key.keyId, [...sameId, { certificate, key }]);
    }
  }
  return holders;
}

function describe({ primary, userIds, subkeys }: Certificate): PublicKey {
  return {
    fingerprint: primary.fingerprint,
    userIds: [...userIds.values()].map(({ bytes }) => textOf(bytes)),
    subkeys: [...subkeys.keys()],
  };
}

function translated<T>(code: KeyringProblem, where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownKeyVersion)
      throw new KeyringError('UnsupportedKeyVersion', where, error.message);
    if (error instanceof Refusal) throw new KeyringError(code, where, error.message);
    throw error;
  }
}

function secretKey(where: string): KeyringError {
  return new KeyringError(
    'SecretKey',
    where,
    'there is a secret key; give public keys (gpg --export --armor)',
  );
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
