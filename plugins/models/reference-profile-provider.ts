import type {
  LoadedReferenceProfile,
  LoadReferenceProfile,
  ReferenceProfiles,
} from '../../core/capabilities/reference-profiles.ts';
import { type Host, type Resource, refOf } from '../../core/plugin.ts';
import { ProfileError } from '../../libraries/profile/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { referenceProfileMissing, referenceProfileRefused } from './errors.ts';
import { namedProfiles, readNamedProfile } from './reference-profile.ts';

/** Reads what the registry's datasets name as their profiles, each time anew: what is kept of one is for its user to say. */
export function referenceProfileProvider(readBlob: Host['readBlob']): ReferenceProfiles {
  return {
    async load(request) {
      const { dataset, version } = subjectOf(request);
      const found = request.find(refOf('Dataset', dataset)) as Resource<DatasetSpec> | undefined;
      const subject = `${dataset}@${version}`;
      if (found === undefined) throw referenceProfileMissing(subject, 'there is no such dataset');
      const where = found.origin.path;
      const named = namedProfiles(found).find((one) => one.version === version);
      if (named === undefined) {
        const isVersion = found.spec.versions.some((one) => one.version === version);
        throw referenceProfileMissing(
          subject,
          isVersion ? 'that version names no profile' : 'the dataset has no such version',
          where,
        );
      }
      const { file, claim } = named;
      if (file === undefined)
        throw referenceProfileMissing(subject, 'the commit holds no such file', named.path ?? where);
      try {
        const { text } = await readNamedProfile(readBlob, file, claim, request.signal);
        return {
          dataset,
          version,
          path: file.path,
          digest: claim.digest,
          profile: text,
        } satisfies LoadedReferenceProfile;
      } catch (thrown) {
        if (thrown instanceof ProfileError) throw referenceProfileRefused(subject, file.path, thrown);
        throw thrown;
      }
    },
  };
}

function subjectOf({ of, find }: LoadReferenceProfile): {
  readonly dataset: string;
  readonly version: string;
} {
  if ('dataset' in of) return of;
  const subject = `${of.model} ${of.version}`;
  const found = find(refOf('ModelVersion', of.version, of.model)) as Resource<ModelVersionSpec> | undefined;
  if (found === undefined) throw referenceProfileMissing(subject, 'there is no such version of a model');
  const trained = found.spec.lineage?.dataset;
  if (trained !== undefined) return { dataset: trained.name, version: trained.version };
  throw referenceProfileMissing(subject, 'its lineage names no dataset', found.origin.path);
}
