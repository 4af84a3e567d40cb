/**
 * - `AllowedSigners`: the file of allowed signers.
 * - `RevokedKeys`: the list of revoked keys, as text or as a KRL.
 */
export type SignerFile = 'AllowedSigners' | 'RevokedKeys';

/**
 * A file that says whom to trust cannot be read as a whole. Nothing is verified with a part of it: a line that was
 * skipped could be the one that revokes. The message never repeats the line.
 */
export class SignerFileError extends Error {
  override readonly name = 'SignerFileError';
  readonly file: SignerFile;
  /** Counted from 1; 0 where the file has no lines (a binary KRL, or a file beyond its size). */
  readonly line: number;

  constructor(file: SignerFile, line: number, problem: string) {
    super(line === 0 ? problem : `line ${line}: ${problem}`);
    this.file = file;
    this.line = line;
  }
}
