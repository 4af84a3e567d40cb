import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Keys and signatures that gpg makes only with other versions, or never. Written from RFC 9580 alone. */
export interface HandmadeKey {
  readonly version: 4 | 6;
  readonly algorithm: number;
  /** The body of its packet. */
  readonly body: Buffer;
  readonly fingerprint: string;
  /** The part of a signature that depends on the algorithm. */
  sign(data: Buffer, digest: Buffer, hash: string): Buffer;
}

export interface KeyWishes {
  readonly version?: 4 | 6;
  readonly at?: number;
}

export interface SignatureWishes {
  /** When it was made; undefined leaves the subpacket out. */
  readonly at?: number | undefined;
  readonly hash?: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sha3-256' | 'sha3-512';
  /** More subpackets in the hashed area. */
  readonly hashed?: readonly Buffer[];
  readonly unhashed?: readonly Buffer[];
  /** Whom it names; the signer unless said otherwise. */
  readonly issuer?: Buffer | 'none';
  readonly saltSize?: number;
}

const hashes = {
  sha1: [2, 0],
  sha224: [11, 16],
  sha256: [8, 16],
  sha384: [9, 24],
  sha512: [10, 32],
  'sha3-256': [12, 16],
  'sha3-512': [14, 32],
} as const;

/** 2024-01-01, when these keys are made, and 2024-07-01 12:00, when they sign. */
const newYear = Date.UTC(2024, 0, 1) / 1000;
const noon = Date.UTC(2024, 6, 1, 12) / 1000;

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

export function mpi(bytes: Uint8Array): Buffer {
  let number = Buffer.from(bytes);
  while (number.length > 0 && number[0] === 0) number = number.subarray(1);
  const bits = number.length === 0 ? 0 : number.length * 8 - Math.clz32(number[0] as number) + 24;
  return Buffer.concat([uint16(bits), number]);
}

export function packet(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc0 | type, 0xff]), uint32(body.length), body]);
}

export function subpacket(type: number, body: Uint8Array, isCritical = false): Buffer {
  const length = body.length + 1;
  const header = length < 192 ? Buffer.from([length]) : Buffer.concat([Buffer.from([255]), uint32(length)]);
  return Buffer.concat([header, Buffer.from([type | (isCritical ? 0x80 : 0)]), body]);
}

export function armored(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  const sum = checksum(content).toString('base64');
  return `-----BEGIN PGP ${label}-----\n\n${lines.join('\n')}\n=${sum}\n-----END PGP ${label}-----\n`;
}

/** CRC-24, bit by bit as RFC 9580 tells it; gpg reads no armor without. */
function checksum(content: Buffer): Buffer {
  let crc = 0xb704ce;
  for (const byte of content) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x800000) === 0 ? crc << 1 : ((crc << 1) ^ 0x864cfb) & 0xffffff;
  }
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(crc & 0xffffff, 0, 3);
  return bytes;
}

function jwkPart(key: KeyObject, name: 'x' | 'y' | 'n' | 'e'): Buffer {
  return Buffer.from(key.export({ format: 'jwk' })[name] as string, 'base64url');
}

function key(
  algorithm: number,
  material: Buffer,
  wishes: KeyWishes,
  signer: HandmadeKey['sign'],
): HandmadeKey {
  const { version = 4, at = newYear } = wishes;
  const length = version === 6 ? uint32(material.length) : Buffer.alloc(0);
  const body = Buffer.concat([
    Buffer.from([version]),
    uint32(at),
    Buffer.from([algorithm]),
    length,
    material,
  ]);
  const digest = createHash(version === 4 ? 'sha1' : 'sha256').update(hashedKey({ version, body }));
  return { version, algorithm, body, fingerprint: digest.digest('hex').toUpperCase(), sign: signer };
}

export function ed25519Key(wishes: KeyWishes = {}): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return key(27, jwkPart(publicKey, 'x'), wishes, (_data, digest) => sign(null, digest, privateKey));
}

export function ed448Key(wishes: KeyWishes = {}): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed448');
  return key(28, jwkPart(publicKey, 'x'), wishes, (_data, digest) => sign(null, digest, privateKey));
}

