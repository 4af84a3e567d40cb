/**
 * - `KeyringTooLarge`: it has more bytes, packets or signatures than are read.
 * - `NoPublicKey`: the text holds something else than armored public keys.
 * - `SecretKey`: it holds a secret key. Nothing more of it was read.
 * - `MalformedArmor`, `MalformedPacket`, `MalformedKey`: it is damaged, or not as RFC 9580 says.
 * - `UnsupportedKeyVersion`: a key that is neither of version 4 nor of version 6.
 * - `RevocationWithoutKey`: it revokes a key that is not in it.
 */
export type KeyringProblem =
  | 'KeyringTooLarge'
  | 'NoPublicKey'
  | 'SecretKey'
  | 'MalformedArmor'
  | 'MalformedPacket'
  | 'MalformedKey'
  | 'UnsupportedKeyVersion'
  | 'RevocationWithoutKey';

/**
 * A keyring cannot be read as a whole. Nothing is verified with a part of it: the part that was skipped could be the
 * one that revokes. The message never repeats what is in the keyring.
 */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
  readonly code: KeyringProblem;
  /** Such as `line 12` or `block 2, byte 301`. */
  readonly where: string;

  constructor(code: KeyringProblem, where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.code = code;
    this.where = where;
  }
}
