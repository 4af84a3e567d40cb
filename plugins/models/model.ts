import { type AttachmentRequest, defineKind, type Finding } from '../../core/plugin.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import { type ModelSpec, modelSchema } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { cardFindings } from './card.ts';
import { contractFindings } from './contract.ts';
import { evaluationAttachments, evaluationFindings, evaluationReferences } from './evaluation.ts';
import { signatureFindings } from './signature.ts';

const defaultCard = 'card.md';

/** A task that is learned from data, its owners, and the contract that its callers rely on. */
export const modelKind = defineKind<ModelSpec>({
  kind: 'Model',
  plural: 'models',
  description: 'A task that is learned from data, its owners, and the contract that its callers rely on.',
  schema: modelSchema,
  path: 'models/{name}/model.yaml',
  validationVersion: '2',
  columns: [
    { title: 'Task', pointer: '/spec/task' },
    { title: 'Owners', pointer: '/spec/owners' },
  ],

  references({ metadata, spec }) {
    return [
      { to: `ModelVersion/${metadata.name}/*`, pointer: '/metadata/name' },
      ...evaluationReferences(spec),
    ];
  },

  attachments(resource) {
    const path = pathFromManifest(resource, cardOf(resource.spec));
    const others = evaluationAttachments(resource);
    if (path === undefined) return others;
    const request: AttachmentRequest = { path, pointer: '/spec/card', read: true };
    return [resource.spec.card === undefined ? { ...request, optional: true } : request, ...others];
  },

  validate(resource, related) {
    const { metadata, spec } = resource;
    const versions = related.matching<ModelVersionSpec>(`ModelVersion/${metadata.name}/*`);
    const findings: Finding[] = [
      ...signatureFindings(spec.signature),
      ...contractFindings(resource, versions),
      ...evaluationFindings(resource, related, versions),
    ];
    const path = pathFromManifest(resource, cardOf(spec));
    if (path === undefined) {
      findings.push({
        code: 'InvalidPath',
        pointer: '/spec/card',
        message: `"${cardOf(spec)}" is no path in this registry`,
        hint: 'Write a path from the manifest, such as card.md, without a leading drive or a way out of the registry.',
      });
      return findings;
    }
    const card = resource.attachments.find((attachment) => attachment.path === path);
    if (card === undefined) {
      // A card that is named and not there is the kernel's finding.
      if (spec.card !== undefined) return findings;
      findings.push({
        code: 'MissingCard',
        pointer: '/spec',
        severity: 'warning',
        message: `${metadata.name} has no model card`,
        hint: `Write ${path}: what the model is for, what it is not for, on what it was trained and how good it is.`,
      });
      return findings;
    }
    return [...findings, ...cardFindings(card, spec.task)];
  },
});

/** The lines of versions that a model has. */
export function linesOf(spec: ModelSpec): readonly string[] {
  return spec.lines ?? ['main'];
}

/** The path of the model card, from the manifest. */
export function cardOf(spec: ModelSpec): string {
  return spec.card ?? defaultCard;
}
