import type { ModelSigningProblem } from '../../libraries/model-signing/index.ts';

/** What whoever verifies does next. */
export const signatureHints = {
  ModelUnsigned:
    'Sign it with: switchyard sign PATH --key FILE; or name where its signature lies with --signature.',
  SignerUntrusted:
    'Where whoever signed is to be trusted, get their public key or authority from them, and name it with --public-key or --authority; else let somebody sign it who is.',
  SignatureWrong: 'Find out who changed the signature, and have the model signed anew with: switchyard sign.',
  OtherModel: 'Name the signature of this model with --signature, or sign this one with: switchyard sign.',
  BundleUnreadable:
    'Name the bundle that signing wrote with --signature, or sign anew with: switchyard sign.',
  KeylessSignature: 'Have it signed with a key or a certificate: switchyard sign.',
} satisfies Readonly<Record<ModelSigningProblem | 'ModelUnsigned', string>>;
