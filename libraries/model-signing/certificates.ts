import { type KeyObject, X509Certificate } from 'node:crypto';
import { type CertificateUse, certificateUse } from './der.ts';
import { ModelSigningError } from './error.ts';

/** A certificate that is trusted to say who may sign. */
export interface TrustedAuthority {
  /** PEM; of several, each is trusted. */
  readonly certificate: string;
  /** E-mail addresses, hosts and URIs of certificates that count. Absent: all that it has issued. */
  readonly signers?: readonly string[];
}

const longestPath = 8;
const codeSigning = '2b06010505070303';

interface Certificate {
  readonly x509: X509Certificate;
  readonly use: CertificateUse;
}

/**
 * The key of the certificate that signed, where a path of authorities leads from it to a trusted one. It is judged as of the
 * moment from which the certificate is valid, as the reference implementation does: a signature does not end with the
 * certificate. Throws `SignerUntrusted`.
 */
export function keyOfCertificate(
  chain: readonly Buffer[],
  authorities: readonly TrustedAuthority[],
): { readonly key: KeyObject; readonly signer: string } {
  const [leaf, ...others] = chain.map(read);
  if (leaf === undefined) throw untrusted('it names no certificate');
  const signer = leaf.use.names[0] ?? leaf.x509.subject.replaceAll('\n', ', ');
  const at = new Date(leaf.x509.validFrom);
  refuseUnusable(leaf);
  const { keyUsage, extendedKeyUsage } = leaf.use;
  if (keyUsage?.digitalSignature !== true && extendedKeyUsage?.includes(codeSigning) !== true)
    throw untrusted(`the certificate of ${signer} is not made for signing`);
  const roots = authorities.flatMap(({ certificate, signers }) =>
    pemsIn(certificate).map((pem) => ({ root: read(Buffer.from(new X509Certificate(pem).raw)), signers })),
  );
  const reached = roots.filter(({ root }) => leadsTo(leaf, root, others.slice(0, longestPath), at));
  if (reached.length === 0)
    throw untrusted(`no trusted authority stands behind the certificate of ${signer}`);
  const counts = reached.some(
    ({ signers }) => signers === undefined || signers.some((name) => leaf.use.names.includes(name)),
  );
  if (!counts) throw untrusted(`${signer} is not among the signers of that authority`);
  return { key: leaf.x509.publicKey, signer };
}

/**
 * Whether a certificate is that trusted one, or was issued by it, be it through others. It goes from all that can stand so many steps behind
 * who signed to all that can stand one further, since certificates of one name and key may all have issued each other.
 */
function leadsTo(one: Certificate, root: Certificate, others: readonly Certificate[], at: Date): boolean {
  let reached: readonly Certificate[] = [one];
  for (let between = 0; between <= others.length && reached.length > 0; between++) {
    if (reached.some((last) => last.x509.raw.equals(root.x509.raw) || issues(root, last, at, between)))
      return true;
    reached = others.filter((next) => reached.some((last) => issues(next, last, at, between)));
  }
  return false;
}

/** @param between How many authorities stand between this one and who signed. */
function issues(authority: Certificate, one: Certificate, at: Date, between: number): boolean {
  const { x509, use } = authority;
  if (!use.isAuthority || use.unknown.length > 0 || use.pathLength < between) return false;
  if (use.keyUsage !== undefined && !use.keyUsage.certificateSign) return false;
  if (new Date(x509.validFrom) > at || new Date(x509.validTo) < at) return false;
  return one.x509.checkIssued(x509) && one.x509.verify(x509.publicKey);
}

function refuseUnusable({ use, x509 }: Certificate): void {
  if (use.unknown.length === 0) return;
  throw untrusted(`the certificate of ${x509.subject} has conditions that are not understood here`);
}

function read(der: Buffer): Certificate {
  try {
    return { x509: new X509Certificate(der), use: certificateUse(der) };
  } catch (error) {
    throw new ModelSigningError('BundleUnreadable', 'one of its certificates cannot be read', error);
  }
}

/** Each certificate of a PEM text. */
export function pemsIn(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function untrusted(reason: string): ModelSigningError {
  return new ModelSigningError('SignerUntrusted', reason);
}
