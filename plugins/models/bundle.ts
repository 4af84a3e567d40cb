import type { AttachmentRequest, Finding, Resource } from '../../core/plugin.ts';
import { pathOfUri } from '../../libraries/manifest-path/index.ts';
import { inspectArtifact, ModelSigningError } from '../../libraries/model-signing/index.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { uriFindings } from './uri.ts';

const pointer = '/spec/artifact/signature/uri';

/** The bundle of a version's signature, where it lies in the registry: it is short, and read. */
export function bundleAttachment(resource: Resource, uri: string): readonly AttachmentRequest[] {
  const path = pathOfUri(resource, uri);
  return path === undefined ? [] : [{ path, pointer, read: true }];
}

/** What is wrong with a signature whoever made it. Whether it counts is for those who deploy the version to say. */
export function bundleFindings(resource: Resource<ModelVersionSpec>): readonly Finding[] {
  const { digest, signature } = resource.spec.artifact;
  if (signature === undefined) return [];
  const findings = uriFindings(resource, signature.uri, pointer);
  const path = pathOfUri(resource, signature.uri);
  const text = resource.attachments.find((one) => one.path === path)?.text;
  if (findings.length > 0 || text === undefined) return findings;
  try {
    inspectArtifact(text, { digest, path: signature.path });
    return [];
  } catch (error) {
    if (!(error instanceof ModelSigningError)) throw error;
    return [
      {
        code: error.problem,
        pointer,
        message: `the signature ${path} does not fit this artifact: ${error.message}`,
        hint: 'Sign the artifact anew: switchyard sign FILE --key KEY.',
      },
    ];
  }
}
