import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { compare } from 'semver';
import type { FileEdit } from '../../../core/capabilities/proposer.ts';
import { messageOf, type Resource } from '../../../core/plugin.ts';
import { OnnxError, readSignature } from '../../../libraries/onnx/index.ts';
import { type Signature, signatureChanges } from '../../../libraries/signature-changes/index.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { artifactInvalid, artifactRegistered, examplesInvalid, noSuchVersion } from '../errors.ts';
import { type Asked, type Change, given } from './change.ts';
import { isPrerelease, modelNamed, newestUsable, type Version, versionNamed, versionsOf } from './look-up.ts';
import { nextVersion } from './next-version.ts';
import { versionManifest } from './version-manifest.ts';
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
  const owner = modelNamed(base, model);
  const signature = signatureIn(artifact);
  const digest = `sha256:${createHash('sha256').update(artifact).digest('hex')}`;
  const all = versionsOf(base, model);
  const same = all.find(({ spec }) => spec.artifact.digest === digest);
  if (same !== undefined) throw artifactRegistered(model, same.metadata.name);
  const line = asked.line ?? 'main';
  const parents = parentsOf(asked, line, all);
  const previous = parents.at(-1);
  const name = nextVersion({
    model,
    wanted: asked.version,
    taken: all.map(({ metadata }) => metadata.name),
    previous: previous && {
      name: previous.metadata.name,
      signature: previous.spec.signature as Signature,
      lineage: previous.spec.lineage,
    },
    signature,
    lineage: asked.lineage,
  });
  const folder = posix.dirname(owner.origin.path);
  const artifactPath = `${folder}/artifacts/${name}.onnx`;
  const examples = examplesOf(asked.examples);
  const spec: ModelVersionSpec = {
    artifact: {
      uri: asked.uri ?? `file:../artifacts/${name}.onnx`,
      digest,
      size: artifact.byteLength,
      format: 'onnx',
    },
    line,
    ...(parents.length === 0
      ? {}
      : {
          parents: parents.map(({ metadata }) => metadata.name) as NonNullable<ModelVersionSpec['parents']>,
        }),
    signature: signature as ModelVersionSpec['signature'],
    ...(asked.lineage === undefined ? {} : { lineage: asked.lineage }),
    ...(asked.metrics === undefined ? {} : { metrics: asked.metrics }),
    ...(examples === undefined ? {} : { examples }),
  };
  const manifest = versionManifest(model, name, spec);
  const files: FileEdit[] = [
    { path: `${folder}/versions/${name}.yaml`, content: Buffer.from(manifest).toString('base64') },
  ];
  if (asked.uri === undefined) {
    files.push({ path: artifactPath, content: Buffer.from(artifact).toString('base64') });
  }
  files.push(...contractEdits(owner, all, name, signature));
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

function signatureIn(artifact: Uint8Array): Signature {
  let read: ReturnType<typeof readSignature>;
  try {
    read = readSignature(artifact);
  } catch (error) {
    if (error instanceof OnnxError) throw artifactInvalid(messageOf(error), error);
    throw error;
  }
  if (read.externalData) throw artifactInvalid('its weights lie in another file');
  const side = (tensors: typeof read.inputs): Signature['inputs'] =>
    tensors.map(({ name, datatype, shape }) => {
      if (shape === null) throw artifactInvalid(`the shape of "${name}" is open`);
      return { name, datatype, shape: shape.map((size) => size ?? -1) };
    });
  return { inputs: side(read.inputs), outputs: side(read.outputs) };
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

/** The model's own signature is that of its newest version: what a reader says about a tensor stays. */
function contractEdits(
  { origin, ref, spec }: Resource<ModelSpec>,
  all: readonly Version[],
  name: string,
  signature: Signature,
): readonly FileEdit[] {
  const newest = all.filter((version) => !isPrerelease(version)).at(-1);
  const isNewest = newest === undefined || isHigher(name, newest.metadata.name);
  const contract = spec.signature as Signature;
  const isSame =
    signatureChanges(contract, signature).length + signatureChanges(signature, contract).length === 0;
  if (!isNewest || isSame || name.includes('-')) return [];
  const described = (side: 'inputs' | 'outputs') =>
    signature[side].map((tensor) => {
      const old = spec.signature[side].find((one) => one.name === tensor.name);
      return old?.description === undefined ? tensor : { ...tensor, description: old.description };
    });
  return [
    {
      path: origin.path,
      ref,
      edits: [
        { op: 'set', pointer: '/spec/signature/inputs', value: described('inputs') },
        { op: 'set', pointer: '/spec/signature/outputs', value: described('outputs') },
      ],
    },
  ];
}

function isHigher(one: string, other: string): boolean {
  return compare(one, other) > 0;
}

/** Told by the schema in full when it is checked; here only what would not even be a list of examples. */
function examplesOf(file: unknown): ModelVersionSpec['examples'] | undefined {
  if (file === undefined) return undefined;
  const list = Array.isArray(file) ? file : (file as { readonly examples?: unknown } | null)?.examples;
  if (!Array.isArray(list)) throw examplesInvalid('the file holds no list');
  if (list.length > 64) throw examplesInvalid('there are more than 64');
  for (const [index, example] of list.entries()) {
    const { name, inputs, outputs } = (example ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || !Array.isArray(inputs) || !Array.isArray(outputs)) {
      throw examplesInvalid(`number ${index + 1} lacks name, inputs or outputs`);
    }
  }
  return list as ModelVersionSpec['examples'];
}
