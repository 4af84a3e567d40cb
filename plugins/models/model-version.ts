import { defineKind, type Finding, type Reference, type Related, refOf } from '../../core/plugin.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import { type ModelVersionSpec, modelVersionSchema } from '../../schemas/generated/model-version.ts';
import { bundleAttachment, bundleFindings } from './bundle.ts';
import { exampleFindings } from './examples.ts';
import { linesOf } from './model.ts';
import { signatureFindings } from './signature.ts';
import { attachmentOfUri, fileFindings, uriFindings } from './uri.ts';
import {
  bumpFindings,
  isPrerelease,
  lineOf,
  parentFindings,
  type Version,
  versionBefore,
} from './version-order.ts';

/** One trained version of a model: its artifact, origin, evidence, and the examples that it must answer. */
export const modelVersionKind = defineKind<ModelVersionSpec>({
  kind: 'ModelVersion',
  plural: 'modelversions',
  shortNames: ['mv', 'versions'],
  description:
    'One trained version of a model: its artifact, origin, evidence, and the examples that it must answer.',
  schema: modelVersionSchema,
  scope: 'model',
  path: 'models/{model}/versions/{name}.yaml',
  validationVersion: '4',
  columns: [
    { title: 'Line', pointer: '/spec/line' },
    { title: 'Size', pointer: '/spec/artifact/size' },
    { title: 'Quarantine', pointer: '/spec/quarantine/reason' },
  ],

  references({ metadata, spec }) {
    const model = String(metadata.model);
    const references: Reference[] = [{ to: refOf('Model', model), pointer: '/metadata/model', wakes: false }];
    // Only a version without parents looks at all its siblings, so that adding one to many stays cheap.
    if (!hasParents(spec))
      references.push({ to: siblingsOf(model), pointer: '/metadata/name', wakes: false });
    for (const [index, parent] of (spec.parents ?? []).entries()) {
      const to = refOf('ModelVersion', parent, model);
      references.push({ to, pointer: `/spec/parents/${index}`, wakes: false });
    }
    for (const { name, pointer } of datasetsOf(spec)) {
      references.push({ to: refOf('Dataset', name), pointer, wakes: false });
    }
    return references;
  },

  attachments(resource) {
    const { uri, signature } = resource.spec.artifact;
    const own = attachmentOfUri(resource, uri, '/spec/artifact/uri');
    return signature === undefined ? own : [...own, ...bundleAttachment(resource, signature.uri)];
  },

  validate(resource, related) {
    const { metadata, spec } = resource;
    const name = String(metadata.model);
    const model = related.get<ModelSpec>(refOf('Model', name));
    const findings: Finding[] = [
      ...uriFindings(resource, spec.artifact.uri, '/spec/artifact/uri'),
      ...fileFindings(resource, spec.artifact, '/spec/artifact'),
      ...signatureFindings(spec.signature),
      ...bundleFindings(resource),
      ...parentFindings(resource),
      ...bumpFindings(resource, previousOf(resource, related)),
      ...exampleFindings(spec.examples ?? [], spec.signature),
      ...intervalFindings(spec),
    ];
    if (model !== undefined) {
      if (!linesOf(model.spec).includes(lineOf(spec))) {
        findings.push({
          code: 'UnknownLine',
          pointer: '/spec/line',
          message: `${name} has no line "${lineOf(spec)}": it has ${linesOf(model.spec).join(', ')}`,
          hint: `Add the line to spec.lines of ${model.origin.path}, or correct it here.`,
        });
      }
    }
    for (const { name: dataset, version, pointer, versionPointer } of datasetsOf(spec)) {
      const found = related.get<DatasetSpec>(refOf('Dataset', dataset));
      if (found === undefined || version === undefined) continue;
      const versions = found.spec.versions.map((one) => one.version);
      if (versions.includes(version)) continue;
      findings.push({
        code: 'UnknownDatasetVersion',
        pointer: versionPointer ?? pointer,
        message: `the dataset ${dataset} has no version "${version}": it has ${versions.join(', ')}`,
        hint: `Add the version to ${found.origin.path}, or correct it here.`,
      });
    }
    return findings;
  },
});

/** Its parents; without parents, the highest lower version of the same line. */
function previousOf(version: Version, related: Related): readonly Version[] {
  const { metadata, spec } = version;
  const model = String(metadata.model);
  if (hasParents(spec)) {
    const parents = (spec.parents ?? []).flatMap(
      (parent) => related.get<ModelVersionSpec>(refOf('ModelVersion', parent, model)) ?? [],
    );
    return parents.filter((parent) => parent.ref !== version.ref && !isPrerelease(parent));
  }
  const before = versionBefore(version, related.matching<ModelVersionSpec>(siblingsOf(model)));
  return before === undefined ? [] : [before];
}

function hasParents({ parents = [] }: ModelVersionSpec): boolean {
  return parents.length > 0;
}

function siblingsOf(model: string): string {
  return `ModelVersion/${model}/*`;
}

interface DatasetMention {
  readonly name: string;
  readonly version: string | undefined;
  readonly pointer: string;
  readonly versionPointer?: string;
}

/** The datasets that a version names: the one it was trained on, and those it was measured on. */
function datasetsOf(spec: ModelVersionSpec): readonly DatasetMention[] {
  const mentions: DatasetMention[] = [];
  const trained = spec.lineage?.dataset;
  if (trained !== undefined) {
    const pointer = '/spec/lineage/dataset';
    mentions.push({ ...trained, pointer: `${pointer}/name`, versionPointer: `${pointer}/version` });
  }
  for (const [index, metric] of (spec.metrics ?? []).entries()) {
    if (metric.dataset === undefined) continue;
    const [name = '', version] = metric.dataset.split('@');
    mentions.push({ name, version, pointer: `/spec/metrics/${index}/dataset` });
  }
  return mentions;
}

function intervalFindings(spec: ModelVersionSpec): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, { name, interval }] of (spec.metrics ?? []).entries()) {
    const [low, high] = interval ?? [];
    if (low === undefined || high === undefined || low <= high) continue;
    findings.push({
      code: 'InvalidInterval',
      pointer: `/spec/metrics/${index}/interval`,
      message: `the interval of ${name} begins at ${low} and ends at ${high}`,
      hint: 'Write the lower bound first.',
    });
  }
  return findings;
}
