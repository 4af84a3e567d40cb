/** A Sigstore bundle (v0.3) around a DSSE envelope: how a signature lies on disk. */
import { ModelSigningError } from './error.ts';
import { payloadType, record, unreadable } from './statement.ts';

const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

export interface Bundle {
  readonly payload: Buffer;
  readonly signature: Buffer;
  readonly signer:
    | {
        /** SHA-256 of the public key's PEM; empty in bundles of early releases. */
        readonly keyHint: string;
      }
    | {
        /** DER, the one that signed first. */
        readonly certificates: readonly Buffer[];
      };
}

export function writeBundle({ payload, signature, signer }: Bundle): string {
  const material =
    'keyHint' in signer
      ? { publicKey: { hint: signer.keyHint } }
      : {
          x509CertificateChain: {
            certificates: signer.certificates.map((der) => ({ rawBytes: der.toString('base64') })),
          },
        };
  const bundle = {
    mediaType,
    verificationMaterial: { ...material, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  };
  return `${JSON.stringify(bundle)}\n`;
}

/** Takes a bundle apart, and verifies nothing. Throws `ModelSigningError`. */
export function readBundle(text: string): Bundle {
  const bundle = record(parsed(text));
  if (bundle.mediaType !== mediaType) throw unreadable('it is no Sigstore bundle of version 0.3');
  const { payload, payloadType: type, signatures } = record(bundle.dsseEnvelope);
  if (type !== payloadType) throw unreadable('it signs something else than an in-toto statement');
  if (!Array.isArray(signatures) || signatures.length !== 1)
    throw unreadable('it has not exactly one signature');
  return {
    payload: bytesIn(payload, 'payload'),
    signature: bytesIn(record(signatures[0]).sig, 'signature'),
    signer: signerIn(record(bundle.verificationMaterial)),
  };
}

function signerIn(material: Readonly<Record<string, unknown>>): Bundle['signer'] {
  const { publicKey, x509CertificateChain: chain, certificate, tlogEntries } = material;
  const isLogged = Array.isArray(tlogEntries) && tlogEntries.length > 0;
  if (certificate !== undefined || isLogged) {
    throw new ModelSigningError(
      'KeylessSignature',
      'it was signed without a key of its own (keyless, by an identity and the log of Sigstore), which cannot be verified here',
    );
  }
  if (publicKey !== undefined) {
    const { hint } = record(publicKey);
    return { keyHint: typeof hint === 'string' ? hint : '' };
  }
  const { certificates } = record(chain);
  if (!Array.isArray(certificates) || certificates.length === 0)
    throw unreadable('it names neither a key nor a certificate');
  return { certificates: certificates.map((one) => bytesIn(record(one).rawBytes, 'certificate')) };
}

function bytesIn(value: unknown, what: string): Buffer {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(value))
    throw unreadable(`its ${what} is no base64`);
  return Buffer.from(value, 'base64');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable('it is no JSON');
  }
}

/** The bytes that a DSSE signature is over: type and payload with their lengths, so that neither can pass for the other. */
export function preAuthEncoding(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
