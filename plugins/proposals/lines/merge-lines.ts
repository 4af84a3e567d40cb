import { posix } from 'node:path';
import {
  namedAs,
  type Signature,
  signatureChanges,
  signatureConflicts,
} from '../../../libraries/signature-changes/index.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { type Asked, type Change, type ChangeWarning, given } from '../changes/change.ts';
import type { Evidence } from '../changes/evidence.ts';
import { modelNamed, type Version, versionsOf } from '../changes/look-up.ts';
import { artifactUri, newVersionFiles, type Parents } from '../changes/new-version-files.ts';
import { nextVersion } from '../changes/next-version.ts';
import { littleEvidence } from '../changes/warnings.ts';
import { alreadyMerged, artifactRegistered, linesUnrelated, signaturesIncompatible } from '../errors.ts';
import { ancestryOf } from './ancestry.ts';
import { refuseConflicts } from './conflicts.ts';
import { headMeant, headName, headOfLine, lineOf } from './heads.ts';
import {
  type ArtifactWanted,
  type MergedArtifact,
  mergedArtifact,
  type ReadArtifact,
} from './merged-artifact.ts';
import { mergedEvidence } from './merged-evidence.ts';
import { type Fields, mergeVersionFields } from './merged-fields.ts';
import { settlementsOf } from './settlements.ts';
import { type Settle, threeWay } from './three-way.ts';

export interface MergeLinesAsked extends Asked, Evidence {
  readonly model: string;
  /** The line whose newest version is merged, or one version by its number. */
  readonly from: string;
  /** The line that it is merged into. */
  readonly into: string;
  /** The number of the new version. Default: computed from the signatures and lineages. */
  readonly version?: string;
  /** Default: the artifact of the one side that changed it. */
  readonly artifact?: Exclude<ArtifactWanted, { readonly from: 'side' }>;
  readonly read: ReadArtifact;
  /** Field → the line or version whose value counts where both changed it. */
  readonly resolve?: ReadonlyMap<string, string>;
  readonly allowUnrelated?: boolean;
}

export interface MergeLinesChange extends Change {
  /** The file of the new version, where it is a new one. */
  readonly artifact?: Uint8Array;
}

/**
 * A version that comes from two lines: a three-way merge against what both come from. Whoever calls either line is served by
 * it, or it is refused (`SignaturesIncompatible`). What both changed differently is a conflict, by name (`LinesConflict`).
 */
export async function mergeLines(asked: MergeLinesAsked): Promise<MergeLinesChange> {
  const { base, model } = asked;
  const owner = modelNamed(base, model);
  const all = versionsOf(base, model);
  const ours = headOfLine(base, owner, asked.into);
  const theirs = headMeant(base, owner, asked.from);
  const bases = refuseUnmergeable(asked, all, ours, theirs);

  const settlements = settlementsOf(asked.resolve ?? new Map(), ours, theirs);
  const { wanted, conflicts: ofArtifact } = artifactWanted(asked, bases, ours, theirs, settlements.settle);
  const isNew = wanted.from !== 'side';
  const { fields, conflicts } = mergeVersionFields({
    bases,
    ours,
    theirs,
    without: { lineage: !isNew || asked.lineage !== undefined, examples: asked.examples !== undefined },
    settle: settlements.settle,
  });
  refuseConflicts([...ofArtifact, ...conflicts], { ours, theirs, bases });
  settlements.refuseUnused();

  const folder = `${posix.dirname(owner.origin.path)}/versions`;
  const merged = await mergedArtifact(wanted, ours, theirs, { folder, read: asked.read });
  const known = [ours, theirs].map(({ spec }) => spec.signature as Signature);
  const artifact = { ...merged, signature: namedAs(merged.signature, known) };
  refuseBreaking(artifact.signature, ours, theirs);
  const taken = artifact.bytes && all.find(({ spec }) => spec.artifact.digest === artifact.digest);
  if (taken !== undefined) throw artifactRegistered(model, taken.metadata.name);

  const isAssumed = wanted.from === 'file' && asked.lineage === undefined;
  const evidence = mergedEvidence(asked, wanted, fields, ours, theirs);
  const name = nextVersion({
    model,
    wanted: asked.version,
    taken: all.map(({ metadata }) => metadata.name),
    previous: [ours, theirs].map(({ metadata, spec }) => ({
      name: metadata.name,
      signature: spec.signature as Signature,
      lineage: spec.lineage,
    })),
    signature: artifact.signature,
    // A new file of which nobody said how it was made is not another export of what there is.
    lineage: isAssumed ? undefined : evidence.lineage,
  });
  const spec: ModelVersionSpec = {
    artifact: {
      uri: artifact.uri ?? artifactUri(name),
      digest: artifact.digest,
      size: artifact.size,
      format: 'onnx',
    },
    line: asked.into,
    parents: [ours.metadata.name, theirs.metadata.name] as Parents,
    signature: described(artifact.signature, fields),
    ...evidence,
  };
  const { labels, annotations } = fields;
  const metadata = { name, model, ...(labels && { labels }), ...(annotations && { annotations }) };
  const files = newVersionFiles({
    owner,
    all,
    manifest: { metadata, spec },
    ...(artifact.bytes !== undefined && artifact.uri === undefined ? { artifact: artifact.bytes } : {}),
  });
  const story = storyOf(ours, theirs, bases, artifact, settlements.used());
  return {
    intent: {
      key: `merge-lines:${model}/${lineOf(theirs)}/${asked.into}`,
      type: 'merge-lines',
      title: `Merge ${headName(theirs)} into ${asked.into} as ${model} ${name}`,
      files,
      trailers: {
        'Switchyard-Model': model,
        'Switchyard-Version': name,
        'Switchyard-Line': asked.into,
        'Switchyard-Parents': spec.parents?.join(', ') ?? '',
        'Switchyard-Digest': artifact.digest,
      },
      author: asked.author,
      ...given(asked),
      reason: [story, given(asked).reason].filter(Boolean).join('\n\n'),
    },
    warnings: [
      ...littleEvidence(model, name, evidence),
      ...(isAssumed && evidence.lineage ? [assumed(model, name)] : []),
    ],
    ...(artifact.bytes === undefined ? {} : { artifact: artifact.bytes }),
  };
}

