import type { ProposalCheck, ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import { versionsInQuestion } from '../../../core/capabilities/proposed-versions.ts';
import { type Resource, refOf } from '../../../core/plugin.ts';
import { pathFromManifest } from '../../../libraries/manifest-path/index.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { cardFindings } from '../card.ts';
import { cardOf } from '../model.ts';
import { type Complaint, verdictOf } from './verdict.ts';

/** Whether a reader of the card learns what the model is for, where it fails, on what it was trained and how good it is. */
export const modelCardCheck: ProposalCheck = {
  title: 'The model card is complete',
  version: 1,

  concerns(subject) {
    const models = modelsInQuestion(subject);
    return models.length === 0 ? undefined : models.map(({ ref, digest }) => `${ref} ${digest}`).join('\n');
  },

  async run(subject) {
    const complaints: Complaint[] = [];
    const models = modelsInQuestion(subject);
    for (const model of models) {
      const path = pathFromManifest(model, cardOf(model.spec));
      const card = model.attachments.find((attachment) => attachment.path === path);
      if (card === undefined) {
        complaints.push({
          code: 'MissingCard',
          resource: model,
          pointer: '/spec',
          message: `${model.metadata.name} has no model card`,
          hint: `Write ${path ?? 'card.md'}: what it is for, what it is not for, on what it was trained and how good it is.`,
        });
        continue;
      }
      for (const finding of cardFindings(card, model.spec.task)) {
        complaints.push({ ...finding, severity: 'error', resource: model });
      }
    }
    return verdictOf(
      complaints,
      `the card of ${models.map(({ metadata }) => metadata.name).join(', ')} is complete`,
    );
  },
};

/** Models of the versions in question, and models that the proposal itself changes. */
export function modelsInQuestion(subject: ProposalSubject): readonly Resource<ModelSpec>[] {
  const { base, merged } = subject;
  const refs = new Set(
    versionsInQuestion(subject).map(({ metadata }) => refOf('Model', String(metadata.model))),
  );
  for (const [ref, { kind, digest }] of merged.resources) {
    if (kind === 'Model' && base.resources.get(ref)?.digest !== digest) refs.add(ref);
  }
  return [...refs]
    .sort()
    .flatMap((ref) => (merged.resources.get(ref) as Resource<ModelSpec> | undefined) ?? []);
}
