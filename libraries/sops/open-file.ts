import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { openDataKey } from './data-key.ts';
import { SopsError } from './error.ts';
import { isSameMac, macOf } from './mac.ts';
import type { Metadata } from './metadata.ts';
import { takeMetadata } from './read-file.ts';
import { encryptionOf } from './rules.ts';
import {
  commentsOf,
  type Format,
  type Leaf,
  leavesOf,
  nameOf,
  type Path,
  parseTree,
  putValue,
  type Tree,
  textOfTree,
} from './tree.ts';
import { isCiphertext, openValue, placeOf, type TypedText } from './value-cipher.ts';

/** A file whose values were decrypted and whose MAC was checked. */
export interface OpenedFile {
  readonly format: Format;
  /** As it was encrypted. */
  readonly text: string;
  /** As it was before, without its metadata. */
  readonly plaintext: string;
  readonly metadata: Metadata;
  readonly dataKey: Uint8Array;
  readonly values: readonly OpenedValue[];
  /** The ciphertexts of comments, by what they say. */
  readonly comments: ReadonlyMap<string, string>;
}

export interface OpenedValue {
  readonly path: Path;
  readonly value: TypedText;
  readonly isEncrypted: boolean;
  readonly ciphertext: string | undefined;
}

/** Decrypts a file and checks its MAC, always. Throws `SopsError`, which holds no value. */
export async function openFile(
  text: string,
  format: Format,
  identities: readonly string[],
): Promise<OpenedFile> {
  const tree = parseTree(text, format);
  const metadata = takeMetadata(tree);
  const dataKey = await openDataKey(metadata, identities);
  const isEncrypted = encryptionOf(metadata.rule);
  const opened = leavesOf(tree).map((leaf) => ({ leaf, ...openLeaf(leaf, isEncrypted(leaf.path), dataKey) }));
  checkMac(metadata, dataKey, opened);
  for (const { leaf, value, isEncrypted } of opened) {
    if (isEncrypted && value !== undefined) putValue(leaf, value, format);
  }
  for (const document of tree.documents) replaceCommentItems(document.contents as Node | null, opened);
  const comments = new Map(openComments(tree, dataKey));
  for (const { leaf, value, ciphertext } of opened) {
    if (value?.type !== 'comment' || ciphertext === undefined) continue;
    comments.set(`${placeOf(leaf.path)}\n${value.text}`, ciphertext);
  }
  // Where comments were items of a list, its other items count anew.
  const paths = new Map(leavesOf(tree).map(({ scalar, path }) => [scalar, path]));
  const values: OpenedValue[] = [];
  for (const { leaf, value, isEncrypted, ciphertext } of opened) {
    if (value === undefined || value.type === 'comment') continue;
    values.push({ path: paths.get(leaf.scalar) ?? leaf.path, value, isEncrypted, ciphertext });
  }
  return { format, text, plaintext: textOfTree(tree), metadata, dataKey, values, comments };
}

function openLeaf({ path, value }: Leaf, isEncrypted: boolean, dataKey: Uint8Array) {
  if (value === undefined || !isEncrypted) return { value, isEncrypted, ciphertext: undefined };
  if (value.type !== 'str') throw new SopsError('tampered', `${nameOf(path)} should be encrypted and is not`);
  const ciphertext = value.text;
  return { value: openValue(ciphertext, dataKey, placeOf(path), nameOf(path)), isEncrypted, ciphertext };
}

function checkMac(
  { mac, lastModified, macOnlyEncrypted }: Metadata,
  dataKey: Uint8Array,
  values: Parameters<typeof macOf>[0],
): void {
  let said: string;
  try {
    said = openValue(mac, dataKey, macPlace(lastModified), 'the MAC').text;
  } catch {
    throw new SopsError('tampered', 'the MAC or the time of the last change (lastmodified) was changed');
  }
  if (isSameMac(said, macOf(values, macOnlyEncrypted))) return;
  throw new SopsError('tampered', 'the MAC does not fit: values were changed, added, removed or moved');
}

/** The time as Go writes it. */
export function macPlace(lastModified: string): string {
  return lastModified.replace(/\.\d+/, '').replace(/[-+]00:00$/, 'Z');
}

/** SOPS writes the comments of a list as items of it. */
function replaceCommentItems(
  node: Node | null,
  opened: readonly { readonly leaf: Leaf; readonly value: TypedText | undefined }[],
): void {
  const comments = new Map(
    opened.flatMap(({ leaf, value }) =>
      value?.type === 'comment' ? [[leaf.scalar as Node, value.text] as const] : [],
    ),
  );
  if (comments.size === 0) return;
  const visit = (inner: Node | null): void => {
    if (isMap(inner)) for (const { value } of inner.items) visit(value as Node | null);
    if (!isSeq(inner)) return;
    let waiting: string[] = [];
    const kept: Node[] = [];
    for (const item of inner.items as Node[]) {
      const comment = isScalar(item) ? comments.get(item) : undefined;
      if (comment !== undefined) waiting.push(comment);
      else {
        if (waiting.length > 0)
          item.commentBefore = [...waiting, ...(item.commentBefore ? [item.commentBefore] : [])].join('\n');
        waiting = [];
        kept.push(item);
        visit(item);
      }
    }
    if (waiting.length > 0)
      inner.comment = [...waiting, ...(inner.comment ? [inner.comment] : [])].join('\n');
    inner.items = kept;
  };
  visit(node);
}

/** Comments are not under the MAC. One that cannot be decrypted may never have been encrypted: it stays. */
function openComments(tree: Tree, dataKey: Uint8Array): ReadonlyMap<string, string> {
  const ciphertexts = new Map<string, string>();
  for (const { path, lines, replace } of commentsOf(tree)) {
    if (!lines.some(isCiphertext)) continue;
    replace(
      lines.map((line) => {
        const text = isCiphertext(line) ? openComment(line, path, dataKey) : undefined;
        if (text === undefined) return line;
        ciphertexts.set(`${placeOf(path)}\n${text}`, line);
        return text;
      }),
    );
  }
  return ciphertexts;
}

/** Parsers do not agree on which collection a comment between two belongs to. */
function openComment(line: string, path: Path, dataKey: Uint8Array): string | undefined {
  for (let length = path.length; length >= 0; length--) {
    try {
      return openValue(line, dataKey, placeOf(path.slice(0, length)), 'a comment').text;
    } catch {
      // Further out, then.
    }
  }
  return undefined;
}
