import type { Attachment, Resource } from '../../../core/plugin.ts';

/** A version's resource with these attachments, as the kernel would hand it to a store. */
export function versionResource(attachments: readonly Attachment[] = []): Resource {
  return {
    ref: 'ModelVersion/bird-strike/1.0.0',
    apiVersion: 'switchyard/v1',
    kind: 'ModelVersion',
    metadata: { name: '1.0.0', model: 'bird-strike' },
    spec: {},
    origin: { commit: 'c'.repeat(40), path: 'models/bird-strike/versions/1.0.0.yaml', line: 1, column: 1 },
    digest: `sha256:${'0'.repeat(64)}`,
    attachments,
  };
}
