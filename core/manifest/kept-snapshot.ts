import { type Attachment, type Ref, refOf } from '../plugin.ts';
import { readTexts } from './attachments.ts';
import { type Claim, type ClaimFacts, claimFrom, plainFacts } from './claim.ts';
import { ClaimEdit } from './claim-edit.ts';
import { sha256 } from './digest.ts';
import { deepFreeze, isObject, own } from './json.ts';
import type { CompiledKind, KindSet } from './kind-set.ts';
import {
  type Entry,
  fromKept,
  type ManifestFile,
  manifestName,
  type Reading,
  refused,
} from './manifest-files.ts';
import type { ParsedDocument } from './parse.ts';
import { snapshotKey } from './parse-cache.ts';
import type { Snapshot } from './snapshot.ts';
import { startFrom, stateOf } from './snapshot-state.ts';
import type { Folder, ManifestSource } from './tree.ts';
import { snapshotFrom } from './trouble.ts';

/**
 * What a snapshot is written down as, so that the next process begins with it as if it had read that commit itself. What
 * the parsed documents tell is not repeated: only what was found out about them, and of that only what is not usual.
 */
interface Kept {
  /** Of the kernel's code and of the kinds' data. */
  readonly fingerprint: string;
  /** Kind → its validation, where that has a version. */
  readonly validations: Pairs<string>;
  readonly commit: string;
  readonly time: number;
  readonly root: Folder;
  /** Files that hold more or less than right manifests; null: none of ours. */
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
  const files: [string, FileFacts | null][] = [];
  for (const { path, isExpected } of filesIn(state.root)) {
    const file = state.files.get(path);
    if (file === undefined && isExpected) files.push([path, null]);
    if (file !== undefined && !(isExpected && isPlainFile(file))) files.push([path, factsOfFile(file)]);
  }
  const claims: [Ref, ClaimFacts][] = [];
  for (const [ref, claim] of state.claims) if (!isPlain(claim)) claims.push([ref, factsOf(claim)]);
  const kept: Kept = {
    fingerprint: fingerprintOf(state.kinds, code),
    validations: [...validationsOf(state.kinds)],
    commit: snapshot.commit,
    time: snapshot.time,
    root: state.root,
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
    edit.restore(claim);
    const kind = claim.kind?.definition.kind ?? '';
    if (!now.has(kind) || now.get(kind) !== then.get(kind)) unproven.push(ref);
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
  for (const { path, blob, isExpected } of filesIn(kept.root)) {
    const facts = unusual.get(path);
    if (facts === undefined ? isExpected : facts !== null) {
      files.set(
        path,
        fileFrom(path, facts ?? undefined, () => fromKept(cache?.get(blob))?.documents, kinds),
      );
    }
    await breathe();
  }
  return files;
}

function fileFrom(
  path: string,
  facts: FileFacts | undefined,
  read: () => readonly ParsedDocument[] | undefined,
  kinds: KindSet,
): ManifestFile {
  const [first] = facts?.entries ?? [];
  if (facts?.documents === 0 && first?.findings[0]) return refused(path, first.findings[0]);
  const documents = read();
  if (documents === undefined) throw new Error(`the cache has lost ${path}`);
  const entries = facts
    ? facts.entries.map(({ index, ref, guess, findings }): Entry => {
        const document = documents[index] as ParsedDocument;
        return { path, index, document, kind: kindOf(document, kinds), ref, guess, findings };
      })
    : documents.map((document, index): Entry => {
        const kind = kindOf(document, kinds);
        return { path, index, document, kind, ref: refIn(document, kind), guess: undefined, findings: none };
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
  const isRead = ({ requests }: ClaimFacts, path: string) =>
    requests.some((request) => request.path === path && request.read);
  const blobs = new Set<string>();
  for (const claim of claims) {
    for (const { path, blob } of claim.attachments ?? []) if (isRead(claim, path)) blobs.add(blob);
  }
  const texts = await readTexts(blobs, source);
  return (claim) => {
    const attachments = claim.attachments?.map((attachment): Attachment => {
      if (!isRead(claim, attachment.path)) return Object.freeze(attachment);
      const text = texts.get(attachment.blob)?.text;
      if (text === undefined) throw new Error(`${attachment.path} cannot be read any more`);
      return Object.freeze({ ...attachment, text });
    });
    return attachments ? Object.freeze(attachments) : null;
  };
}

/** Files and links in the order of the tree; expected to hold manifests is what has the name of one. */
function* filesIn(
  { entries, folders }: Folder,
  prefix = '',
): Iterable<{ path: string; blob: string; isExpected: boolean }> {
  for (const [at, { name, type, id }] of entries.entries()) {
    const path = prefix + name;
    const folder = folders[at];
    if (folder) yield* filesIn(folder, `${path}/`);
    else yield { path, blob: id, isExpected: type === 'blob' && manifestName.test(path) };
  }
}

function isPlainFile({ entries, documents }: ManifestFile): boolean {
  const isPlainEntry = ({ document, kind, ref, findings }: Entry) =>
    findings.length === 0 && document.problems.length === 0 && ref === refIn(document, kind);
  return entries.length === documents && entries.every(isPlainEntry);
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

/** The ref of a document that has all that makes one. */
function refIn({ value }: ParsedDocument, kind: CompiledKind | undefined): Ref | undefined {
  const metadata = isObject(value) ? own(value, 'metadata') : undefined;
  if (kind === undefined || !isObject(metadata)) return undefined;
  const { kind: name, scope } = kind.definition;
  return refOf(name, String(metadata.name), scope && String(metadata[scope]));
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
