import { createHash } from 'node:crypto';
import { bad, quoted, unsupported } from '../refusal.ts';
import { decodeBase64 } from './base64.ts';
import { WireReader, wireString } from './wire.ts';

/** A signature in the format of PROTOCOL.sshsig, read and not yet verified. */
export interface SshSignature {
  readonly publicKey: Buffer;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly signature: Buffer;
}

/** The largest armored signature that is read, in bytes: a certificate of the largest RSA key is a fifth of it. */
export const maxArmorBytes = 64 * 1024;

const magic = 'SSHSIG';
const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';

/**
 * Reads an armored signature (PROTOCOL.sshsig, sections 1 and 2): one block with nothing around it, canonical base64
 * in lines, version 1, no trailing bytes. The reserved field is ignored, as the specification asks.
 */
export function readSshSignature(armor: Buffer): SshSignature {
  const reader = new WireReader(dearmor(armor), 'the SSH signature');
  if (reader.bytes(magic.length).toString('latin1') !== magic)
    throw bad('the SSH signature lacks its preamble');
  const version = reader.uint32();
  if (version !== 1) throw unsupported(`SSH signatures of version ${version} are not supported`);
  const publicKey = reader.string();
  const namespace = reader.text();
  if (namespace === '') throw bad('the SSH signature has an empty namespace');
  reader.string(); // reserved
  const hash = reader.text();
  const signature = reader.string();
  reader.end();
  if (hash !== 'sha256' && hash !== 'sha512') throw unsupported(`the hash ${quoted(hash)} is not supported`);
  return { publicKey, namespace, hash, signature };
}

/** What the key signs (PROTOCOL.sshsig, section 3): the message's digest, bound to namespace and hash. */
export function signedData(namespace: string, hash: 'sha256' | 'sha512', message: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(magic),
    wireString(namespace),
    wireString(''),
    wireString(hash),
    wireString(createHash(hash).update(message).digest()),
  ]);
}

function dearmor(armor: Buffer): Buffer {
  if (armor.length > maxArmorBytes) throw bad(`the signature is larger than ${maxArmorBytes} bytes`);
  const lines = armor.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines[0] !== begin) throw bad(`the signature does not begin with the line '${begin}'`);
  if (lines.at(-1) !== end) throw bad(`the signature does not end with the line '${end}'`);
  const blob = decodeBase64(lines.slice(1, -1).join(''));
  if (blob === undefined) throw bad('the signature is not canonical base64');
  return blob;
}
