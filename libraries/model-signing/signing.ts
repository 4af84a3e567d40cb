import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';
import { preAuthEncoding, writeBundle } from './bundle.ts';
import { pemsIn } from './certificates.ts';
import { type Statement, writeStatement } from './statement.ts';

export interface SigningKey {
  readonly key: KeyObject;
  /** PEM: the certificate of that key, then those that lead to an authority. Without it, the key itself is to be trusted. */
  readonly certificates?: string;
}

const hashes: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

/** The hash that a key signs with; undefined for a key that the format has no place for. */
export function hashFor(key: KeyObject): string | undefined {
  return hashes[key.asymmetricKeyDetails?.namedCurve ?? ''];
}

/** How a bundle names a key. */
export function keyHint(key: KeyObject): string {
  const pem = createPublicKey(key.export({ type: 'spki', format: 'pem' })).export({
    type: 'spki',
    format: 'pem',
  });
  return createHash('sha256').update(pem).digest('hex');
}

/** Reads a private key in PEM. Throws where it is none, where its password is wrong, or where it is of a kind that does not fit. */
export function readSigningKey(pem: string, password?: string, certificates?: string): SigningKey {
  const key = createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) });
  if (hashFor(key) === undefined) throw new Error('it is no ECDSA key on P-256, P-384 or P-521');
  if (certificates === undefined) return { key };
  const [own] = pemsIn(certificates);
  if (own === undefined || !new X509Certificate(own).checkPrivateKey(key))
    throw new Error('the certificate is not of that key');
  return { key, certificates };
}

/** Signs a statement; gives the text of the bundle. */
export function signStatement(statement: Statement, { key, certificates }: SigningKey): string {
  const payload = writeStatement(statement);
  const signature = sign(hashFor(key), preAuthEncoding(payload), { key, dsaEncoding: 'der' });
  const signer =
    certificates === undefined
      ? { keyHint: keyHint(createPublicKey(key)) }
      : { certificates: pemsIn(certificates).map((pem) => Buffer.from(new X509Certificate(pem).raw)) };
  return writeBundle({ payload, signature, signer });
}
