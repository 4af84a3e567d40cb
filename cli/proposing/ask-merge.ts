import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Version } from '../../plugins/proposals/changes/look-up.ts';
import { type MergeLinesAsked, mergeLines } from '../../plugins/proposals/lines/merge-lines.ts';
import type { MergeLinesOptions } from '../commands/merge-lines.ts';
import { usageError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';
import { writeOver } from '../whole-file.ts';
import { ask, reasonOf } from './ask.ts';
import { artifactDiffers } from './errors.ts';
import { readEvidence } from './evidence.ts';
import { readGiven } from './given-files.ts';
import type { Proposing } from './open-proposals.ts';

/** Proposes a version that comes from two lines. */
export function askMerge(
  model: string,
  line: string,
  options: MergeLinesOptions,
  terminal: Terminal,
): Promise<number> {
  const { as, average, artifact, save, uri, resolve: settled, allowUnrelated } = options;
  if (save !== undefined && average !== true) throw needsOther('--save', '--average');
  if (uri !== undefined && average !== true && artifact === undefined)
    throw needsOther('--uri', '--artifact or --average');
  return ask(options, terminal, async (base, { by: author }, { artifacts }) => {
    const wanted = await artifactOf(options, terminal);
    const change = await mergeLines({
      base,
      author,
      model,
      from: line,
      into: options.into,
      read: (version) => readArtifact(version, artifacts, terminal.signal),
      ...(wanted === undefined ? {} : { artifact: wanted }),
      ...(as === undefined ? {} : { version: as }),
      ...(settled === undefined ? {} : { resolve: settled }),
      ...(allowUnrelated === undefined ? {} : { allowUnrelated }),
      ...(await readEvidence(options, terminal)),
      ...reasonOf(options),
    });
    if (save !== undefined && change.artifact !== undefined)
      await writeOver(resolve(terminal.folder, save), change.artifact);
    return change;
  });
}

function needsOther(flag: string, other: string) {
  return usageError(`${flag} needs ${other}`, 'See `switchyard help merge-lines`.');
}

async function artifactOf(
  { artifact, average, weight = 0.5, uri }: MergeLinesOptions,
  terminal: Terminal,
): Promise<MergeLinesAsked['artifact']> {
  const place = uri === undefined ? {} : { uri };
  if (artifact !== undefined) return { from: 'file', bytes: await readGiven(artifact, terminal), ...place };
  return average === true ? { from: 'average', weight, ...place } : undefined;
}

/** Reads an artifact from where its manifest says, and holds it to what the manifest says. Throws `DigestMismatch`. */
async function readArtifact(
  version: Version,
  artifacts: Proposing['artifacts'],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { uri, digest, size } = version.spec.artifact;
  const store = artifacts.get(/^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? 'file');
  const { body } = await store.open({ uri, resource: version, maxBytes: size, signal });
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (found !== digest) throw artifactDiffers(version.origin.path, found, digest);
  return bytes;
}
