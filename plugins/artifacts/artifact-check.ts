import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../../core/capabilities/artifact-store.ts';
import type { CheckVerdict, ProposalCheck } from '../../core/capabilities/proposal-check.ts';
import { versionsInQuestion } from '../../core/capabilities/proposed-versions.ts';
import { codeOf, messageOf, type Resource } from '../../core/plugin.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { signatureProblem, signaturesAskedFor } from './signature-check.ts';

/**
 * Whether the artifacts of the versions in question can be read, and are the bytes that their manifests declare.
 *
 * @param stores By the scheme of a URI.
 * @param anonymousStores The same without credentials: for a proposal out of somebody else's repository.
 */
export function artifactCheck(
  stores: ReadonlyMap<string, ArtifactStore>,
  anonymousStores: ReadonlyMap<string, ArtifactStore>,
): ProposalCheck {
  return {
    title: 'The artifact is there, its digest is right, and who signed it counts',
    version: 2,
    slow: true,

    concerns(subject) {
      const versions = versionsInQuestion(subject);
      return versions.length === 0
        ? undefined
        : [
            String(subject.proposal.fromFork),
            ...versions.map((version) => {
              const asked = signaturesAskedFor(version, subject);
              const more = asked.length === 0 ? '' : ` ${JSON.stringify(asked)}`;
              return `${version.ref} ${version.digest}${more}`;
            }),
          ].join('\n');
    },

    async run(subject, { signal, progress }) {
      const problems: { readonly version: Resource<ModelVersionSpec>; readonly message: string }[] = [];
      const versions = versionsInQuestion(subject);
      for (const version of versions) {
        progress(`reading the artifact of ${nameOf(version)}`);
        const own = subject.proposal.fromFork ? anonymousStores : stores;
        const message = await orRefusal(
          async () =>
            (await problemOf(version, own, signal)) ??
            (await signatureProblem(version, signaturesAskedFor(version, subject), own, signal)),
        );
        if (message !== undefined) problems.push({ version, message });
      }
      return verdict(versions, problems);
    },
  };
}

/** A refusal of a store is a verdict. Throws what trying again can help. */
async function orRefusal(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (['ArtifactMissing', 'ArtifactTooLarge', 'ArtifactRefused', 'DigestMismatch'].includes(codeOf(thrown)))
      return messageOf(thrown);
    throw thrown;
  }
}

/** What is wrong with one artifact. Throws where trying again can help: that is no verdict. */
async function problemOf(
  version: Resource<ModelVersionSpec>,
  stores: ReadonlyMap<string, ArtifactStore>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { uri, digest, size } = version.spec.artifact;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  const store = stores.get(scheme);
  if (store === undefined)
    return `no store of this platform reads ${scheme === '' ? 'such URIs' : `${scheme}: URIs`}`;
  const hash = createHash('sha256');
  let bytes = 0;
  const opened = await store.open({ uri, resource: version, maxBytes: size, digest, signal });
  for await (const piece of opened.body) {
    hash.update(piece);
    bytes += piece.byteLength;
    if (bytes > size) return `it has more than the ${size} bytes that its manifest declares`;
  }
  if (bytes !== size) return `it has ${bytes} bytes, but its manifest declares ${size}`;
  const found = `sha256:${hash.digest('hex')}`;
  return found === digest ? undefined : `it is ${found}, but its manifest declares ${digest}`;
}

function verdict(
  versions: readonly Resource<ModelVersionSpec>[],
  problems: readonly { readonly version: Resource<ModelVersionSpec>; readonly message: string }[],
): CheckVerdict {
  const [first] = problems;
  if (first === undefined) {
    const shown = versions.map(
      (version) => `${nameOf(version)} is ${version.spec.artifact.digest.slice(0, 19)}…`,
    );
    const bytes = versions.reduce((sum, { spec }) => sum + spec.artifact.size, 0);
    return { outcome: 'pass', summary: shown.join(', '), facts: { bytes } };
  }
  return {
    outcome: 'fail',
    summary: `the artifact of ${nameOf(first.version)}: ${first.message}`,
    details: problems.map(({ version, message }) => `- \`${version.origin.path}\`: ${message}`).join('\n'),
    annotations: problems.map(({ version, message }) => ({
      code: 'ArtifactWrong',
      severity: 'error',
      message,
      path: version.origin.path,
      line: version.origin.line,
      column: version.origin.column,
      pointer: '/spec/artifact',
      ref: version.ref,
    })),
  };
}

function nameOf({ metadata }: Resource): string {
  return `${metadata.model} ${metadata.name}`;
}
