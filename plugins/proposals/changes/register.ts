import { createHash } from 'node:crypto';
import { namedAs, type Signature } from '../../../libraries/signature-changes/index.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { artifactRegistered, noSuchVersion } from '../errors.ts';
import { signatureIn } from './artifact-signature.ts';
import { type Asked, type Change, given } from './change.ts';
import { examplesIn } from './evidence.ts';
import { modelToExtend, newestUsable, type Version, versionNamed, versionsOf } from './look-up.ts';
import { artifactUri, newVersionFiles, type Parents } from './new-version-files.ts';
import { nextVersion } from './next-version.ts';
import { littleEvidence } from './warnings.ts';

export interface RegisterAsked extends Asked {
  readonly model: string;
  /** The ONNX file. */
  readonly artifact: Uint8Array;
  /** Where the artifact lies already. Default: it is committed beside the model. */
  readonly uri?: string;
  /** Default: computed from what changed since the version that it comes from. */
  readonly version?: string;
  readonly line?: string;
  /** Default: the newest usable version of the line. */
  readonly parents?: readonly string[];
  readonly lineage?: ModelVersionSpec['lineage'];
  readonly metrics?: ModelVersionSpec['metrics'];
  /** Golden examples as a file holds them: a list, or an object with `examples`. */
  readonly examples?: unknown;
}

/** A new version of a model from its artifact: size, digest and signature are read from the file, the number is computed. */
export function register(asked: RegisterAsked): Change {
  const { base, model, artifact } = asked;
  const owner = modelToExtend(base, model);
  const digest = `sha256:${createHash('sha256').update(artifact).digest('hex')}`;
  const all = versionsOf(base, model);
  const same = all.find(({ spec }) => spec.artifact.digest === digest);
  if (same !== undefined) throw artifactRegistered(model, same.metadata.name);
  const line = asked.line ?? 'main';
  const parents = parentsOf(asked, line, all);
  const known = [...parents, owner].map(({ spec }) => spec.signature as Signature);
  const signature = namedAs(signatureIn(artifact), known);
  const name = nextVersion({
    model,
    wanted: asked.version,
    taken: all.map(({ metadata }) => metadata.name),
    previous: parents.map(({ metadata, spec }) => ({
      name: metadata.name,
      signature: spec.signature as Signature,
      lineage: spec.lineage,
    })),
    signature,
    lineage: asked.lineage,
  });
  const examples = examplesIn(asked.examples);
  const spec: ModelVersionSpec = {
    artifact: {
      uri: asked.uri ?? artifactUri(name),
      digest,
      size: artifact.byteLength,
      format: 'onnx',
    },
    line,
    ...(parents.length === 0 ? {} : { parents: parents.map(({ metadata }) => metadata.name) as Parents }),
    signature: signature as ModelVersionSpec['signature'],
    ...(asked.lineage === undefined ? {} : { lineage: asked.lineage }),
    ...(asked.metrics === undefined ? {} : { metrics: asked.metrics }),
    ...(examples === undefined ? {} : { examples }),
  };
  const files = newVersionFiles({
    owner,
    all,
    manifest: { metadata: { name, model }, spec },
    ...(asked.uri === undefined ? { artifact } : {}),
  });
  return {
    intent: {
      key: `register:ModelVersion/${model}/${name}`,
      type: 'register',
      title: `Register ${model} ${name}`,
      files,
      trailers: {
        'Switchyard-Model': model,
        'Switchyard-Version': name,
        'Switchyard-Digest': digest,
      },
      author: asked.author,
      ...given(asked),
    },
    warnings: littleEvidence(model, name, spec),
  };
}

function parentsOf(
  { base, model, parents }: RegisterAsked,
  line: string,
  all: readonly Version[],
): Version[] {
  if (parents !== undefined) return parents.map((parent) => versionNamed(base, model, parent));
  const newest = newestUsable(base, model, line);
  if (newest !== undefined) return [newest];
  if (all.length > 0 && line !== 'main') {
    const hint = `Name the version that the line ${line} begins from: --parent VERSION.`;
    throw noSuchVersion(model, `on the line ${line}`, hint);
  }
  return [];
}
