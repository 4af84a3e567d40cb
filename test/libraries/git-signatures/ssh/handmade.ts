import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Keys and signatures that ssh-keygen makes only with hardware, or never. Written from the specifications alone. */
export interface HandmadeKey {
  readonly blob: Buffer;
  readonly line: string;
  sign(data: Buffer): Buffer;
}

export function string(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export function mpint(bytes: Uint8Array): Buffer {
  let number = Buffer.from(bytes);
  while (number.length > 0 && number[0] === 0) number = number.subarray(1);
  return string((number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), number]) : number);
}

export function armored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

export interface SignatureWishes {
  readonly namespace?: string;
  readonly hash?: string;
  readonly reserved?: string;
  readonly version?: number;
  readonly trailing?: string;
}

/** An SSHSIG of `message`, sections 2 and 3 of PROTOCOL.sshsig. */
export function signMessage(key: HandmadeKey, message: Buffer, wishes: SignatureWishes = {}): string {
  const { namespace = 'git', hash = 'sha512', reserved = '', version = 1, trailing = '' } = wishes;
  const digest = createHash(hash).update(message).digest();
  const data = Buffer.concat([
    Buffer.from('SSHSIG'),
    string(namespace),
    string(''),
    string(hash),
    string(digest),
  ]);
  return armored(
    Buffer.concat([
      Buffer.from('SSHSIG'),
      uint32(version),
      string(key.blob),
      ...[namespace, reserved, hash].map(string),
      string(key.sign(data)),
      Buffer.from(trailing),
    ]),
  );
}

export interface SecurityKeyWishes {
  readonly application?: string;
  readonly flags?: number;
  readonly counter?: number;
  /** What the authenticator believes the application to be. */
  readonly assertedApplication?: string;
}

export function ed25519SecurityKey(wishes: SecurityKeyWishes = {}): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const type = 'sk-ssh-ed25519@openssh.com';
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  const { application = 'ssh:', assertedApplication = application } = wishes;
  return handmade(Buffer.concat([string(type), string(point), string(application)]), (data) => {
    const { asserted, tail } = assertion(data, assertedApplication, wishes);
    return Buffer.concat([string(type), string(sign(null, asserted, privateKey)), tail]);
  });
}

export function ecdsaSecurityKey(wishes: SecurityKeyWishes = {}): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
  const { application = 'ssh:', assertedApplication = application } = wishes;
  const blob = Buffer.concat([
    string(type),
    string('nistp256'),
    string(point(publicKey)),
    string(application),
  ]);
  return handmade(blob, (data) => {
    const { asserted, tail } = assertion(data, assertedApplication, wishes);
    const raw = sign('sha256', asserted, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const numbers = Buffer.concat([mpint(raw.subarray(0, 32)), mpint(raw.subarray(32))]);
    return Buffer.concat([string(type), string(numbers), tail]);
  });
}

/** RSA with any algorithm's name and hash. */
export function rsaKey(algorithm: string, hash: string, bits = 2048): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const { n, e } = publicKey.export({ format: 'jwk' });
  const numbers = [e, n].map((number) => mpint(Buffer.from(number as string, 'base64url')));
  return handmade(Buffer.concat([string('ssh-rsa'), ...numbers]), (data) =>
    Buffer.concat([string(algorithm), string(sign(hash, data, privateKey))]),
  );
}

export function ed25519Key(): HandmadeKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicPoint = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  return handmade(Buffer.concat([string('ssh-ed25519'), string(publicPoint)]), (data) =>
    Buffer.concat([string('ssh-ed25519'), string(sign(null, data, privateKey))]),
  );
}

export interface HandmadeCertificate {
  readonly principals?: readonly string[];
  readonly criticalOptions?: Readonly<Record<string, string>>;
  readonly role?: number;
  readonly serial?: bigint;
  readonly trailing?: string;
}

/** A certificate for an Ed25519 or security key (PROTOCOL.certkeys), which signs as the key does. */
export function certify(
  authority: HandmadeKey,
  key: HandmadeKey,
  wishes: HandmadeCertificate = {},
): HandmadeKey {
  const typeLength = key.blob.readUInt32BE();
  const type = key.blob.toString('latin1', 4, 4 + typeLength);
  const certificateType = `${type.replace('@openssh.com', '')}-cert-v01@openssh.com`;
  const options = Object.entries(wishes.criticalOptions ?? {}).map(([name, value]) =>
    Buffer.concat([string(name), string(value === '' ? '' : string(value))]),
  );
  const signed = Buffer.concat([
    string(certificateType),
    string('a nonce'),
    key.blob.subarray(4 + typeLength),
    uint64(wishes.serial ?? 1n),
    uint32(wishes.role ?? 1),
    string('an id'),
    string(Buffer.concat((wishes.principals ?? ['alice@example.com']).map(string))),
    uint64(0n),
    uint64(0xffffffffffffffffn),
    string(Buffer.concat(options)),
    string(''),
    string(''),
    string(authority.blob),
  ]);
  const blob = Buffer.concat([signed, string(authority.sign(signed)), Buffer.from(wishes.trailing ?? '')]);
  return handmade(blob, key.sign);
}

function assertion(
  data: Buffer,
  application: string,
  wishes: SecurityKeyWishes,
): { asserted: Buffer; tail: Buffer } {
  const tail = Buffer.concat([Buffer.from([wishes.flags ?? 1]), uint32(wishes.counter ?? 7)]);
  return { asserted: Buffer.concat([sha256(application), tail, sha256(data)]), tail };
}

function sha256(content: Buffer | string): Buffer {
  return createHash('sha256').update(content).digest();
}

function point(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' });
  return Buffer.concat([Buffer.from([4]), ...[x, y].map((part) => Buffer.from(part as string, 'base64url'))]);
}

function handmade(blob: Buffer, signData: (data: Buffer) => Buffer): HandmadeKey {
  const type = blob.toString('latin1', 4, 4 + blob.readUInt32BE());
  return { blob, line: `${type} ${blob.toString('base64')}`, sign: signData };
}
