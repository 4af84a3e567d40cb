import type { FileEdit } from '../../../core/capabilities/proposer.ts';
import { intentInvalid } from '../errors.ts';

/**
 * Refuses what is no edit of a file: whoever asks over HTTP may send anything, and what cannot be applied must not wait in
 * the queue. Throws `IntentInvalid`.
 */
export function refuseFileEdit(file: unknown): asserts file is FileEdit {
  if (!isObject(file)) throw invalid('one of the files is no object');
  refusePath(file.path);
  const { path } = file;
  const does = ['content', 'edits', 'remove'].filter((name) => file[name] !== undefined);
  if (does.length !== 1) throw invalid(`${path} needs one of content, edits and remove`);
  if (does[0] === 'content' && !(typeof file.content === 'string' && isBase64(file.content))) {
    throw invalid(`the content of ${path} is not base64`);
  }
  if (does[0] === 'remove' && file.remove !== true) throw invalid(`remove of ${path} is true or absent`);
  if (does[0] !== 'edits') return;
  if (!isText(file.ref)) throw invalid(`ref of ${path} is no text`);
  if (!Array.isArray(file.edits) || !file.edits.every(isYamlEdit)) {
    throw invalid(`the edits of ${path} are not all { op, pointer } with op set, append, insert or remove`);
  }
}

/** A path inside the repository, as Git writes it: no way out, no way into Git's own folder. Throws `IntentInvalid`. */
export function refusePath(path: unknown): asserts path is string {
  const isPath =
    typeof path === 'string' &&
    path !== '' &&
    path.length <= 1024 &&
    !/[\p{Cc}\p{Cs}\\]/u.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !isGitFolder(part));
  if (!isPath) throw invalid(`${JSON.stringify(path)?.slice(0, 200)} is no path of a file`);
}

/** In any spelling that a file system takes for it: some ignore invisible characters, some what follows a colon. */
function isGitFolder(part: string): boolean {
  return /^(\.git|git~\d+)[ .]*(:.*)?$/i.test(part.replaceAll(/\p{Cf}/gu, ''));
}

function isYamlEdit(edit: unknown): boolean {
  if (!isObject(edit) || typeof edit.pointer !== 'string') return false;
  switch (edit.op) {
    case 'set':
    case 'append':
      return isShallow(edit.value);
    case 'insert':
      return isShallow(edit.value) && isText(edit.before) && isText(edit.after);
    default:
      return edit.op === 'remove';
  }
}

/** Whether it is a value, and one that no manifest nests deeper. */
function isShallow(value: unknown): boolean {
  let level = value === undefined ? [] : [value];
  if (level.length === 0) return false;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return false;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return true;
}

const maxDepth = 64;

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(problem: string): Error {
  return intentInvalid(problem, '/files');
}
