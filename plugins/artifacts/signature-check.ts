import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import type { ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import { ofKind } from '../../core/capabilities/proposed-versions.ts';
import { type Resource, refOf } from '../../core/plugin.ts';
import { ModelSigningError, verifyArtifact } from '../../libraries/model-signing/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

const largestBundle = 4 * 1024 ** 2;

/** An environment that asks for a signature, and whose signature counts there: as the base says, for the proposal is judged by it. */
export type AskedSignature = readonly [environment: string, signing: NonNullable<EnvironmentSpec['signing']>];

/** The environments that would deploy a version after the merge, and ask for a signature. */
export function signaturesAskedFor(
  version: Resource<ModelVersionSpec>,
  { base, merged }: Pick<ProposalSubject, 'base' | 'merged'>,
): readonly AskedSignature[] {
  const names = ofKind<DeploymentSpec>(merged.resources, 'Deployment')
    .filter(({ spec }) => refOf('ModelVersion', spec.version, spec.model) === version.ref)
    .map(({ metadata }) => String(metadata.environment));
  return [...new Set(names)].flatMap((name) => {
    const ref = refOf('Environment', name);
    const declared = base.resources.get(ref) ?? merged.resources.get(ref);
    const { signing } = (declared?.spec ?? {}) as EnvironmentSpec;
    return signing === undefined ? [] : [[name, signing] as const];
  });
}

/** Why the signature of a version does not count where it is to be deployed; undefined where it does. Throws what the store does. */
export async function signatureProblem(
  version: Resource<ModelVersionSpec>,
  asked: readonly AskedSignature[],
  stores: ReadonlyMap<string, ArtifactStore>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (asked.length === 0) return undefined;
  const { digest, signature } = version.spec.artifact;
  const environments = asked.map(([name]) => name).join(', ');
  if (signature === undefined) return `${environments} asks for a signature, and it has none`;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(signature.uri)?.[1]?.toLowerCase() ?? '';
  const store = stores.get(scheme);
  if (store === undefined) return `no store of this platform reads its signature from ${scheme}: URIs`;
  const pieces: Uint8Array[] = [];
  const opened = await store.open({ uri: signature.uri, resource: version, maxBytes: largestBundle, signal });
  for await (const piece of opened.body) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  for (const [environment, signing] of asked) {
    try {
      verifyArtifact(text, { digest, path: signature.path }, signing);
    } catch (error) {
      if (!(error instanceof ModelSigningError)) throw error;
      return `its signature does not count in ${environment} (${error.problem}): ${error.message}`;
    }
  }
  return undefined;
}
