import type { RequiredSignature } from '../../core/capabilities/serving-runtime.ts';
import type { Finding, Resource } from '../../core/plugin.ts';
import { pathOfUri } from '../../libraries/manifest-path/index.ts';
import { ModelSigningError, verifyArtifact } from '../../libraries/model-signing/index.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

/** What an environment asks of the artifact of a version; undefined where it asks for nothing. */
export function requiredSignature(
  environment: string,
  spec: Pick<EnvironmentSpec, 'signing'> | undefined,
  version: Resource<ModelVersionSpec>,
): RequiredSignature | undefined {
  if (spec?.signing === undefined) return undefined;
  const { keys = [], authorities = [] } = spec.signing;
  return { by: environment, keys, authorities, bundle: version.spec.artifact.signature };
}

/**
 * What speaks against deploying a version before it is tried: it has no signature, or none that counts in this environment. One
 * that lies outside of the registry is verified when the version is loaded.
 */
export function signatureFindings(
  required: RequiredSignature | undefined,
  version: Resource<ModelVersionSpec>,
): readonly Finding[] {
  if (required === undefined) return [];
  const name = `${version.metadata.model} ${version.metadata.name}`;
  const refused = (code: string, message: string): readonly Finding[] => [
    {
      code,
      pointer: '/spec/version',
      message: `${name} may not be deployed in ${required.by}: ${message}`,
      hint: `Let somebody sign it whom spec.signing of the environment trusts: see docs/artifacts.md.`,
    },
  ];
  if (required.bundle === undefined) return refused('ArtifactUnsigned', 'it has no signature');
  const file = pathOfUri(version, required.bundle.uri);
  const text = version.attachments.find(({ path }) => path === file)?.text;
  if (text === undefined) return [];
  try {
    verifyArtifact(text, { digest: version.spec.artifact.digest, path: required.bundle.path }, required);
    return [];
  } catch (error) {
    if (error instanceof ModelSigningError) return refused(error.problem, error.message);
    throw error;
  }
}