export function ed25519LegacyKey(wishes: KeyWishes = {}): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const point = Buffer.concat([Buffer.from([0x40]), jwkPart(publicKey, 'x')]);
  const material = Buffer.concat([Buffer.from('092b06010401da470f01', 'hex'), mpi(point)]);
  return key(22, material, wishes, (_data, digest) => {
    const raw = sign(null, digest, privateKey);
    return Buffer.concat([mpi(raw.subarray(0, 32)), mpi(raw.subarray(32))]);
  });
}

const curveIds = { 'P-256': '082a8648ce3d030107', 'P-384': '052b81040022', 'P-521': '052b81040023' };

export function ecdsaKey(curve: keyof typeof curveIds, wishes: KeyWishes = {}): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const point = Buffer.concat([Buffer.from([4]), jwkPart(publicKey, 'x'), jwkPart(publicKey, 'y')]);
  const material = Buffer.concat([Buffer.from(curveIds[curve], 'hex'), mpi(point)]);
  return key(19, material, wishes, (data, _digest, hash) => {
    const raw = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return Buffer.concat([mpi(raw.subarray(0, raw.length / 2)), mpi(raw.subarray(raw.length / 2))]);
  });
}

export function rsaKey(bits = 2048, wishes: KeyWishes = {}): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const material = Buffer.concat([mpi(jwkPart(publicKey, 'n')), mpi(jwkPart(publicKey, 'e'))]);
  return key(1, material, wishes, (data, _digest, hash) => mpi(sign(hash, data, privateKey)));
}

/** A key as it is hashed in signatures about it. */
export function hashedKey({ version, body }: Pick<HandmadeKey, 'version' | 'body'>): Buffer {
  return version === 4
    ? Buffer.concat([Buffer.from([0x99]), uint16(body.length), body])
    : Buffer.concat([Buffer.from([0x9b]), uint32(body.length), body]);
}

export function hashedUserId(userId: string): Buffer {
  const bytes = Buffer.from(userId);
  return Buffer.concat([Buffer.from([0xb4]), uint32(bytes.length), bytes]);
}

export function issuerFingerprint(signer: HandmadeKey): Buffer {
  return subpacket(
    33,
    Buffer.concat([Buffer.from([signer.version]), Buffer.from(signer.fingerprint, 'hex')]),
  );
}

export function issuerKeyId(signer: HandmadeKey): Buffer {
  return subpacket(16, Buffer.from(signer.fingerprint.slice(24), 'hex'));
}

/** The body of a signature packet of the type about `signed`. */
export function signature(
  signer: HandmadeKey,
  type: number,
  signed: Buffer,
  wishes: SignatureWishes = {},
): Buffer {
  const { hash = 'sha512', hashed = [], unhashed = [], issuer = issuerFingerprint(signer) } = wishes;
  // gpg finds signers by their key ids alone; version 6 has them no more.
  const keyId = signer.version === 4 && wishes.issuer === undefined ? [issuerKeyId(signer)] : [];
  const at = 'at' in wishes ? wishes.at : noon;
  const [hashId, saltSize] = hashes[hash];
  const area = Buffer.concat([
    ...(at === undefined ? [] : [subpacket(2, uint32(at))]),
    ...(issuer === 'none' ? [] : [issuer]),
    ...hashed,
  ]);
  const unhashedArea = Buffer.concat([...keyId, ...unhashed]);
  const count = (length: number) => (signer.version === 4 ? uint16(length) : uint32(length));
  const own = Buffer.concat([
    Buffer.from([signer.version, type, signer.algorithm, hashId]),
    count(area.length),
    area,
  ]);
  const salt = signer.version === 6 ? Buffer.alloc(wishes.saltSize ?? saltSize, 7) : Buffer.alloc(0);
  const data = Buffer.concat([salt, signed, own, Buffer.from([signer.version, 0xff]), uint32(own.length)]);
  const digest = createHash(hash).update(data).digest();
  return Buffer.concat([
    own,
    count(unhashedArea.length),
    unhashedArea,
    digest.subarray(0, 2),
    signer.version === 6 ? Buffer.concat([Buffer.from([salt.length]), salt]) : salt,
    signer.sign(data, digest, hash),
  ]);
}

