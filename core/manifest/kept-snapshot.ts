import { deepFreeze, LateJson } from '../../libraries/late-json/index.ts';
import type { Attachment, Ref } from '../plugin.ts';
import { isGiven, readTexts } from './attachments.ts';
import { type Claim, type ClaimFacts, claimFrom, plainFacts } from './claim.ts';
import { ClaimEdit } from './claim-edit.ts';
import { sha256 } from './digest.ts';
import { isObject, own } from './json.ts';
import { KeptDocument, type KeptFacts, KeptResource } from './kept-document.ts';
import type { CompiledKind, KindSet } from './kind-set.ts';
import {
  type Entry,
  fromKept,
  type ManifestFile,
  manifestName,
  type Reading,
  refused,
} from './manifest-files.ts';
import type { ParsedDocument, ParsedFile } from './parse.ts';
import { snapshotKey } from './parse-cache.ts';
import { referencesOf } from './references.ts';
import type { Snapshot } from './snapshot.ts';
import { type SnapshotState, startFrom, stateOf } from './snapshot-state.ts';
import type { Folder, ManifestSource } from './tree.ts';
import { snapshotFrom } from './trouble.ts';

/**
 * What a snapshot is written down as, so that the next process begins with it as if it had read that commit itself: what
 * was found out about documents, and of those that are right as much as lets them stay unread.
 */
interface Kept {
  /** Of the kernel's code and of the kinds' data. */
  readonly fingerprint: string;
  /** Kind → its validation, where that has a version. */
  readonly validations: Pairs<string>;
  readonly commit: string;
  readonly time: number;
  readonly root: Folder;
  /** Files with right manifests and nothing else, in the order of the tree: their documents. */
  readonly plain: readonly (readonly KeptFacts[])[];
  /** All others that could hold manifests; null: none of ours. */
  readonly files: Pairs<FileFacts | null>;
  readonly claims: Pairs<ClaimFacts>;
}

type Pairs<T> = readonly (readonly [key: string, value: T])[];

interface FileFacts {
  /** None: the file is refused as it is. */
  readonly documents: number;
  readonly entries: readonly Pick<Entry, 'index' | 'ref' | 'guess' | 'findings'>[];
}

/** Writes down a snapshot that this code (its digest) made. */
export function keepSnapshot(snapshot: Snapshot, code: string): string {
  const state = stateOf(snapshot);
  if (state?.root === undefined) throw new TypeError('not a snapshot of loadSnapshot');
  const plain: KeptFacts[][] = [];
  const files: [string, FileFacts | null][] = [];
  for (const { path, isExpected } of filesIn(state.root)) {
    const file = state.files.get(path);
    if (file === undefined && isExpected) files.push([path, null]);
    if (file === undefined) continue;
    if (isExpected && isPlainFile(file)) plain.push(file.entries.map((entry) => keptFacts(entry, state)));
    else files.push([path, factsOfFile(file)]);
  }
  const claims: [Ref, ClaimFacts][] = [];
  for (const [ref, claim] of state.claims) if (!isPlain(claim)) claims.push([ref, factsOf(claim)]);
  const kept: Kept = {
    fingerprint: fingerprintOf(state.kinds, code),
    validations: [...validationsOf(state.kinds)],
    commit: snapshot.commit,
    time: snapshot.time,
    root: state.root,
    plain,
    files,
    claims,
  };
  return JSON.stringify(kept);
}

export interface Restored {
  readonly snapshot: Snapshot;
  /** What must be judged anew: its kind has no version of its validation, or another one than then. */
  readonly unproven: readonly Ref[];
}

/**
 * The snapshot that an earlier process wrote down, as that process had it. Undefined where there is none, where other
 * code or kinds with other data made it, and where anything that it needs is gone or damaged: then all is read again.
 */
