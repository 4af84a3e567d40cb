import { createHash } from 'node:crypto';
import { type Profile, ProfileError, readProfile } from './profile.ts';

/** What is said of a stored profile by whoever names it. */
export interface ReferenceProfileClaim {
  /** SHA-256 of the stored file. */
  readonly digest: string;
  /** SHA-256 of the file of data that it is a profile of, and its rows. */
  readonly data: { readonly digest: string; readonly rows: number };
  /** The columns that the data is said to have. */
  readonly columns: readonly string[];
}

/** What a dataset declares, as far as profiles go. */
interface DeclaredDataset {
  readonly versions: readonly {
    readonly version: string;
    readonly digest: string;
    readonly rows: number;
    readonly profile?: { readonly path: string; readonly digest: string } | undefined;
  }[];
  readonly columns: readonly { readonly name: string }[];
}

/** A profile that a version of a dataset names. */
export interface DeclaredProfile {
  readonly version: string;
  /** Of the version among all. */
  readonly index: number;
  /** As it is written. */
  readonly path: string;
  readonly claim: ReferenceProfileClaim;
}

export function declaredProfiles({ versions, columns }: DeclaredDataset): readonly DeclaredProfile[] {
  const names = columns.map(({ name }) => name);
  return versions.flatMap(({ version, profile, digest, rows }, index) => {
    if (profile === undefined) return [];
    const claim = { digest: profile.digest, data: { digest, rows }, columns: names };
    return [{ version, index, path: profile.path, claim }];
  });
}

const mostColumnBytes = 16 * 1024;
/** For what stands around the columns: a condition may be long. */
const mostHeadBytes = 8 * 1024;

/** The most that a stored profile of so many columns may take. */
export function mostProfileBytes(columns: number): number {
  return mostHeadBytes + columns * mostColumnBytes;
}

/**
 * Reads a stored profile and holds it against what is said of it. Throws `ProfileError`: `ProfileTampered` for other bytes,
 * `ProfileOfOtherData`, `ProfileTooLarge`, or `ProfileUnusable` for what is no profile of a reference.
 */
export function checkReferenceProfile(bytes: Uint8Array, claim: ReferenceProfileClaim): Profile {
  const most = mostProfileBytes(claim.columns.length);
  if (bytes.byteLength > most)
    throw new ProfileError(`it has ${bytes.byteLength} bytes, and at most ${most} are 16 KB a column`, {
      code: 'ProfileTooLarge',
    });
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (text.startsWith('version https://git-lfs.github.com/spec/'))
    throw new ProfileError('it is a Git LFS pointer: commit the file itself');
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (found !== claim.digest)
    throw new ProfileError(`it is ${found}, and the manifest names ${claim.digest}`, {
      code: 'ProfileTampered',
    });
  const profile = readProfile(text);
  if (profile.reference !== undefined)
    throw new ProfileError('it is of a window, counted by the cells of another profile');
  requireOwnData(profile, claim);
  return profile;
}

function requireOwnData(profile: Profile, claim: ReferenceProfileClaim): void {
  const why = whyOfOtherData(profile, claim);
  if (why !== undefined) throw new ProfileError(why, { code: 'ProfileOfOtherData' });
}

function whyOfOtherData({ data, rows, columns }: Profile, claim: ReferenceProfileClaim): string | undefined {
  if (data === undefined) return 'it does not say which data it was made of';
  if (data.digest !== claim.data.digest)
    return `it was made of ${data.digest}, and the data of this version is ${claim.data.digest}`;
  if (rows > claim.data.rows || (data.where === undefined && rows !== claim.data.rows))
    return `it was made of ${rows} rows, and this version has ${claim.data.rows}`;
  const known = new Set(claim.columns);
  const stray = columns.find(({ name }) => !known.has(name));
  return stray && `it has the column ${JSON.stringify(stray.name)}, and the dataset has not`;
}
