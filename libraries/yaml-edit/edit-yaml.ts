import { segmentsOf } from './pointer.ts';
import { Session } from './session.ts';
import { Task } from './task.ts';
import { type Tree, treeOf } from './tree.ts';

/**
 * One change of a document. `pointer` is a JSON pointer (RFC 6901), `value` any JSON value. A new map or list looks like those beside
 * it; `inBraces` writes it on one line, whatever they look like.
 */
export type Edit =
  /** Makes the value at the pointer this one. Missing maps on the way are made; a new key comes last in its map. */
  | { readonly op: 'set'; readonly pointer: string; readonly value: unknown; readonly inBraces?: boolean }
  /** Adds a key that is not there yet, before or after another or last; or a member of a list, at an index or at `-`. */
  | {
      readonly op: 'insert';
      readonly pointer: string;
      readonly value: unknown;
      readonly inBraces?: boolean;
      readonly before?: string;
      readonly after?: string;
    }
  | { readonly op: 'remove'; readonly pointer: string }
  /** Adds to the end of a list, which is made where it is missing. */
  | { readonly op: 'append'; readonly pointer: string; readonly value: unknown };

export interface EditOptions {
  /** Which document of the text, counted from 0 without those that hold nothing. Needed where there is more than one. */
  readonly document?: number;
}

/**
 * The text with the edits made in their order, and with every other byte as it was. Each edit is read back: the document
 * then says what was asked and otherwise what it said before, or nothing is returned and a `YamlEditError` is thrown.
 *
 * @example editYaml('version: 1.0.0 # live\n', [{ op: 'set', pointer: '/version', value: '1.1.0' }])
 */
export function editYaml(text: string, edits: readonly Edit[], options: EditOptions = {}): string {
  // The parser counts a byte order mark as a column of the first line.
  if (text.startsWith(byteOrderMark)) return byteOrderMark + editYaml(text.slice(1), edits, options);
  const session = new Session(text, options.document);
  for (const edit of edits) {
    const segments = segmentsOf(edit.pointer);
    const value = edit.op === 'remove' ? undefined : newValue(edit);
    const task = new Task(session, edit.pointer);
    if (value === undefined) task.remove(segments);
    else if (edit.op === 'append') task.append(segments, value);
    else if (edit.op === 'insert') task.insert(segments, value, edit);
    else task.set(segments, value);
  }
  return session.lines.text;
}

function newValue(edit: Exclude<Edit, { op: 'remove' }>): Tree {
  const tree = treeOf(edit.value, edit.pointer);
  const isCollection = tree.kind === 'map' || tree.kind === 'list';
  return isCollection && 'inBraces' in edit && edit.inBraces === true ? { ...tree, inBraces: true } : tree;
}

const byteOrderMark = '\uFEFF';
