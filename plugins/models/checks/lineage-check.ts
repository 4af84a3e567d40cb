import type { ProposalCheck } from '../../../core/capabilities/proposal-check.ts';
import { versionsInQuestion } from '../../../core/capabilities/proposed-versions.ts';
import { type Resource, refOf } from '../../../core/plugin.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { type Complaint, verdictOf } from './verdict.ts';

/** Whether a version could be made again: its data and its code pinned by digest, its random numbers by their seed. */
export const lineageCheck: ProposalCheck = {
  title: 'The lineage is complete',
  version: 1,

  concerns(subject) {
    const versions = versionsInQuestion(subject);
    if (versions.length === 0) return undefined;
    return versions
      .map((version) => `${version.digest} ${datasetOf(version, subject.merged.resources)?.digest ?? '-'}`)
      .join('\n');
  },

  async run(subject) {
    const versions = versionsInQuestion(subject);
    const complaints = versions.flatMap((version) =>
      complaintsOf(version, datasetOf(version, subject.merged.resources)),
    );
    const names = versions.map(({ metadata }) => `${metadata.model} ${metadata.name}`);
    return verdictOf(complaints, `${names.join(', ')}: data and code are pinned`);
  },
};

function datasetOf(
  { spec }: Resource<ModelVersionSpec>,
  resources: ReadonlyMap<string, Resource>,
): Resource<DatasetSpec> | undefined {
  const name = spec.lineage?.dataset?.name;
  return name === undefined ? undefined : (resources.get(refOf('Dataset', name)) as Resource<DatasetSpec>);
}

function complaintsOf(
  version: Resource<ModelVersionSpec>,
  dataset: Resource<DatasetSpec> | undefined,
): readonly Complaint[] {
  const { lineage } = version.spec;
  const name = `${version.metadata.model} ${version.metadata.name}`;
  const complain = (pointer: string, message: string, hint: string, severity?: 'warning'): Complaint => ({
    code: 'LineageIncomplete',
    resource: version,
    pointer,
    message,
    hint,
    ...(severity ? { severity } : {}),
  });
  if (lineage === undefined) {
    const hint = 'Add spec.lineage with the dataset and its version, and the code with its commit or digest.';
    return [complain('/spec', `${name} does not say what it was made of`, hint)];
  }
  const complaints: Complaint[] = [];
  const trained = lineage.dataset;
  if (trained === undefined) {
    complaints.push(
      complain('/spec/lineage', `${name} names no dataset`, 'Add lineage.dataset with name and version.'),
    );
  } else if (dataset === undefined || !dataset.spec.versions.some((one) => one.version === trained.version)) {
    const hint = `Declare the dataset and that version in datasets/${trained.name}.yaml.`;
    const message = `${name} was trained on ${trained.name}@${trained.version}, which the registry does not hold`;
    complaints.push(complain('/spec/lineage/dataset', message, hint));
  }
  const { code } = lineage;
  if (code === undefined) {
    const hint = 'Add lineage.code with path, and commit or digest.';
    complaints.push(complain('/spec/lineage', `${name} names no code`, hint));
  } else if (code.commit === undefined && code.digest === undefined) {
    const hint = 'Add its commit, or the digest of the training script.';
    complaints.push(complain('/spec/lineage/code', `the code of ${name} is not pinned`, hint));
  }
  if (lineage.seed === undefined) {
    const hint = 'Add lineage.seed where the trainer takes one.';
    complaints.push(complain('/spec/lineage', `${name} says no seed`, hint, 'warning'));
  }
  return complaints;
}
