import { type Document, isCollection, isMap, isScalar, type Node, Pair, Scalar, YAMLMap } from 'yaml';
import { SopsError } from './error.ts';
import {
  type Format,
  leavesOf,
  nameOf,
  type Path,
  parseTree,
  putValue,
  type Tree,
  textOfTree,
} from './tree.ts';

/** Puts a text at a place of a plaintext, whose other parts stay as they are. */
export function setText(plaintext: string, format: Format, path: Path, text: string): string {
  const tree = parseTree(plaintext, format);
  const document = only(tree);
  const scalar = new Scalar(text) as Scalar<string>;
  putValue({ path, scalar, value: undefined }, { type: 'str', text }, format);
  putAt(document, path, scalar, format);
  return textOfTree(tree);
}

export interface MergedPlaintext {
  readonly text: string;
  /** Where both sides changed the same value differently: there the text is ours. */
  readonly conflicts: readonly string[];
}

/** Merges value by value; a list counts as one value. Comments and order are ours. */
export function mergePlaintexts(base: string, ours: string, theirs: string, format: Format): MergedPlaintext {
  const [before, mine, other] = [base, ours, theirs].map((text) => parseTree(text, format)) as [
    Tree,
    Tree,
    Tree,
  ];
  const [from, to, with_] = [before, mine, other].map(unitsOf) as [Units, Units, Units];
  const conflicts: string[] = [];
  for (const name of new Set([...from.keys(), ...to.keys(), ...with_.keys()])) {
    const [was, is, comes] = [from.get(name)?.said, to.get(name)?.said, with_.get(name)?.said];
    if (comes === was || comes === is) continue;
    if (is !== was) {
      conflicts.push(name);
      continue;
    }
    const path = (with_.get(name) ?? to.get(name))?.path ?? [];
    if (comes === undefined) only(mine).deleteIn(path);
    else putAt(only(mine), path, (only(other).getIn(path, true) as Node).clone() as Node, format);
  }
  return { text: textOfTree(mine), conflicts };
}

type Units = ReadonlyMap<string, { readonly path: Path; readonly said: string }>;

/** What is merged as one: each value, and each list as a whole. */
function unitsOf(tree: Tree): Units {
  const units = new Map<string, { path: Path; said: string }>();
  for (const { path, value } of leavesOf(tree)) {
    const list = path.findIndex((step) => typeof step === 'number');
    const unit = list < 0 ? path : path.slice(0, list);
    const name = nameOf(unit);
    const said = `${units.get(name)?.said ?? ''}${JSON.stringify([path, value?.type ?? null, value?.text ?? null])}`;
    units.set(name, { path: unit, said });
  }
  return units;
}

/** Puts a node where a path leads, in place of what is there or as something new. */
function putAt(document: Document, path: Path, node: Node, format: Format): void {
  if (document.contents === null) document.contents = new YAMLMap(document.schema);
  let around: unknown = document.contents;
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    if (!isCollection(around)) {
      throw new SopsError('unsupported', `${nameOf(path.slice(0, index))} is a value, not a map`);
    }
    const there = around.get(step, true) as Node | undefined;
    const next = isLast ? node : (there ?? new YAMLMap(document.schema));
    if (isLast && isScalar(node) && isCollection(there)) {
      throw new SopsError('unsupported', `${nameOf(path)} is a map or a list, not a value`);
    }
    if (isMap(around) && there === undefined) {
      // In braces everything would stand on one line.
      if (around.items.length === 0) around.flow = false;
      const key = new Scalar(String(step)) as Scalar<string>;
      putValue({ path, scalar: key, value: undefined }, { type: 'str', text: String(step) }, format);
      around.items.push(new Pair<Node, Node>(key, next) as never);
    } else if (next !== there) {
      if (isScalar(there) && isScalar(next)) next.comment = there.comment;
      around.set(step, next);
    }
    around = next;
  }
}

function only({ documents }: Tree): Document {
  const [first] = documents;
  if (first !== undefined && documents.length === 1) return first;
  throw new SopsError('unsupported', 'the file has several documents');
}
