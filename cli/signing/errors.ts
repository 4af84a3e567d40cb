import { messageOf, SwitchyardError } from '../../core/errors.ts';

/** A model that is to be signed or verified cannot be read. */
export function modelUnreadable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('ModelUnreadable', `the model cannot be read: ${messageOf(cause)}`, {
    where: path,
    hint: 'Name a file, or a folder of files that this user may read.',
    cause,
  });
}

/** A key or a certificate that was named cannot be used. */
export function keyUnusable(path: string, what: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('KeyUnusable', `the ${what} cannot be used: ${messageOf(cause)}`, {
    where: path,
    hint: 'Keys and certificates are in PEM, keys are ECDSA on P-256, P-384 or P-521; see `switchyard help sign`.',
    cause,
  });
}

/** A signature that was named, or that lies beside the model, cannot be read. */
export function signatureUnreadable(path: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('SignatureUnreadable', `the signature cannot be read: ${messageOf(cause)}`, {
    where: path,
    hint: 'Name a bundle that this user may read with --signature; `switchyard sign` writes one.',
    cause,
  });
}

/** A private key was given where only a public one is needed: whoever verifies should not have it. */
export function privateKeyGiven(path: string, what: string): SwitchyardError {
  const publish =
    what === 'authority' ? 'the certificates alone' : 'what `openssl ec -in KEY -pubout -out KEY.pub` writes';
  return new SwitchyardError('KeyUnusable', `the ${what} cannot be used: the file holds a private key`, {
    where: path,
    hint: `Give ${publish}; the private key stays with whoever signs, and one that was handed out is to be replaced.`,
  });
}
