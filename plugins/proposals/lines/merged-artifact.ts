import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { messageOf } from '../../../core/plugin.ts';
import { averageModels, OnnxError, readModel, writeModel } from '../../../libraries/onnx/index.ts';
import type { Signature } from '../../../libraries/signature-changes/index.ts';
import { signatureIn } from '../changes/artifact-signature.ts';
import type { Version } from '../changes/look-up.ts';
import { code } from '../comment/markdown.ts';
import { artifactInvalid, averageRefused } from '../errors.ts';
import { headName } from './heads.ts';
import type { Side } from './three-way.ts';

/** Where the merged version gets its file from. */
export type ArtifactWanted =
  /** From a file that somebody made of both. */
  | { readonly from: 'file'; readonly bytes: Uint8Array; readonly uri?: string }
  /** `weight`: the share of the line that is merged, above 0 and below 1. */
  | { readonly from: 'average'; readonly weight: number; readonly uri?: string }
  /** From the one side that changed it, or that a person chose. */
  | { readonly from: 'side'; readonly side: Side };

export interface MergedArtifact {
  /** The file, where it is a new one. */
  readonly bytes?: Uint8Array;
  readonly digest: string;
  readonly size: number;
  readonly signature: Signature;
  /** Where it lies already; undefined where it is to be committed beside the model. */
  readonly uri?: string;
  /** For reviewers: Markdown. */
  readonly words: string;
}

/** Reads an artifact whole, and holds it to its digest. */
export type ReadArtifact = (version: Version) => Promise<Uint8Array>;

/**
 * Throws `AverageRefused` that says which tensor or node does not allow it, and `ArtifactInvalid`.
 *
 * @param folder Where the manifest of the new version will lie.
 */
export async function mergedArtifact(
  wanted: ArtifactWanted,
  ours: Version,
  theirs: Version,
  { folder, read }: { readonly folder: string; readonly read: ReadArtifact },
): Promise<MergedArtifact> {
  if (wanted.from === 'side') return artifactOf(wanted.side === 'ours' ? ours : theirs, folder);
  if (wanted.from === 'file')
    return newArtifact(wanted.bytes, wanted.uri, 'The artifact is a file that was given.');
  const { bytes, words } = await average(wanted.weight, ours, theirs, read);
  return newArtifact(bytes, wanted.uri, words);
}

function artifactOf(version: Version, folder: string): MergedArtifact {
  const { uri, digest, size } = version.spec.artifact;
  return {
    digest,
    size,
    signature: bare(version.spec.signature as Signature),
    uri: uriFrom(folder, version, uri),
    words: `The artifact is that of ${headName(version)}.`,
  };
}

/** A `file:` URI of a version's manifest, as a manifest in that folder writes it. */
function uriFrom(folder: string, version: Version, uri: string): string {
  const there = posix.dirname(version.origin.path);
  if (!uri.startsWith('file:') || uri.startsWith('file:/') || there === folder) return uri;
  return `file:/${posix.join(there, uri.slice('file:'.length))}`;
}

function newArtifact(bytes: Uint8Array, uri: string | undefined, words: string): MergedArtifact {
  return {
    bytes,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.byteLength,
    signature: signatureIn(bytes),
    ...(uri === undefined ? {} : { uri }),
    words,
  };
}

async function average(weight: number, ours: Version, theirs: Version, read: ReadArtifact) {
  if (ours.spec.artifact.digest === theirs.spec.artifact.digest) {
    throw averageRefused(`${headName(ours)} and ${headName(theirs)} have the same artifact`);
  }
  const [one, other] = [await read(ours), await read(theirs)];
  try {
    const { model, averaged, same } = averageModels(readModel(one), readModel(other), weight);
    if (averaged.length === 0) throw averageRefused('all their weights are the same');
    const names = averaged.slice(0, 8).map((name) => code(name));
    const more = averaged.length > 8 ? ` and ${averaged.length - 8} more` : '';
    const share = Number((1 - weight).toPrecision(12));
    const words =
      `The weights are an average: ${share} of ${headName(ours)} and ${weight} of ${headName(theirs)}, in ` +
      `${names.join(', ')}${more}; ${same} ${same === 1 ? 'tensor is' : 'tensors are'} the same in both.`;
    return { bytes: writeModel(model), words };
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    if (error.code === 'NotAlike') throw averageRefused(messageOf(error), error);
    throw artifactInvalid(messageOf(error), error);
  }
}

/** What a person said about tensors is merged apart. */
function bare({ inputs, outputs }: Signature): Signature {
  const side = (tensors: Signature['inputs']) =>
    tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
  return { inputs: side(inputs), outputs: side(outputs) };
}
