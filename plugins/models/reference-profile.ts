import type { Attachment, Host, Resource } from '../../core/plugin.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import {
  checkReferenceProfile,
  type DeclaredProfile,
  declaredProfiles,
  mostProfileBytes,
  type Profile,
  ProfileError,
  type ProfileErrorCode,
  type ReferenceProfileClaim,
} from '../../libraries/profile/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import { hintFor } from './errors.ts';

/** A profile that a version of a dataset names, and its file. */
export interface NamedProfile extends Omit<DeclaredProfile, 'path'> {
  /** From the registry's root; undefined where it leads out of it. */
  readonly path: string | undefined;
  /** In the commit, where it is there. */
  readonly file: Attachment | undefined;
}

export function namedProfiles(dataset: Resource<DatasetSpec>): readonly NamedProfile[] {
  return declaredProfiles(dataset.spec).map((declared) => {
    const path = pathFromManifest(dataset, declared.path);
    const file = dataset.attachments.find((one) => one.path === path);
    return { ...declared, path, file };
  });
}

export interface ReadProfile {
  readonly profile: Profile;
  readonly text: string;
}

/** Reads a profile of the registry and holds it against its dataset. Throws `ProfileError`. */
export async function readNamedProfile(
  readBlob: Host['readBlob'],
  file: Attachment,
  claim: ReferenceProfileClaim,
  signal: AbortSignal,
): Promise<ReadProfile> {
  const most = mostProfileBytes(claim.columns.length);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of readBlob(file.blob)) {
    signal.throwIfAborted();
    pieces.push(piece);
    size += piece.byteLength;
    if (size > most) break;
  }
  const bytes = Buffer.concat(pieces);
  return { profile: checkReferenceProfile(bytes, claim), text: bytes.toString('utf8') };
}

export interface ProfileProblem {
  readonly code: 'AttachmentMissing' | ProfileErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** What is wrong with a profile that is named; undefined where nothing is. */
export async function profileProblem(
  readBlob: Host['readBlob'],
  { version, path, file, claim }: NamedProfile,
  signal: AbortSignal,
): Promise<ProfileProblem | undefined> {
  if (file === undefined) {
    const message = `the commit holds no file for the profile of the version ${version}`;
    return { code: 'AttachmentMissing', message, hint: 'Commit the file together with the manifest.' };
  }
  try {
    await readNamedProfile(readBlob, file, claim, signal);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof ProfileError)) throw thrown;
    return { code: thrown.code, message: `${path}: ${thrown.message}`, hint: hintFor(thrown.code) };
  }
}
