import { Document, isMap, isSeq, visit, type YAMLMap } from 'yaml';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';

export interface VersionMetadata {
  readonly name: string;
  readonly model: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A ModelVersion as a person would write it: tensors and short lists on one line each. */
export function versionManifest(metadata: VersionMetadata, spec: ModelVersionSpec): string {
  const manifest = { apiVersion: 'switchyard/v1', kind: 'ModelVersion', metadata, spec };
  const document = new Document(manifest, { version: '1.2', aliasDuplicateObjects: false });
  document.commentBefore =
    ' yaml-language-server: $schema=../../../.switchyard/schemas/model-version.schema.json';
  visit(document, {
    Map(_, node) {
      if (isTensor(node) || isShort(node)) node.flow = true;
    },
    Seq(_, node) {
      if (node.items.every((item) => !isMap(item) && !isSeq(item))) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function isTensor(node: YAMLMap): boolean {
  return node.has('datatype') && node.has('shape');
}

/** `{ name: bird-strike, version: "1" }`, `{ absolute: 0.00001 }`. */
function isShort(node: YAMLMap): boolean {
  return (
    node.items.length <= 2 &&
    (node.has('absolute') || node.has('relative') || (node.has('name') && node.has('version')))
  );
}
