import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  Scalar,
} from 'yaml';
import { SopsError } from './error.ts';
import { jsonText } from './json-text.ts';
import { plainValue } from './plain-value.ts';
import type { TypedText } from './value-cipher.ts';

export type Format = 'yaml' | 'json';
export type Path = readonly (string | number)[];

/** A file as a tree: JSON, which is YAML as well, and YAML with its comments and its order. */
export interface Tree {
  readonly format: Format;
  readonly documents: readonly Document[];
  /** Spaces that one level is indented by. */
  readonly indent: number;
}

/** One value of the tree, to be read and replaced. */
export interface Leaf {
  readonly path: Path;
  /** Undefined for null. */
  readonly value: TypedText | undefined;
  readonly scalar: Scalar<string>;
}

/** The lines of a comment; `path` is that of the map or list in which it stands. */
export interface Comment {
  readonly path: Path;
  readonly lines: readonly string[];
  replace(lines: readonly string[]): void;
}

/** Throws `SopsError`. */
export function parseTree(text: string, format: Format): Tree {
  if (format === 'json') requireJson(text);
  const documents = parseDocuments(text);
  if (!Array.isArray(documents)) throw new SopsError('malformed', 'the file is empty');
  for (const document of documents) {
    if (document.errors.length > 0)
      throw new SopsError('malformed', `it is no valid ${format.toUpperCase()}`);
    if (document.contents !== null && !isMap(document.contents)) {
      throw new SopsError('malformed', 'it is not a map of keys to values');
    }
  }
  const indent = /^( +)\S/m.exec(text.replace(/^sops:[\s\S]*/m, ''))?.[1]?.length ?? 4;
  return { format, documents, indent: Math.min(indent, 8) };
}

function parseDocuments(text: string) {
  try {
    // Every scalar stays the text that it is: what it means is for `plainValue` to say, as SOPS does.
    return parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false });
  } catch {
    // The parser goes down by recursion.
    throw new SopsError('malformed', 'it is nested too deeply');
  }
}

function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    // The parser would repeat what is there.
    throw new SopsError('malformed', 'it is no valid JSON');
  }
}

export function textOfTree(tree: Tree): string {
  const { format, documents, indent } = tree;
  const [first] = documents;
  if (format === 'json') return first === undefined ? '{}\n' : jsonText(first.contents as Node);
  for (const { scalar } of leavesOf(tree)) {
    if (otherLineBreaks.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    // Nothing at all is null, and would be written as an empty text.
    else if (scalar.value === '' && scalar.type === Scalar.PLAIN) scalar.value = 'null';
  }
  const text = documents.map((document) => document.toString({ lineWidth: 0, indent, indentSeq: true }));
  return text.join('').replaceAll('\u2028', '\\L').replaceAll('\u2029', '\\P').replaceAll('\u0085', '\\N');
}

/** What ends a line for some parsers of YAML, and must be escaped. */
const otherLineBreaks = /[\u2028\u2029\u0085]/;

/** The values in the order in which their MAC is computed. Throws `SopsError` for what SOPS cannot encrypt. */
export function leavesOf(tree: Tree): readonly Leaf[] {
  const leaves: Leaf[] = [];
  for (const { contents } of tree.documents) if (contents !== null) visit(contents as Node, [], leaves);
  return leaves;
}

function visit(node: Node | null, path: Path, leaves: Leaf[]): void {
  if (node === null) return;
  if (isAlias(node)) throw new SopsError('unsupported', `${nameOf(path)} is an alias`);
  if (isMap(node)) {
    const seen = new Set<string>();
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = keyOf(pair, path);
      if (seen.has(key)) throw new SopsError('malformed', `${nameOf([...path, key])} stands twice`);
      seen.add(key);
      visit(pair.value, [...path, key], leaves);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of (node.items as Node[]).entries()) visit(item, [...path, index], leaves);
  } else if (isScalar<string>(node)) {
    leaves.push({ path, value: valueAt(node, path), scalar: node });
  }
}

/** The key of a pair. SOPS knows only texts. */
export function keyOf(pair: Pair<Node, Node | null>, path: Path): string {
  const { key } = pair;
  if (isScalar<string>(key) && key.anchor === undefined) {
    const isText = key.type !== Scalar.PLAIN || plainValue(key.value)?.type === 'str';
    if (isText) return key.value;
  }
  throw new SopsError('unsupported', `a key in ${nameOf(path)} is no text: write it in quotes`);
}

function valueAt(scalar: Scalar<string>, path: Path): TypedText | undefined {
  const { tag, type, value } = scalar;
  if (scalar.anchor !== undefined) throw new SopsError('unsupported', `${nameOf(path)} has an anchor`);
  if (tag !== undefined && tag !== 'tag:yaml.org,2002:str') {
    throw new SopsError('unsupported', `${nameOf(path)} has a tag`);
  }
  return type === Scalar.PLAIN && tag === undefined ? plainValue(value) : { type: 'str', text: value };
}

/** Puts a text that SOPS made in place of a value. */
export function putCiphertext({ scalar }: Leaf, text: string, format: Format): void {
  scalar.value = text;
  scalar.type = format === 'json' || text === '' ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
}

/** Puts a decrypted value in place of its ciphertext. */
export function putValue({ scalar }: Leaf, { type, text }: TypedText, format: Format): void {
  const isText = type === 'str' || type === 'bytes' || type === 'comment';
  scalar.value = type === 'bool' ? text.toLowerCase() : text;
  if (!isText) scalar.type = format === 'json' && type === 'time' ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
  else if (format === 'json' || looksOtherwise(text)) scalar.type = Scalar.QUOTE_DOUBLE;
  else scalar.type = text.includes('\n') ? Scalar.BLOCK_LITERAL : Scalar.PLAIN;
}

/** Whether a text without quotes would be read as something else, also by parsers of YAML 1.1. */
function looksOtherwise(text: string): boolean {
  return plainValue(text)?.type !== 'str' || /^(?:y|n|yes|no|on|off)$/i.test(text);
}

export function commentsOf(tree: Tree): readonly Comment[] {
  const comments: Comment[] = [];
  const add = (holder: { comment?: string | null; commentBefore?: string | null }, path: Path) => {
    for (const field of ['commentBefore', 'comment'] as const) {
      const text = holder[field];
      if (!text) continue;
      const replace = (lines: readonly string[]) => {
        holder[field] = lines.join('\n');
      };
      comments.push({ path, lines: text.split('\n'), replace });
    }
  };
  const walk = (node: Node | null, path: Path, around: Path): void => {
    if (node === null) return;
    add(node, isScalar(node) ? around : path);
    if (isMap(node)) {
      for (const pair of node.items as Pair<Node, Node | null>[]) {
        add(pair.key, path);
        walk(pair.value, [...path, keyOf(pair, path)], path);
      }
    } else if (isSeq(node)) {
      for (const item of node.items as Node[]) walk(item, path, path);
    }
  };
  for (const document of tree.documents) {
    add(document, []);
    walk(document.contents as Node | null, [], []);
  }
  return comments;
}

/** For people: `database.password`, `hosts[1]`. */
export function nameOf(path: Path): string {
  if (path.length === 0) return 'the top';
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}
