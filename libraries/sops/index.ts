/**
 * Files whose values are encrypted one by one, in the format of SOPS (https://getsops.io), with keys of age: read, changed
 * and written without the `sops` program. Everything is done on texts; files and keys are the caller's.
 */
export { openDataKey, type RecipientGroups } from './data-key.ts';
export { type MergedPlaintext, mergePlaintexts, setText } from './edit-plaintext.ts';
export { SopsError, type SopsProblem } from './error.ts';
export { ageIdentities } from './identities.ts';
export type { KeyGroup, Metadata } from './metadata.ts';
export { type OpenedFile, type OpenedValue, openFile } from './open-file.ts';
export { type EncryptedFile, isEncryptedFile, readFile } from './read-file.ts';
export { defaultRule, encryptionOf, type Rule, ruleTypes } from './rules.ts';
export { recipientsOf, resealFile, rewrapFile, rotateFile, type SealOptions, sealFile } from './seal-file.ts';
export { type Format, nameOf, type Path } from './tree.ts';
