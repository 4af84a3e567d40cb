import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import git from 'isomorphic-git';
import { isMap, parseDocument } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { folderNotEmpty, folderNotWritable } from '../errors.ts';
import { builtInKinds } from '../registry-kinds.ts';
import { writeSchemas } from '../write-schemas.ts';

export interface MadeRegistry {
  readonly commit: string;
  readonly files: number;
}

/**
 * Makes a registry from the template in a folder that is empty or not there. A folder that this made, and that could not
 * be finished, is taken away again. Needs no `git`. Throws `FolderNotEmpty` or `FolderNotWritable`.
 */
export async function makeRegistry(target: string, name: string): Promise<MadeRegistry> {
  const wasThere = await refuseUnlessEmpty(target);
  try {
    await mkdir(target, { recursive: true });
    await cp(packageFile('registry-repo-template'), target, {
      recursive: true,
      filter: (source) => !['node_modules', '.git'].includes(basename(source)),
    });
    await restoreDotFiles(target);
    await writeSchemas(join(target, '.switchyard', 'schemas'), await builtInKinds());
    await nameThePlatform(join(target, 'platform.yaml'), name);
    return await firstCommit(target);
  } catch (error) {
    for (const entry of wasThere ? await readdir(target).catch(() => []) : ['']) {
      await rm(join(target, entry), { recursive: true, force: true });
    }
    throw (error as NodeJS.ErrnoException).syscall ? folderNotWritable(target, error) : error;
  }
}

async function refuseUnlessEmpty(target: string): Promise<boolean> {
  let held: string[];
  try {
    held = await readdir(target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return false;
    if (code === 'ENOTDIR') throw folderNotEmpty(target, 'a file of that name');
    throw folderNotWritable(target, error);
  }
  if (held.length > 0) {
    const [first, second, third, ...more] = held.sort();
    const named = [first, second, third].filter(Boolean).join(', ');
    throw folderNotEmpty(target, more.length > 0 ? `${named} and ${more.length} more` : named);
  }
  return true;
}

/** npm leaves both out of packages, so the template keeps them without their dots. */
async function restoreDotFiles(folder: string): Promise<void> {
  for (const name of ['gitignore', 'npmrc']) await rename(join(folder, name), join(folder, `.${name}`));
}

async function nameThePlatform(path: string, name: string): Promise<void> {
  const document = parseDocument(await readFile(path, 'utf8'));
  if (isMap(document.contents)) document.setIn(['metadata', 'name'], name);
  await writeFile(path, document.toString({ lineWidth: 0, flowCollectionPadding: true }));
}

/** By isomorphic-git, so that a machine without `git` can begin too. */
async function firstCommit(folder: string): Promise<MadeRegistry> {
  await git.init({ fs, dir: folder, defaultBranch: 'main' });
  const files = await filesBelow(folder);
  // Nothing here is anything but the template's, so nothing is to be ignored.
  await git.add({ fs, dir: folder, filepath: files, force: true });
  const author = {
    name: (await gitSetting('user.name')) ?? 'Switchyard',
    email: (await gitSetting('user.email')) ?? 'switchyard@localhost',
  };
  const message = 'Begin the registry\n\nMade by switchyard init from its template.\n';
  const commit = await git.commit({ fs, dir: folder, author, message });
  return { commit, files: files.length };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.startsWith('.git/'));
}

async function gitSetting(key: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', '--get', key]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
