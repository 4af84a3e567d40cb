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
  const settings = readSettings(await readFile(join(gitFolder, 'config'), 'utf8').catch(() => ''));
  for (const { section, name, value } of settings) {
    const isPromisor = section.startsWith('remote ') && name === 'promisor' && value === 'true';
    if (section !== 'extensions' && !isPromisor) continue;
    if (known.has(name) || known.has(`${name}=${value}`)) continue;
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

/** Extensions that change nothing for a reader. */
const known = new Set([
  'objectformat=sha1',
  'refstorage=files',
  'noop',
  'worktreeconfig',
  'preciousobjects',
  'relativeworktrees',
]);

const features: Readonly<Record<string, string>> = {
  objectformat: 'SHA-256 object names',
  refstorage: 'the reftable format',
  partialclone: 'a partial clone',
  promisor: 'a partial clone',
};

interface Setting {
  readonly section: string;
  readonly name: string;
  readonly value: string;
}

/** The settings of a configuration file, all in lower case. */
function readSettings(config: string): Setting[] {
  const found: Setting[] = [];
  let section = '';
  for (const line of config.toLowerCase().split('\n')) {
    section = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim() ?? section;
    const [, name, value = ''] = /^\s*(?:\[[^\]]*\]\s*)?(\w+)\s*=\s*([^#;]*)/.exec(line) ?? [];
    if (name !== undefined) found.push({ section, name, value: value.trim() });
  }
  return found;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
