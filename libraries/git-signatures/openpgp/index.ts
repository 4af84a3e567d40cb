export { KeyringError, type KeyringProblem } from './error.ts';
export type { KeyAlgorithm } from './key-material.ts';
export { type Keyring, type PublicKey, parseKeyring } from './keyring.ts';
export {
  type MessageQuestion,
  type ObjectQuestion,
  type Trust,
  type Verdict,
  type Verification,
  verifyCommit,
  verifyMessage,
  verifyTag,
} from './verify.ts';
