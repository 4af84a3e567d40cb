/**
 * What is wrong with an encrypted file. No message holds a value.
 * - `malformed`: it is no file that SOPS encrypted, or is damaged in its form.
 * - `tampered`: it is one, and was changed by somebody without its key.
 * - `noKey`: none of the identities opens it.
 * - `unsupported`: SOPS can do this and this library cannot.
 */
export type SopsProblem = 'malformed' | 'tampered' | 'noKey' | 'unsupported';

export class SopsError extends Error {
  override readonly name = 'SopsError';
  readonly problem: SopsProblem;

  constructor(problem: SopsProblem, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.problem = problem;
  }
}
