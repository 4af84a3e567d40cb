import type { ProposalCheck, ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import type { Host, Resource } from '../../../core/plugin.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import { namedProfiles, profileProblem } from '../reference-profile.ts';
import { type Complaint, verdictOf } from './verdict.ts';

/** Whether the profiles that datasets name are what was made of their data: drift is judged by them. */
export function referenceProfileCheck(readBlob: Host['readBlob']): ProposalCheck {
  return {
    title: 'Profiles of datasets are of their data',
    version: 1,

    concerns(subject) {
      const datasets = datasetsInQuestion(subject);
      if (datasets.length === 0) return undefined;
      return datasets.map(({ ref, digest }) => `${ref} ${digest}`).join('\n');
    },

    async run(subject, { signal }) {
      const complaints: Complaint[] = [];
      const names: string[] = [];
      for (const dataset of datasetsInQuestion(subject)) {
        for (const named of namedProfiles(dataset)) {
          names.push(`${dataset.metadata.name}@${named.version}`);
          const problem = await profileProblem(readBlob, named, signal);
          if (problem === undefined) continue;
          complaints.push({
            code: problem.code,
            resource: dataset,
            pointer: `/spec/versions/${named.index}/profile`,
            message: problem.message,
            hint: problem.hint,
          });
        }
      }
      return verdictOf(complaints, `${names.join(', ')}: made of the data of that version`);
    },
  };
}

/** Those that the proposal adds or changes, and that name a profile then. */
function datasetsInQuestion({ base, merged }: ProposalSubject): readonly Resource<DatasetSpec>[] {
  return [...merged.resources.values()].flatMap((resource) => {
    if (resource.kind !== 'Dataset' || base.resources.get(resource.ref)?.digest === resource.digest)
      return [];
    const dataset = resource as Resource<DatasetSpec>;
    return namedProfiles(dataset).length === 0 ? [] : [dataset];
  });
}
