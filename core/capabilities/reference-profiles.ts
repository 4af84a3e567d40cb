import { defineCapability, type Ref, type Resource } from '../plugin.ts';

/** What current data is compared with: the profiles of datasets that are committed to the registry. */
export interface ReferenceProfiles {
  /**
   * Reads the profile that a version of a dataset names, and verifies it: its bytes, its own digest, the data it was made of.
   * Throws `ReferenceProfileMissing` where none is named, or `ProfileTampered`, `ProfileOfOtherData`, `ProfileTooLarge` or
   * `ProfileUnusable`: trying again helps with none of them.
   */
  load(request: LoadReferenceProfile): Promise<LoadedReferenceProfile>;
}

export interface LoadReferenceProfile {
  /** A version of a dataset, or the version of a model: then what its lineage says that it was trained on. */
  readonly of: ReferenceSubject;
  /** Where resources are looked up: `related.get` of a controller that declared the references, or all of a commit. */
  readonly find: (ref: Ref) => Resource | undefined;
  readonly signal: AbortSignal;
}

export type ReferenceSubject =
  | { readonly dataset: string; readonly version: string }
  | { readonly model: string; readonly version: string };

export interface LoadedReferenceProfile {
  readonly dataset: string;
  readonly version: string;
  /** In the registry. */
  readonly path: string;
  /** SHA-256 of the stored file: the same digest, the same profile. */
  readonly digest: string;
  /** As `libraries/profile` writes it. */
  readonly profile: string;
}

export const referenceProfiles = defineCapability<ReferenceProfiles>('reference-profiles');
