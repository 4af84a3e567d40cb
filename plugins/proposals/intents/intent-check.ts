import type { Intent } from '../../../core/capabilities/proposer.ts';
import { isLine } from '../../../libraries/json-requests/index.ts';
import { intentInvalid } from '../errors.ts';
import { refuseFileEdit } from './file-edit-check.ts';

/** Refuses an intent that could not be kept, shown or applied. Throws `IntentInvalid`; nothing was begun. */
export function refuseInvalid(intent: Intent): void {
  const { key, type, title, files, author, trailers, labels = [] } = intent;
  refuseText('key', key, 300);
  if (!changeTypes.has(type)) throw intentInvalid(`"${type}" is no type of change`, '/type');
  refuseText('title', title, 300);
  refuseText('author.name', author?.name, 200);
  refuseText('author.email', author?.email, 254);
  if (/[<>]/.test(author.name + author.email)) throw intentInvalid('a name holds < or >', '/author');
  if (!Array.isArray(files) || files.length === 0) throw intentInvalid('it changes no file', '/files');
  if (files.length > maxFiles) throw intentInvalid(`it changes more than ${maxFiles} files`, '/files');
  const seen = new Set<string>();
  for (const file of files) {
    refuseFileEdit(file);
    const { path } = file;
    if (seen.has(path)) throw intentInvalid(`it changes ${path} twice`, '/files');
    seen.add(path);
  }
  if (typeof (trailers ?? {}) !== 'object') throw intentInvalid('the trailers are no object', '/trailers');
  for (const [name, value] of Object.entries(trailers ?? {})) {
    if (!/^[A-Z][A-Za-z]*(-[A-Za-z]+)*$/.test(name) || typeof value !== 'string') {
      throw intentInvalid(`"${name.slice(0, 100)}" is no trailer`, '/trailers');
    }
  }
  if (!Array.isArray(labels) || labels.length > maxLabels) {
    throw intentInvalid(`labels are a list of at most ${maxLabels}`, '/labels');
  }
  for (const label of labels) refuseText('labels', label, 100);
  if (intent.reason !== undefined && typeof intent.reason !== 'string') {
    throw intentInvalid('the reason is no text', '/reason');
  }
  if ((intent.reason?.length ?? 0) > maxReason) {
    throw intentInvalid(`the reason has more than ${maxReason} characters`, '/reason');
  }
}

const maxFiles = 10_000;
const maxReason = 40_000;
const maxLabels = 100;

const changeTypes: ReadonlySet<string> = new Set([
  'promote',
  'rollback',
  'quarantine',
  'retire',
  'register',
  'merge-lines',
  'propose',
] satisfies readonly Intent['type'][]);

function refuseText(name: string, text: unknown, longest: number): asserts text is string {
  if (isLine(text, longest)) return;
  throw intentInvalid(`${name} must be one line of 1 to ${longest} characters`, `/${name.replace('.', '/')}`);
}
