import type { Intent } from '../../../core/capabilities/proposer.ts';
import { intentInvalid } from '../errors.ts';

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
  for (const { path } of files) {
    refusePath(path);
    if (seen.has(path)) throw intentInvalid(`it changes ${path} twice`, '/files');
    seen.add(path);
  }
  for (const [name, value] of Object.entries(trailers ?? {})) {
    if (!/^[A-Z][A-Za-z]*(-[A-Za-z]+)*$/.test(name) || typeof value !== 'string') {
      throw intentInvalid(`"${name.slice(0, 100)}" is no trailer`, '/trailers');
    }
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

const changeTypes: ReadonlySet<string> = new Set([
  'promote',
  'rollback',
  'quarantine',
  'retire',
  'register',
  'merge-lines',
  'propose',
] satisfies readonly Intent['type'][]);

/** A path inside the repository, as Git writes it: no way out, no way into Git's own folder. Throws `IntentInvalid`. */
export function refusePath(path: unknown): asserts path is string {
  const isPath =
    typeof path === 'string' &&
    path !== '' &&
    path.length <= 1024 &&
    !/[\p{Cc}\\]/u.test(path) &&
    path
      .split('/')
      .every((part) => part !== '' && part !== '.' && part !== '..' && !/^(\.git|git~\d+)[ .]*$/i.test(part));
  if (!isPath) throw intentInvalid(`${JSON.stringify(path)?.slice(0, 200)} is no path of a file`, '/files');
}

function refuseText(name: string, text: unknown, longest: number): asserts text is string {
  if (typeof text === 'string' && text.trim() !== '' && text.length <= longest && !/\p{Cc}/u.test(text))
    return;
  throw intentInvalid(`${name} must be one line of 1 to ${longest} characters`, `/${name.replace('.', '/')}`);
}
