import { randomBytes } from 'node:crypto';
import { isMap, isScalar, type Node, type Pair, Scalar, visit } from 'yaml';
import { type RecipientGroups, wrapDataKey } from './data-key.ts';
import { SopsError } from './error.ts';
import { macOf } from './mac.ts';
import { formatVersion, type Metadata, metadataFields } from './metadata.ts';
import { macPlace, type OpenedFile } from './open-file.ts';
import { plainValue } from './plain-value.ts';
import { defaultRule, encryptionOf, type Rule } from './rules.ts';
import {
  commentsOf,
  type Format,
  leavesOf,
  parseTree,
  putCiphertext,
  type Tree,
  textOfTree,
} from './tree.ts';
import { isCiphertext, placeOf, sealValue, type TypedText } from './value-cipher.ts';

export interface SealOptions {
  readonly format: Format;
  /** Age recipients. Several groups: a part of the data key for each. */
  readonly groups: RecipientGroups;
  /** How many groups suffice. Default: all. */
  readonly threshold?: number;
  readonly rule?: Rule;
  readonly macOnlyEncrypted?: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Encrypts a file that is not encrypted yet. */
export async function sealFile(plaintext: string, options: SealOptions): Promise<string> {
  const { format, groups, threshold, rule = defaultRule, macOnlyEncrypted = false, now } = options;
  const dataKey = randomBytes(32);
  const keys = await wrapDataKey(dataKey, groups, threshold);
  return seal(plaintext, { format, dataKey, metadata: { ...keys, rule, macOnlyEncrypted }, now });
}

/** Encrypts a changed plaintext for the keys of the file that it comes from: what did not change keeps its ciphertext, and so does what `others` have. */
export function resealFile(
  opened: OpenedFile,
  plaintext: string,
  now: number,
  others: readonly OpenedFile[] = [],
): string {
  if (plaintext === opened.plaintext) return opened.text;
  const { format, dataKey, metadata } = opened;
  // Of the same file in another state, what was encrypted with the same key.
  const akin = others.filter((other) => Buffer.from(other.dataKey).equals(dataKey));
  return seal(plaintext, { format, dataKey, metadata, now, previous: [opened, ...akin] });
}

/** Gives a file a new data key, so that whoever had the old one reads nothing that is written from now on. */
export async function rotateFile(opened: OpenedFile, now: number): Promise<string> {
  const { format, metadata, plaintext } = opened;
  return sealFile(plaintext, {
    ...metadata,
    format,
    groups: recipientsOf(metadata),
    ...(metadata.groups.length > 1 ? { threshold: metadata.threshold } : {}),
    now,
  });
}

/** Wraps the same data key for other recipients; values stay as they are. */
export async function rewrapFile(
  opened: OpenedFile,
  groups: RecipientGroups,
  threshold?: number,
): Promise<string> {
  recipientsOf(opened.metadata);
  const keys = await wrapDataKey(opened.dataKey, groups, threshold);
  const tree = parseTree(opened.text, opened.format);
  putMetadata(tree, { ...opened.metadata, ...keys });
  return textOfTree(tree);
}

/** Who may open a file, by group. Throws where others than age keys may: only SOPS itself can wrap for those. */
export function recipientsOf({ groups }: Metadata): RecipientGroups {
  const others = [...new Set(groups.flatMap((group) => Object.keys(group.others)))];
  if (others.length > 0) {
    throw new SopsError(
      'unsupported',
      `it is encrypted for keys of ${others.join(', ')} too: let sops itself change its keys`,
    );
  }
  return groups.map(({ age }) => age.map(({ recipient }) => recipient));
}

interface Sealing {
  readonly format: Format;
  readonly dataKey: Uint8Array;
  readonly metadata: Pick<Metadata, 'groups' | 'threshold' | 'rule' | 'macOnlyEncrypted'>;
  readonly now: number;
  readonly previous?: readonly OpenedFile[];
}

function seal(plaintext: string, { format, dataKey, metadata, now, previous = [] }: Sealing): string {
  const tree = parseTree(plaintext, format);
  if (tree.documents.length === 0) throw new SopsError('malformed', 'the file is empty');
  if (tree.documents.some((document) => document.has('sops'))) {
    throw new SopsError('malformed', 'it has a key `sops` already');
  }
  const isEncrypted = encryptionOf(metadata.rule);
  const before = ciphertextsOf(previous);
  const values = leavesOf(tree).map((leaf) => ({
    leaf,
    value: leaf.value,
    isEncrypted: isEncrypted(leaf.path),
  }));
  for (const { leaf, value, isEncrypted } of values) {
    if (!isEncrypted || value === undefined) continue;
    const place = placeOf(leaf.path);
    putCiphertext(leaf, before.get(idOf(place, value))?.shift() ?? sealValue(value, dataKey, place), format);
  }
  const comments = new Map(previous.toReversed().flatMap((one) => [...one.comments]));
  for (const { path, lines, replace } of commentsOf(tree)) {
    if (!isEncrypted(path)) continue;
    const place = placeOf(path);
    const sealed = (text: string) =>
      comments.get(`${place}\n${text}`) ?? sealValue({ type: 'comment', text }, dataKey, place);
    replace(lines.map((line) => (line === '' || isCiphertext(line) ? line : sealed(line))));
  }
  const lastModified = new Date(now).toISOString().replace(/\.\d+/, '');
  const mac = macOf(values, metadata.macOnlyEncrypted);
  putMetadata(tree, {
    ...metadata,
    lastModified,
    mac: sealValue({ type: 'str', text: mac }, dataKey, macPlace(lastModified)),
    version: formatVersion,
  });
  return textOfTree(tree);
}

/** What is encrypted already, by place and value; items of a list share their place, so each is used once. */
function ciphertextsOf(previous: readonly OpenedFile[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, value, ciphertext } of previous.flatMap(({ values }) => values)) {
    if (ciphertext === undefined) continue;
    const id = idOf(placeOf(path), value);
    found.set(id, [...(found.get(id) ?? []), ciphertext]);
  }
  return found;
}

const idOf = (place: string, { type, text }: TypedText) => `${place}\n${type}\n${text}`;

function putMetadata(tree: Tree, metadata: Metadata): void {
  const [document] = tree.documents;
  if (document === undefined) return;
  document.delete('sops');
  const node = document.createNode(metadataFields(metadata)) as Node;
  visit(node, {
    Pair(_, pair) {
      const { key, value } = pair as Pair<Node, Node>;
      if (!isScalar<string>(key) || !isScalar<string>(value)) return;
      if (plainFields.includes(key.value)) value.type = Scalar.PLAIN;
      else if (value.value.includes('\n') && tree.format === 'yaml') value.type = Scalar.BLOCK_LITERAL;
      else
        value.type = needsQuotes(value.value) || tree.format === 'json' ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
    },
  });
  const { contents } = document;
  if (isMap(contents)) contents.items.push(document.createPair('sops', node) as never);
}

/** Which are no texts. */
const plainFields: readonly unknown[] = ['shamir_threshold', 'mac_only_encrypted'];

/** A time would be read as one. */
const needsQuotes = (text: string) => plainValue(text)?.type !== 'str';