export async function restoreSnapshot(reading: Reading): Promise<Restored | undefined> {
  const { source, kinds, cache } = reading;
  const text = cache?.get(snapshotKey);
  if (text === undefined || cache?.code === undefined || source.identify !== undefined) return undefined;
  try {
    const kept = JSON.parse(text) as Kept;
    if (kept.fingerprint !== fingerprintOf(kinds, cache.code)) return undefined;
    return await restore(kept, reading);
  } catch {
    return undefined; // reading it all again tells what is wrong, if that is still wrong
  }
}

async function restore(kept: Kept, reading: Reading): Promise<Restored> {
  const { source, kinds, breathe } = reading;
  const facts = new Map(kept.claims);
  const [attachmentsOf, files] = await Promise.all([
    readAttachments([...facts.values()], source),
    restoreFiles(kept, reading),
  ]);
  const entries = new Map<Ref, Entry[]>();
  for (const file of files.values()) {
    for (const entry of file.entries) {
      const ref = entry.ref ?? entry.guess;
      if (ref === undefined) continue;
      const others = entries.get(ref);
      if (others) others.push(entry);
      else entries.set(ref, [entry]);
    }
  }
  const then = new Map(kept.validations);
  const now = validationsOf(kinds);
  const unproven: Ref[] = [];
  const edit = new ClaimEdit(startFrom(undefined, kinds));
  for (const [ref, some] of entries) {
    const known = facts.get(ref);
    const own = known ? { ...known, attachments: attachmentsOf(known) } : plainFacts;
    const claim = claimFrom(ref, some, own, kept.commit);
    const kind = claim.kind?.definition;
    const isProven = kind && now.has(kind.kind) && now.get(kind.kind) === then.get(kind.kind);
    if (!isProven) unproven.push(ref);
    else if (claim.resource instanceof KeptResource) claim.resource.vouchFor(kind);
    edit.restore(claim);
    await breathe();
  }
  return { snapshot: snapshotFrom(edit.done(kept.root, kinds, files), kept), unproven };
}

async function restoreFiles(
  kept: Kept,
  { kinds, cache, breathe }: Reading,
): Promise<Map<string, ManifestFile>> {
  const unusual = new Map(kept.files);
  const files = new Map<string, ManifestFile>();
  let next = 0;
  for (const { path, blob, isExpected } of filesIn(kept.root)) {
    const facts = unusual.get(path);
    if (facts)
      files.set(
        path,
        fileFrom(path, facts, () => fromKept(cache?.get(blob))?.documents, kinds),
      );
    else if (facts === undefined && isExpected)
      files.set(path, plainFile(path, kept.plain[next++], cache?.get(blob), kinds));
    await breathe();
  }
  return files;
}

function plainFile(
  path: string,
  facts: readonly KeptFacts[] | undefined,
  json: string | undefined,
  kinds: KindSet,
): ManifestFile {
  if (json === undefined || facts === undefined) throw new Error(`the cache has lost ${path}`);
  const parsed = new LateJson<ParsedFile>(json);
  const entries = facts.map((document, index): Entry => {
    const [ref] = document;
    const kind = kinds.get(ref.slice(0, ref.indexOf('/')));
    const kept = new KeptDocument(document, parsed, index);
    return { path, index, document: kept, kind, ref, guess: undefined, findings: none };
  });
  return { path, entries, documents: entries.length };
}

function fileFrom(
  path: string,
  facts: FileFacts,
  read: () => readonly ParsedDocument[] | undefined,
  kinds: KindSet,
): ManifestFile {
  const [first] = facts.entries;
  if (facts.documents === 0 && first?.findings[0]) return refused(path, first.findings[0]);
  const documents = read();
  if (documents === undefined) throw new Error(`the cache has lost ${path}`);
  const entries = facts.entries.map(({ index, ref, guess, findings }): Entry => {
    const document = documents[index] as ParsedDocument;
    return { path, index, document, kind: kindOf(document, kinds), ref, guess, findings };
  });
  for (const { document } of entries) deepFreeze(document.value);
  return { path, entries, documents: documents.length };
}

const none: Entry['findings'] = [];

