import { parseAllDocuments } from 'yaml';
import type { FileEdit, YamlEdit } from '../../../core/capabilities/proposer.ts';
import { messageOf, type Ref } from '../../../core/plugin.ts';
import type { Repository } from '../../../libraries/git/repository.ts';
import { editYaml } from '../../../libraries/yaml-edit/index.ts';
import { editRefused } from '../errors.ts';
import { refusePath } from './file-edit-check.ts';

export type Changes = ReadonlyMap<string, Uint8Array | string | null>;

/**
 * What an intent makes of a commit's files: path → new content, null where it goes. Empty where the commit already says
 * it all. Throws `EditRefused` for an edit that does not fit the file as it is.
 */
export async function applyIntent(
  repository: Repository,
  commit: string,
  files: readonly FileEdit[],
): Promise<Changes> {
  const changes = new Map<string, Uint8Array | string | null>();
  for (const file of files) {
    refusePath(file.path);
    const before = await repository.readFile(commit, file.path, maxBytes);
    if ('remove' in file) {
      if (before !== undefined) changes.set(file.path, null);
      continue;
    }
    const after = 'content' in file ? Buffer.from(file.content, 'base64') : edited(file, before);
    if (before === undefined || !Buffer.from(before).equals(after)) changes.set(file.path, after);
  }
  return changes;
}

const maxBytes = 256 * 1024 * 1024;

function edited(
  { path, edits, ref }: Extract<FileEdit, { edits: unknown }>,
  before: Uint8Array | undefined,
): Buffer {
  if (before === undefined) throw editRefused(path, 'the base has no such file');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(before);
  } catch (error) {
    throw editRefused(path, 'it is not UTF-8', undefined, error);
  }
  const document = ref === undefined ? undefined : documentOf(path, text, ref);
  for (const edit of edits) {
    refuseUnexpected(path, text, edit, document ?? 0);
    const bare = edit.op === 'set' ? { op: edit.op, pointer: edit.pointer, value: edit.value } : edit;
    try {
      text = editYaml(text, [bare], document === undefined ? {} : { document });
    } catch (error) {
      throw editRefused(path, messageOf(error), undefined, error);
    }
  }
  return Buffer.from(text, 'utf8');
}

/** Somebody else may have changed the value since the intent was made: then it is not ours to change. */
function refuseUnexpected(path: string, text: string, edit: YamlEdit, document: number): void {
  if (edit.op !== 'set' || edit.expected === undefined) return;
  const actual = valueAt(documentsOf(text)[document], edit.pointer);
  // What it is to become already is no surprise: nothing will change.
  if (isSame(actual, edit.expected) || isSame(actual, edit.value)) return;
  const [is, was] = [JSON.stringify(actual) ?? 'absent', JSON.stringify(edit.expected)];
  throw editRefused(path, `${edit.pointer} is ${is}, not ${was} as it was when this was asked for`);
}

/** The place of a resource's document among those of the text that hold something. */
function documentOf(path: string, text: string, ref: Ref): number {
  const found = documentsOf(text).findIndex((document) => {
    const [kind, name] = [valueAt(document, '/kind'), valueAt(document, '/metadata/name')];
    const scope = valueAt(document, '/metadata/environment') ?? valueAt(document, '/metadata/model');
    return [kind, scope, name].filter((part) => part !== undefined).join('/') === ref;
  });
  if (found === -1) throw editRefused(path, `it does not hold ${ref}`);
  return found;
}

function documentsOf(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', uniqueKeys: false });
  if (!Array.isArray(documents)) return [];
  return documents
    .filter(({ contents }) => contents !== null)
    .map((document): unknown => document.toJS({ maxAliasCount: 0 }));
}

function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
