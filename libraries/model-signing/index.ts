/**
 * Signatures of models in the format of the OpenSSF (OMS): a Sigstore bundle around a DSSE envelope around an in-toto statement
 * that names the files of a model. Made and verified with keys and with certificates, without any server.
 */
export { readBundle } from './bundle.ts';
export { pemsIn, type TrustedAuthority } from './certificates.ts';
export { ModelSigningError, type ModelSigningProblem } from './error.ts';
export { hashFor, readSigningKey, type SigningKey, signStatement } from './signing.ts';
export type { SignedFile, Statement } from './statement.ts';
export {
  holdsPrivateKey,
  inspectArtifact,
  type SignedArtifact,
  type Trust,
  type TrustedKey,
  type TrustedText,
  type Verified,
  verifyArtifact,
  verifyBundle,
  whyUnusable,
} from './verifying.ts';
