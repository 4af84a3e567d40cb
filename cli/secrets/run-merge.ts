import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { mergeText } from '../../libraries/git/merge-text.ts';
import {
  ageIdentities,
  mergePlaintexts,
  type OpenedFile,
  openFile,
  resealFile,
} from '../../libraries/sops/index.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { writeOver } from '../whole-file.ts';
import { tellingWhere } from './secret-file.ts';

/**
 * Git's merge driver: decrypts three states of a file, merges them, and encrypts the result over `ours`. Plain text never
 * touches the disk, so a conflict leaves `ours` as it is and says which keys both sides changed.
 */
export async function runMerge(
  files: { readonly base: string; readonly ours: string; readonly theirs: string; readonly path: string },
  terminal: Terminal,
): Promise<number> {
  const format = files.path.endsWith('.json') ? 'json' : 'yaml';
  const identities = await tellingWhere(files.path, () => ageIdentities(terminal.environment));
  const open = async (name: 'base' | 'ours' | 'theirs') => {
    const text = await readFile(resolve(terminal.folder, files[name]), 'utf8');
    return tellingWhere(`${files.path} (${name})`, () => openFile(text, format, identities));
  };
  const [base, ours, theirs] = [await open('base'), await open('ours'), await open('theirs')];
  const change = (side: OpenedFile) => keysOf(side) !== keysOf(base);
  if (change(ours) && change(theirs) && keysOf(ours) !== keysOf(theirs)) {
    return conflict(files.path, 'both sides changed who may open it', terminal);
  }
  const merged = await tellingWhere(files.path, () => merge(base, ours, theirs));
  if (merged.conflicts.length > 0) {
    return conflict(files.path, `both sides changed ${merged.conflicts.join(', ')}`, terminal);
  }
  // Keys, rules and the data key are those of the side that changed them.
  const [basis, other] = change(theirs) ? [theirs, ours] : [ours, theirs];
  const text = await tellingWhere(files.path, () => resealFile(basis, merged.text, Date.now(), [other]));
  await writeOver(resolve(terminal.folder, files.ours), text);
  return exitCodes.success;
}

/** By lines where that works, which keeps the comments of both; else value by value. */
function merge(base: OpenedFile, ours: OpenedFile, theirs: OpenedFile) {
  const byValue = mergePlaintexts(base.plaintext, ours.plaintext, theirs.plaintext, ours.format);
  if (byValue.conflicts.length > 0) return byValue;
  const [a, b, c] = [base, ours, theirs].map(({ plaintext }) => Buffer.from(plaintext));
  const byLine = a && b && c ? mergeText(a, b, c)?.toString('utf8') : undefined;
  if (byLine === undefined) return byValue;
  // Lines know nothing of values: only where both ways agree are they right.
  const check = mergePlaintexts(byValue.text, byValue.text, byLine, ours.format);
  return check.text === byValue.text ? { ...byValue, text: byLine } : byValue;
}

function keysOf({ dataKey, metadata }: OpenedFile): string {
  const recipients = metadata.groups.map(({ age }) => age.map(({ recipient }) => recipient));
  return JSON.stringify([
    Buffer.from(dataKey).toString('base64'),
    recipients,
    metadata.threshold,
    metadata.rule,
  ]);
}

function conflict(path: string, reason: string, terminal: Terminal): number {
  terminal.err(
    `${path}: ${reason}. It is left as on our side: set what is right with \`switchyard secrets edit ${path}\`, then git add it.\n`,
  );
  return exitCodes.problems;
}
