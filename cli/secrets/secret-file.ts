import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseAllDocuments } from 'yaml';
import {
  secretMissing,
  secretPlaceInvalid,
  secretRefused,
  secretTampered,
} from '../../core/capabilities/secret-store-errors.ts';
import { writeDurably } from '../../libraries/durable-file/index.ts';
import { pathFromManifest } from '../../libraries/manifest-path/index.ts';
import {
  ageIdentities,
  type Format,
  isEncryptedFile,
  type OpenedFile,
  openFile,
  type Path,
  SopsError,
} from '../../libraries/sops/index.ts';
import { nothingKnown } from '../errors.ts';
import { findRegistry } from '../registry-folder.ts';
import type { Terminal } from '../terminal.ts';

/** An encrypted file that a person named: by a Secret's name, or by its path. */
export interface SecretFile {
  /** The registry's top folder, or that of the file where there is no registry. */
  readonly root: string;
  readonly path: string;
  /** For people: from the registry's root. */
  readonly shown: string;
  readonly format: Format;
  /** Undefined where there is no such file yet. */
  readonly text: string | undefined;
  /** Whether it is a manifest that holds its values itself. */
  readonly isManifest: boolean;
}

/** Where a manifest keeps its values. */
export const valuesOfManifest = ['spec', 'store', 'sops', 'values'] as const;

/** Finds the file that is meant. Throws where the Secret keeps its values elsewhere. */
export async function findSecretFile(
  named: string,
  { folder }: Pick<Terminal, 'folder'>,
): Promise<SecretFile> {
  const registry = await findRegistry(folder);
  const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(named);
  if (isName && registry === undefined) throw nothingKnown('a registry around', folder);
  const path = isName ? join(registry ?? folder, 'secrets', `${named}.yaml`) : resolve(folder, named);
  const root = registry ?? dirname(path);
  const file = await fileAt(root, path);
  const store = file.text === undefined ? undefined : storeOf(file.text);
  if (store === undefined) return file;
  const [name, place] = store;
  if (name !== 'sops') {
    const hint = 'Change it there; here only values of the store sops are.';
    throw secretPlaceInvalid(file.shown, `its values are in the store ${name}`, hint);
  }
  if (typeof place.file !== 'string') return { ...file, isManifest: true };
  const inside = pathFromManifest({ origin: { path: file.shown } }, place.file);
  if (inside === undefined)
    throw secretPlaceInvalid(file.shown, 'spec.store.sops.file is no path in the registry');
  return fileAt(root, join(root, inside));
}

async function fileAt(root: string, path: string): Promise<SecretFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw secretRefused(
      path,
      `the file cannot be read (${error.code})`,
      'Name a file that this user may read.',
    );
  });
  const shown = relative(root, path).split(sep).join('/');
  return { root, path, shown, format: path.endsWith('.json') ? 'json' : 'yaml', text, isManifest: false };
}

/** The store of a Secret's manifest; undefined for what is no such manifest. */
function storeOf(text: string): readonly [string, Readonly<Record<string, unknown>>] | undefined {
  const [document] = parseAllDocuments(text, { prettyErrors: false });
  const manifest = (document as { toJS?(): unknown } | undefined)?.toJS?.() as
    | { readonly kind?: unknown; readonly spec?: { readonly store?: object } }
    | undefined;
  if (manifest?.kind !== 'Secret') return undefined;
  const [entry] = Object.entries(manifest.spec?.store ?? {});
  return entry === undefined ? undefined : [entry[0], (entry[1] ?? {}) as Readonly<Record<string, unknown>>];
}

/** Decrypts it with this machine's identities, its MAC checked. */
export async function openSecretFile(
  file: SecretFile,
  terminal: Pick<Terminal, 'environment'>,
): Promise<OpenedFile> {
  if (file.text === undefined) {
    throw secretMissing(
      file.shown,
      'there is no such file',
      'Make it with `switchyard secrets set` or `edit`.',
    );
  }
  const { text, format } = file;
  return tellingWhere(file.shown, async () =>
    openFile(text, format, await ageIdentities(terminal.environment)),
  );
}

export function isSealed({ text, format }: SecretFile): boolean {
  return text !== undefined && isEncryptedFile(text, format);
}

/** What the library throws, as an error of ours with its place. */
export async function tellingWhere<T>(where: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SopsError)) throw error;
    if (error.problem === 'tampered') throw secretTampered(where, error.message);
    if (error.problem !== 'noKey') throw secretPlaceInvalid(where, error.message, 'Correct the file.');
    const hint =
      'Give your identity in SOPS_AGE_KEY_FILE, or ask one of those to add you with `switchyard secrets updatekeys`.';
    throw secretRefused(where, error.message, hint);
  }
}

/** The key of a value as `secretRef` names it; undefined for what is no secret of the file. */
export function keyOfPath(path: Path, { isManifest }: SecretFile): string | undefined {
  if (!isManifest) return path.join('.');
  const isInside =
    path.length > valuesOfManifest.length && valuesOfManifest.every((step, at) => path[at] === step);
  return isInside ? path.slice(valuesOfManifest.length).join('.') : undefined;
}

/** Where the value of a key is, or would be. */
export function pathOfKey(key: string, file: SecretFile, opened: OpenedFile | undefined): Path {
  const known = opened?.values.find(({ path }) => keyOfPath(path, file) === key);
  if (known !== undefined) return known.path;
  return file.isManifest ? [...valuesOfManifest, key] : key.split('.');
}

/** Replaces the file whole or not at all, and leaves its rights as they are. */
export async function writeSecretFile({ path }: SecretFile, text: string): Promise<void> {
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  );
  await mkdir(dirname(path), { recursive: true });
  await writeDurably(path, text);
  await chmod(path, mode);
}
