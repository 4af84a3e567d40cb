import type { ProposalCheck, ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import { versionsInQuestion } from '../../../core/capabilities/proposed-versions.ts';
import { type Ref, type Resource, refOf } from '../../../core/plugin.ts';
import { readFrontMatter } from '../../../libraries/front-matter/index.ts';
import { pathFromManifest } from '../../../libraries/manifest-path/index.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { cardOf } from '../model.ts';
import { modelsInQuestion } from './model-card-check.ts';
import { type Complaint, verdictOf } from './verdict.ts';

/** Licences that let a model be used and passed on; as the Hugging Face hub and SPDX name them. */
export const defaultLicences: readonly string[] = [
  'apache-2.0',
  'mit',
  'bsd-2-clause',
  'bsd-3-clause',
  'isc',
  'unlicense',
  'cc0-1.0',
  'cc-by-4.0',
  'cc-by-sa-4.0',
  'pddl',
  'odc-by',
  'cdla-permissive-2.0',
  'u.s. government work',
];

/** Whether the models in question, and the data that they were trained on, stand under licences that the platform allows. */
export function licenceCheck(allowed: readonly string[]): ProposalCheck {
  const known = new Set(allowed.map((licence) => licence.toLowerCase()));
  return {
    title: 'The licences are allowed',
    version: 1,

    concerns(subject) {
      const resources = [...modelsInQuestion(subject), ...datasetsInQuestion(subject)];
      if (resources.length === 0) return undefined;
      return [[...known].sort().join(','), ...resources.map(({ ref, digest }) => `${ref} ${digest}`)].join(
        '\n',
      );
    },

    async run(subject) {
      const complaints: Complaint[] = [];
      const found = new Set<string>();
      const judge = (resource: Resource, pointer: string, what: string, licences: readonly string[]) => {
        for (const licence of licences) found.add(licence);
        if (licences.length === 0) {
          const hint = 'Name it, so that those who use the answers know what they may do.';
          complaints.push({
            code: 'LicenceMissing',
            resource,
            pointer,
            message: `${what} names no licence`,
            hint,
          });
        } else if (!licences.some((licence) => known.has(licence.toLowerCase()))) {
          complaints.push({
            code: 'LicenceNotAllowed',
            resource,
            pointer,
            message: `${what} stands under ${licences.join(', ')}, which this platform does not allow`,
            hint: `Allowed are ${[...known].sort().join(', ')} (options of the plugin models in platform.yaml).`,
          });
        }
      };
      for (const model of modelsInQuestion(subject)) {
        judge(model, '/spec/card', `the model ${model.metadata.name}`, licencesOf(model));
      }
      for (const dataset of datasetsInQuestion(subject)) {
        const { license } = dataset.spec;
        judge(
          dataset,
          '/spec/license',
          `the dataset ${dataset.metadata.name}`,
          license === undefined ? [] : [license],
        );
      }
      return verdictOf(complaints, [...found].sort().join(', '));
    },
  };
}

/** A card may name several: whoever uses the model chooses one. */
function licencesOf(model: Resource<ModelSpec>): readonly string[] {
  const path = pathFromManifest(model, cardOf(model.spec));
  const text = model.attachments.find((attachment) => attachment.path === path)?.text;
  const matter = text === undefined ? undefined : readFrontMatter(text);
  if (matter === undefined || 'problem' in matter) return [];
  const { license, license_name: name } = matter.fields;
  const named = (Array.isArray(license) ? license : [license]).filter((one) => typeof one === 'string');
  // On the hub, `other` says that license_name has it.
  return named.map((one) => (one === 'other' && typeof name === 'string' ? name : one));
}

function datasetsInQuestion(subject: ProposalSubject): readonly Resource<DatasetSpec>[] {
  const { base, merged } = subject;
  const refs = new Set<Ref>();
  for (const { spec } of versionsInQuestion(subject)) {
    const name = spec.lineage?.dataset?.name;
    if (name !== undefined) refs.add(refOf('Dataset', name));
  }
  for (const [ref, { kind, digest }] of merged.resources) {
    if (kind === 'Dataset' && base.resources.get(ref)?.digest !== digest) refs.add(ref);
  }
  return [...refs]
    .sort()
    .flatMap((ref) => (merged.resources.get(ref) as Resource<DatasetSpec> | undefined) ?? []);
}
