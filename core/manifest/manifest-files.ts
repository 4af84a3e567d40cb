import type { TreeEntry } from '../../libraries/git/repository.ts';
import { deepFreeze } from '../../libraries/late-json/index.ts';
import { printable } from '../../libraries/visible-text/index.ts';
import type { Finding, Ref } from '../plugin.ts';
import { type Issue, placedIssue, toIssue } from './issue.ts';
import type { CompiledKind, KindSet } from './kind-set.ts';
import { limits } from './limits.ts';
import {
  mentionsSwitchyard,
  type ParsedDocument,
  type ParsedFile,
  parseManifests,
  tooLarge,
} from './parse.ts';
import type { ParseCache } from './parse-cache.ts';
import { Positions } from './positions.ts';
import type { ManifestSource, TreeChanges } from './tree.ts';
import { examine } from './validate.ts';

/** One document of ours, judged by itself. */
export interface Entry {
  readonly path: string;
  /** Which of the file's documents, from 0. */
  readonly index: number;
  readonly document: ParsedDocument;
  readonly kind: CompiledKind | undefined;
  /** The resource that it declares; undefined where that cannot be told for sure. */
  readonly ref: Ref | undefined;
  /** The resource that it seems to declare, where `ref` is undefined. */
  readonly guess: Ref | undefined;
  readonly findings: readonly Finding[];
}

/** A file that holds at least one document of ours. */
export interface ManifestFile {
  readonly path: string;
  readonly entries: readonly Entry[];
  /** How many there are in the file, those that are not ours counted. */
  readonly documents: number;
}

export interface Reading {
  readonly source: ManifestSource;
  readonly kinds: KindSet;
  readonly cache: ParseCache | undefined;
  readonly breathe: () => Promise<void> | undefined;
}

/** Reads the manifests among changed paths. Only blobs that were never parsed are asked for. Undefined: none is there now. */
export async function readManifestFiles(
  changes: TreeChanges,
  reading: Reading,
): Promise<Map<string, ManifestFile | undefined>> {
  const { kinds, breathe } = reading;
  const files = new Map<string, ManifestFile | undefined>();
  const toParse = new Map<string, string>();
  for (const [path, entry] of changes) {
    files.set(path, undefined);
    if (entry === undefined) continue;
    if (entry.type === 'blob') {
      if (!manifestName.test(path)) continue;
      if (printable(path) === path) toParse.set(path, entry.id);
      else if (kinds.isConventional(path)) files.set(path, refused(path, strangeName(path)));
    } else if (isLinkInTheWay(path, entry, kinds)) {
      files.set(path, refused(path, linkRefused(path, entry, kinds)));
    }
  }
  const parsed = await parsedByBlob(new Set(toParse.values()), reading);
  for (const [path, blob] of toParse) {
    files.set(path, manifestFile(path, parsed.get(blob), kinds));
    await breathe();
  }
  return files;
}

/** What is wrong with a document by itself, with its place. */
export function issuesOf(entry: Entry, findings: readonly Finding[] = entry.findings): Issue[] {
  const { document, path } = entry;
  const ref = entry.ref ?? entry.guess;
  const issues = document.problems.map((problem) => placedIssue(problem, path, ref, problem));
  if (findings.length === 0) return issues;
  const positions = new Positions(document.value ?? null, document.positions, document);
  for (const finding of findings) issues.push(toIssue(finding, { path, ref, positions }));
  return issues;
}

/** Files that may hold manifests. */
export const manifestName = /\.ya?ml$/i;

function manifestFile(
  path: string,
  parsed: ParsedFile | undefined,
  kinds: KindSet,
): ManifestFile | undefined {
  if (parsed === undefined) return undefined;
  const file = { path, mentions: parsed.mentions, documents: parsed.documents.length };
  const entries: Entry[] = [];
  for (const [index, document] of parsed.documents.entries()) {
    const examined = examine(document, file, kinds);
    if (examined === undefined) continue;
    deepFreeze(document.value);
    entries.push({ path, index, document, ...examined });
  }
  return entries.length === 0 ? undefined : { path, entries, documents: file.documents };
}

async function parsedByBlob(ids: ReadonlySet<string>, reading: Reading): Promise<Map<string, ParsedFile>> {
  const { source, cache, breathe } = reading;
  const parsed = new Map<string, ParsedFile>();
  const unknown: string[] = [];
  for (const id of ids) {
    const kept = cache?.get(id);
    const file = fromKept(kept);
    if (file === undefined) unknown.push(id);
    else parsed.set(id, file);
    await breathe();
  }
  if (unknown.length === 0) return parsed;
  for await (const { id, size, bytes } of source.blobs(unknown, limits.bytes)) {
    const file = bytes ? parseManifests(bytes) : tooLarge(size, await beginningMentions(source, id));
    parsed.set(id, file);
    cache?.put(id, JSON.stringify(file));
    await breathe();
  }
  return parsed;
}

/** What is kept may have been cut or written by something else: then it is as if it were not there. */
export function fromKept(json: string | undefined): ParsedFile | undefined {
  if (json === undefined) return undefined;
  try {
    const file = JSON.parse(json) as ParsedFile;
    return Array.isArray(file.documents) ? file : undefined;
  } catch {
    return undefined;
  }
}

async function beginningMentions(source: ManifestSource, id: string): Promise<boolean> {
  for await (const chunk of source.openBlob(id)) return mentionsSwitchyard(chunk.subarray(0, limits.bytes));
  return false;
}

/** Symbolic links and submodules matter where manifests would be: as a file, or as a folder full of them. */
function isLinkInTheWay(path: string, { type }: TreeEntry, kinds: KindSet): boolean {
  if (manifestName.test(path) || kinds.isConventionalFolder(path)) return true;
  return type === 'submodule' && kinds.isConventional(path);
}

function linkRefused(path: string, { type }: TreeEntry, kinds: KindSet): Finding {
  const isExpected = kinds.isConventional(path) || kinds.isConventionalFolder(path);
  return {
    code: 'LinkRefused',
    pointer: '',
    message: `${type === 'symlink' ? 'a symbolic link' : 'a submodule'} is not a manifest`,
    hint: 'Commit the files themselves: what a link leads to is not part of the commit.',
    severity: isExpected ? 'error' : 'warning',
  };
}

function strangeName(path: string): Finding {
  return {
    code: 'InvalidFileName',
    pointer: '',
    message: `the name of the file, ${printable(path)}, holds characters that cannot be seen`,
    hint: 'Rename it.',
  };
}

/** A path where a manifest would be, without one that can be read. */
export function refused(path: string, finding: Finding): ManifestFile {
  const document = {
    line: 1,
    column: 1,
    value: undefined,
    digest: '',
    positions: '',
    problems: [],
    torn: true,
  };
  return {
    path,
    documents: 0,
    entries: [
      { path, index: 0, document, kind: undefined, ref: undefined, guess: undefined, findings: [finding] },
    ],
  };
}