/** Answers the common ancestors. Throws `AlreadyMerged`, `LinesUnrelated` and `SignaturesIncompatible`. */
function refuseUnmergeable(
  { allowUnrelated }: MergeLinesAsked,
  all: readonly Version[],
  ours: Version,
  theirs: Version,
): readonly Version[] {
  const ancestry = ancestryOf(all);
  if (ancestry.isAncestor(theirs, ours)) throw alreadyMerged(headName(theirs), headName(ours));
  const bases = ancestry.mergeBases(ours, theirs);
  if (bases.length === 0 && allowUnrelated !== true) throw linesUnrelated(headName(theirs), headName(ours));
  const [one, other] = [ours.spec.signature as Signature, theirs.spec.signature as Signature];
  const problems = signatureConflicts(one, other).map(({ side, tensor, one: left, other: right }) => {
    const words = (spec: typeof left, version: Version) =>
      `${spec === undefined ? 'missing' : `${spec.datatype} [${spec.shape.join(', ')}]`} in ${headName(version)}`;
    return `${side} "${tensor}" is ${words(left, ours)} and ${words(right, theirs)}`;
  });
  if (problems.length > 0) {
    throw signaturesIncompatible(
      `no version can serve the callers of ${headName(ours)} and of ${headName(theirs)}`,
      problems,
      `To go on with another contract, register it as a new major version: \`switchyard register ${ours.metadata.model} FILE --line ${lineOf(ours)} --parent ${ours.metadata.name} ${theirs.metadata.name}\`.`,
    );
  }
  return bases;
}

/** What was asked for; else the artifact of the one side that changed it, where it was only one. */
function artifactWanted(
  { artifact }: MergeLinesAsked,
  bases: readonly Version[],
  ours: Version,
  theirs: Version,
  settle: Settle,
) {
  if (artifact !== undefined) return { wanted: artifact, conflicts: [] };
  const digestOf = ({ spec }: Version) => ({ artifact: spec.artifact.digest });
  const before = bases.length === 0 ? [undefined] : bases.map(digestOf);
  const { value, conflicts } = threeWay(before, digestOf(ours), digestOf(theirs), {
    isWhole: () => false,
    settle,
  });
  const isOurs = (value as ReturnType<typeof digestOf>).artifact === ours.spec.artifact.digest;
  const wanted: ArtifactWanted = { from: 'side', side: isOurs ? 'ours' : 'theirs' };
  return { wanted, conflicts };
}

/** Whoever calls one of the two today must be served by what comes of them. */
function refuseBreaking(signature: Signature, ours: Version, theirs: Version): void {
  const problems = [ours, theirs].flatMap((version) =>
    signatureChanges(version.spec.signature as Signature, signature)
      .filter(({ bump }) => bump === 'major')
      .map(({ message }) => `${message} since ${headName(version)}`),
  );
  if (problems.length === 0) return;
  throw signaturesIncompatible(
    'the artifact does not serve the callers of both lines',
    problems,
    'Give one that takes what both take and answers what both answer: --artifact FILE.',
  );
}

function assumed(model: string, name: string): ChangeWarning {
  return {
    code: 'LineageAssumed',
    message: `the lineage of ${model} ${name} is put together from what both lines say of their own`,
    hint: 'Say how the file was made: --describe FILE.',
  };
}

function described(signature: Signature, fields: Fields): ModelVersionSpec['signature'] {
  const side = (name: 'inputs' | 'outputs') =>
    signature[name].map((tensor) => {
      const description = fields.signature[name][tensor.name];
      return description === undefined ? tensor : { ...tensor, description };
    });
  return { inputs: side('inputs'), outputs: side('outputs') } as ModelVersionSpec['signature'];
}

/** What was merged and how, for reviewers. */
function storyOf(
  ours: Version,
  theirs: Version,
  bases: readonly Version[],
  { words }: MergedArtifact,
  decided: readonly string[],
): string {
  const names = bases.map(({ metadata }) => metadata.name).join(' and ');
  const parts = names === '' ? ', which have no common ancestor' : `; they part at ${names}`;
  const byHand = decided.length === 0 ? '' : ` Decided by hand: ${decided.join(', ')}.`;
  return `Merges ${headName(theirs)} into ${headName(ours)}${parts}. ${words}${byHand}`;
}
