import { access, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { notARepository, repositoryUnsupported } from './errors.ts';

/**
 * Finds the folder of Git's data below a root, for where there is no git to ask.
 * Throws `NotARepository`, and `RepositoryUnsupported` for what isomorphic-git would read wrongly or not at all.
 */
export async function findGitFolder(location: string): Promise<string> {
  const gitFolder = await locate(location);
  for (const name of ['HEAD', 'objects', 'refs']) {
    if (!(await exists(join(gitFolder, name)))) throw notARepository(location, `it has no ${name}`);
  }
  await refuseUnsupported(location, gitFolder);
  return gitFolder;
}

async function locate(location: string): Promise<string> {
  const below = join(location, '.git');
  const found = await stat(below).catch(() => undefined);
  if (found?.isDirectory()) return below;
  if (found === undefined) return location;
  const target = /^gitdir: (.+)$/m.exec(await readFile(below, 'utf8'))?.[1];
  if (target === undefined) throw notARepository(location, 'its .git file names no folder');
  const gitFolder = resolve(location, target.trim());
  if (await exists(join(gitFolder, 'commondir'))) {
    const isInside = basename(dirname(gitFolder)) === 'worktrees';
    const main = isInside ? ` or name the main repository (${dirname(dirname(gitFolder))})` : '';
    throw repositoryUnsupported(location, 'a linked work tree', `${install}${main}.`);
  }
  return gitFolder;
}

const install = 'Install git 2.38 or newer';

async function refuseUnsupported(location: string, gitFolder: string): Promise<void> {
  const extensions = readExtensions(await readFile(join(gitFolder, 'config'), 'utf8').catch(() => ''));
  for (const [name, value] of extensions) {
    if (name === 'objectformat' && value.toLowerCase() === 'sha1') continue;
    if (name === 'refstorage' && value.toLowerCase() === 'files') continue;
    if (name === 'noop' || name === 'worktreeconfig' || name === 'preciousobjects') continue;
    const feature = features[name] ?? `the extension ${name}`;
    throw repositoryUnsupported(location, feature, `${install}, or convert the repository.`);
  }
  if (await exists(join(gitFolder, 'objects', 'info', 'alternates'))) {
    const convert = 'or run `git repack -a -d` and remove objects/info/alternates';
    throw repositoryUnsupported(
      location,
      'the objects of another repository (alternates)',
      `${install}, ${convert}.`,
    );
  }
}

const features: Readonly<Record<string, string>> = {
  objectformat: 'SHA-256 object names',
  refstorage: 'the reftable format',
  partialclone: 'a partial clone',
};

/** The keys and values of `[extensions]`, names in lower case. */
function readExtensions(config: string): Map<string, string> {
  const found = new Map<string, string>();
  let isExtensions = false;
  for (const line of config.split('\n')) {
    const section = /^\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) isExtensions = section.trim().toLowerCase() === 'extensions';
    const [, name, value] = /^\s*(\w+)\s*=\s*([^#;]*)/.exec(line) ?? [];
    if (isExtensions && name !== undefined) found.set(name.toLowerCase(), (value ?? '').trim());
  }
  return found;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
