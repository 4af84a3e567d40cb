import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { preAuthEncoding, readBundle } from './bundle.ts';
import { keyOfCertificate, pemsIn, type TrustedAuthority } from './certificates.ts';
import { ModelSigningError } from './error.ts';
import { hashFor, keyHint } from './signing.ts';
import { readStatement, type Statement } from './statement.ts';

export interface TrustedKey {
  /** For people. */
  readonly name: string;
  /** PEM. */
  readonly publicKey: string;
}

/** Whose signatures count. */
export interface Trust {
  readonly keys?: readonly TrustedKey[];
  readonly authorities?: readonly TrustedAuthority[];
}

export interface Verified {
  readonly statement: Statement;
  /** For people: the name of the key, or who the certificate is for. */
  readonly signer: string;
}

/** Verifies that somebody trusted signed, and gives what they signed. Throws `ModelSigningError`. */
export function verifyBundle(text: string, { keys = [], authorities = [] }: Trust): Verified {
  const { payload, signature, signer } = readBundle(text);
  const found =
    'keyHint' in signer
      ? keysMeant(signer.keyHint, keys)
      : [keyOfCertificate(signer.certificates, authorities)];
  const signed = preAuthEncoding(payload);
  const right = found.find(({ key }) => {
    const hash = hashFor(key);
    return hash !== undefined && verify(hash, signed, { key, dsaEncoding: 'der' }, signature);
  });
  if (right === undefined) {
    const whose = found.map((one) => one.signer).join(', ');
    throw new ModelSigningError('SignatureWrong', `it is not what ${whose} signed`);
  }
  return { statement: readStatement(payload), signer: right.signer };
}

/** The trusted keys that a bundle may mean: those that it names, or all where it names none. */
function keysMeant(
  hint: string,
  keys: readonly TrustedKey[],
): { readonly key: KeyObject; readonly signer: string }[] {
  const known = keys.map(({ name, publicKey }) => ({ key: createPublicKey(publicKey), signer: name }));
  const meant = hint === '' ? known : known.filter(({ key }) => keyHint(key) === hint);
  if (meant.length > 0) return meant;
  throw new ModelSigningError(
    'SignerUntrusted',
    hint === ''
      ? 'no key is trusted'
      : `it was signed by the key ${hint.replaceAll(/[^0-9a-f]/g, '').slice(0, 16)}…, which is not trusted`,
  );
}

export interface SignedArtifact {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  /** Which file of the signed folder it is. Absent: the bundle is of this one file. */
  readonly path?: string | undefined;
}

/** The same, and that it is this artifact. */
export function verifyArtifact(text: string, { digest, path }: SignedArtifact, trust: Trust): Verified {
  const verified = verifyBundle(text, trust);
  demand(verified.statement, { digest, path });
  return verified;
}

/** Whether a bundle is of this artifact, whoever signed it. Throws `ModelSigningError`; what it says is not verified. */
export function inspectArtifact(text: string, artifact: SignedArtifact): void {
  demand(readStatement(readBundle(text).payload), artifact);
}

function demand({ files, hash }: Statement, { digest, path }: SignedArtifact): void {
  if (hash !== 'sha256') throw other(`its files are hashed with ${hash}, and manifests declare SHA-256`);
  if (path === undefined && files.length !== 1)
    throw other(`it is of ${files.length} files: say which one is meant`);
  const file = path === undefined ? files[0] : files.find(({ name }) => name === path);
  if (file === undefined) throw other('it names no file of that path');
  if (`sha256:${file.digest}` !== digest) throw other(`it is of sha256:${file.digest}, not of ${digest}`);
}

function other(reason: string): ModelSigningError {
  return new ModelSigningError('OtherModel', reason);
}

/** A PEM text of whom is to be trusted. */
export type TrustedText = { readonly publicKey: string } | { readonly certificate: string };

/** Whether a private key is in it, locked or not. Node would take the public half of one, and whoever verifies should not have it. */
export function holdsPrivateKey(trusted: TrustedText): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(
    'publicKey' in trusted ? trusted.publicKey : trusted.certificate,
  );
}

/** Why a trusted key or authority cannot be used; undefined where it can. */
export function whyUnusable(trusted: TrustedText): string | undefined {
  if (holdsPrivateKey(trusted)) return 'it holds a private key';
  try {
    if ('publicKey' in trusted) {
      return hashFor(createPublicKey(trusted.publicKey)) === undefined
        ? 'it is no ECDSA key on P-256, P-384 or P-521'
        : undefined;
    }
    const pems = pemsIn(trusted.certificate);
    for (const pem of pems) new X509Certificate(pem);
    return pems.length === 0 ? 'it holds no certificate' : undefined;
  } catch {
    return 'it is no PEM';
  }
}
