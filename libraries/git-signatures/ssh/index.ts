export { type AllowedSigner, type AllowedSigners, parseAllowedSigners } from './allowed-signers.ts';
export { SignerFileError } from './error.ts';
export type { KeyType } from './key-material.ts';
export { matchesPatternList } from './pattern-list.ts';
export { parseRevokedKeys, type RevokedKeys } from './revoked-keys.ts';
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