/** Attachments with the texts that their kinds read, which are in the repository and need not be kept. */
async function readAttachments(
  claims: readonly ClaimFacts[],
  source: ManifestSource,
): Promise<(facts: ClaimFacts) => ClaimFacts['attachments']> {
  const isRead = ({ requests }: ClaimFacts, { path, size }: Attachment) =>
    requests.some((request) => request.path === path && isGiven(request, size));
  const blobs = new Set<string>();
  for (const claim of claims) {
    for (const one of claim.attachments ?? []) if (isRead(claim, one)) blobs.add(one.blob);
  }
  const texts = await readTexts(blobs, source);
  return (claim) => {
    const attachments = claim.attachments?.map((attachment): Attachment => {
      const text = isRead(claim, attachment) ? texts.get(attachment.blob)?.text : undefined;
      const must = claim.requests.some(({ path, read }) => read === true && path === attachment.path);
      if (text === undefined && !must) return Object.freeze(attachment);
      if (text === undefined) throw new Error(`${attachment.path} cannot be read any more`);
      return Object.freeze({ ...attachment, text });
    });
    return attachments ? Object.freeze(attachments) : null;
  };
}

/** Files and links in the order of the tree; expected to hold manifests is what has the name of one. */
function filesIn({ entries, folders }: Folder, prefix = '', found: FoundFile[] = []): readonly FoundFile[] {
  for (const [at, { name, type, id }] of entries.entries()) {
    const path = prefix + name;
    const folder = folders[at];
    if (folder) filesIn(folder, `${path}/`, found);
    else found.push({ path, blob: id, isExpected: type === 'blob' && manifestName.test(name) });
  }
  return found;
}

type FoundFile = { readonly path: string; readonly blob: string; readonly isExpected: boolean };

function isPlainFile({ entries, documents }: ManifestFile): boolean {
  const isPlainEntry = ({ document, kind, ref, findings }: Entry) =>
    ref !== undefined && kind !== undefined && findings.length === 0 && document.problems.length === 0;
  return entries.length === documents && entries.every(isPlainEntry);
}

function keptFacts({ ref, document }: Entry, { claims }: SnapshotState): KeptFacts {
  const { resource, kind } = claims.get(ref as Ref) ?? {};
  const declared = resource && referencesOf(resource, kind?.definition);
  const references = declared && declared.crash === undefined ? declared.references : null;
  return [ref as Ref, document.line, document.column, document.digest, references];
}

function factsOfFile({ entries, documents }: ManifestFile): FileFacts {
  return {
    documents,
    entries: entries.map(({ index, ref, guess, findings }) => ({ index, ref, guess, findings })),
  };
}

function isPlain({ entries, resource, requests, findings, issues, hopes, isValid }: Claim): boolean {
  const isAlone = entries.length === 1 && resource !== undefined && isValid;
  return isAlone && requests.length + findings.length + issues.length + hopes.length === 0;
}

function factsOf({ resource, requests, searched, findings, issues, hopes, isValid }: Claim): ClaimFacts {
  const attachments = resource?.attachments.map(({ text: _, ...attachment }) => attachment) ?? null;
  return { requests, searched, findings, issues, hopes, isValid, attachments };
}

function kindOf({ value }: ParsedDocument, kinds: KindSet): CompiledKind | undefined {
  const name = isObject(value) ? own(value, 'kind') : undefined;
  return typeof name === 'string' ? kinds.get(name) : undefined;
}

/** Kind → what names its validation; none for a kind that must be asked at each start. The text of its own functions is a net. */
function validationsOf(kinds: KindSet): Map<string, string> {
  const validations = new Map<string, string>();
  for (const name of kinds.names()) {
    const kind = kinds.get(name)?.definition;
    if (kind?.validationVersion === undefined) continue;
    const code = [kind.validate, kind.references, kind.attachments].map(String);
    validations.set(name, sha256(JSON.stringify([kind.validationVersion, ...code])));
  }
  return validations;
}

function fingerprintOf(kinds: KindSet, code: string): string {
  const data = [...kinds.names()].sort().map((name) => kinds.get(name)?.definition);
  return sha256(JSON.stringify([code, data.map((kind) => ({ ...kind, validationVersion: undefined }))]));
}
