import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { SignedFile, Statement } from '../../libraries/model-signing/index.ts';
import { modelUnreadable } from './errors.ts';

/** What belongs to Git is no part of a model. */
export const gitPaths = ['.git', '.gitattributes', '.github', '.gitignore'];

export type HowToHash = Pick<Statement, 'hash' | 'allowSymlinks' | 'ignoredPaths'>;

/** The files of a model with their digests: of a folder all that are not left out; a file alone is called `.`. */
export async function filesOfModel(path: string, how: HowToHash): Promise<readonly SignedFile[]> {
  const ignored = new Set(how.ignoredPaths.map((one) => one.replace(/\/+$/, '')));
  const names: string[] = [];
  await collect(path, '', how, ignored, names);
  const files: SignedFile[] = [];
  for (const name of names) {
    files.push({ name: name === '' ? '.' : name, digest: await digestOf(join(path, name), how.hash) });
  }
  return files;
}

/** A path below a model as its statement writes it; undefined for one that lies elsewhere. */
export function pathBelow(model: string, path: string): string | undefined {
  const inside = relative(resolve(model), resolve(path)).split(sep).join('/');
  return inside === '' || inside === '..' || inside.startsWith('../') ? undefined : inside;
}

export function modelName(path: string): string {
  return basename(resolve(path));
}

async function collect(
  root: string,
  name: string,
  how: HowToHash,
  ignored: ReadonlySet<string>,
  names: string[],
): Promise<void> {
  if (name !== '' && ignored.has(name)) return;
  const path = join(root, name);
  const facts = await lstat(path).catch((error) => {
    throw modelUnreadable(path, error);
  });
  if (facts.isSymbolicLink() && !how.allowSymlinks) {
    throw modelUnreadable(
      path,
      new Error('it is a symbolic link, and those may lead anywhere (--allow-symlinks)'),
    );
  }
  const target = facts.isSymbolicLink() ? await stat(path) : facts;
  if (target.isFile()) return void names.push(name);
  if (!target.isDirectory()) throw modelUnreadable(path, new Error('it is neither a file nor a folder'));
  // A link to a folder would be walked for ever where it leads to one above.
  if (facts.isSymbolicLink() && name !== '') return;
  for (const entry of (await readdir(path)).sort()) {
    await collect(root, name === '' ? entry : `${name}/${entry}`, how, ignored, names);
  }
}

async function digestOf(path: string, hash: Statement['hash']): Promise<string> {
  const made = createHash(hash === 'sha256' ? 'sha256' : 'blake2b512');
  try {
    for await (const piece of createReadStream(path)) made.update(piece as Buffer);
  } catch (error) {
    throw modelUnreadable(path, error);
  }
  return made.digest('hex');
}
