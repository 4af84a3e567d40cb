/**
 * - `BundleUnreadable`: it is no bundle, or one of a form that is not known here.
 * - `KeylessSignature`: it was made with an identity and a transparency log, which can only be verified with their servers' keys.
 * - `SignerUntrusted`: it was made by a key or a certificate that is not among those that are trusted.
 * - `SignatureWrong`: it is not what the key that it names has signed.
 * - `OtherModel`: it is right, and of something else.
 */
export type ModelSigningProblem =
  | 'BundleUnreadable'
  | 'KeylessSignature'
  | 'SignerUntrusted'
  | 'SignatureWrong'
  | 'OtherModel';

export class ModelSigningError extends Error {
  override readonly name = 'ModelSigningError';
  readonly problem: ModelSigningProblem;

  constructor(problem: ModelSigningProblem, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.problem = problem;
  }
}