/** The armored signature of a message. */
export function signMessage(
  signer: HandmadeKey,
  message: Buffer,
  wishes: SignatureWishes = {},
  type = 0,
): string {
  return armored('SIGNATURE', packet(2, signature(signer, type, message, wishes)));
}

export const flags = {
  certify: subpacket(27, Buffer.from([1])),
  sign: subpacket(27, Buffer.from([2])),
  certifyAndSign: subpacket(27, Buffer.from([3])),
  encrypt: subpacket(27, Buffer.from([12])),
};

/** Seconds after the key's creation. */
export function keyExpires(seconds: number): Buffer {
  return subpacket(9, uint32(seconds));
}

export function reason(code: number): Buffer {
  return subpacket(29, Buffer.concat([Buffer.from([code]), Buffer.from('a reason')]));
}

/** The packets of a certificate, to be put together as a test wants them. */
export class Certifier {
  readonly primary: HandmadeKey;
  constructor(primary: HandmadeKey) {
    this.primary = primary;
  }

  get key(): Buffer {
    return packet(6, this.primary.body);
  }

  userId(text: string): Buffer {
    return packet(13, Buffer.from(text));
  }

  /** A self-signature of a user id; by 2024-01-01, for certifying and signing, unless said otherwise. */
  certification(userId: string, wishes: SignatureWishes = {}, type = 0x13): Buffer {
    return this.#about(type, hashedUserId(userId), wishes, [flags.certifyAndSign]);
  }

  directKey(wishes: SignatureWishes = {}): Buffer {
    return this.#about(0x1f, Buffer.alloc(0), wishes, [flags.certifyAndSign]);
  }

  subkey(subkey: HandmadeKey): Buffer {
    return packet(14, subkey.body);
  }

  /** The binding of a subkey that may sign, with its back signature unless `back` is another or none. */
  binding(
    subkey: HandmadeKey,
    wishes: SignatureWishes = {},
    back: Buffer | 'none' = this.back(subkey),
  ): Buffer {
    const embedded = back === 'none' ? [] : [subpacket(32, back)];
    const unhashed = [...(wishes.unhashed ?? []), ...embedded];
    return this.#about(0x18, hashedKey(subkey), { ...wishes, unhashed }, [flags.sign]);
  }

  back(subkey: HandmadeKey, wishes: SignatureWishes = {}): Buffer {
    const signed = Buffer.concat([hashedKey(this.primary), hashedKey(subkey)]);
    return signature(subkey, 0x19, signed, { at: newYear, ...wishes });
  }

  revocation(wishes: SignatureWishes = {}, by = this.primary): Buffer {
    return packet(2, signature(by, 0x20, hashedKey(this.primary), wishes));
  }

  subkeyRevocation(subkey: HandmadeKey, wishes: SignatureWishes = {}): Buffer {
    return this.#about(0x28, hashedKey(subkey), { hashed: [], at: noon, ...wishes }, []);
  }

  userIdRevocation(userId: string, wishes: SignatureWishes = {}): Buffer {
    return this.#about(0x30, hashedUserId(userId), { hashed: [], at: noon, ...wishes }, []);
  }

  #about(type: number, what: Buffer, wishes: SignatureWishes, usual: readonly Buffer[]): Buffer {
    const signed = Buffer.concat([hashedKey(this.primary), what]);
    return packet(2, signature(this.primary, type, signed, { at: newYear, hashed: usual, ...wishes }));
  }
}

/** A whole certificate with one user id, that signs with its primary key. */
export function certificate(primary: HandmadeKey, userId = 'Alice <alice@example.com>'): Buffer {
  const certifier = new Certifier(primary);
  return Buffer.concat([certifier.key, certifier.userId(userId), certifier.certification(userId)]);
}

export function publicKeys(...packets: readonly Buffer[]): string {
  return armored('PUBLIC KEY BLOCK', Buffer.concat(packets));
}
