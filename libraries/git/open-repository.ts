import { access, constants, realpath, stat } from 'node:fs/promises';
import { gitMissing, notARepository } from './errors.ts';
import { gitEnvironment, gitVersion, isNewEnough } from './git-command.ts';
import { findNativePlace, permissionHint } from './native-place.ts';
import { NativeRepository } from './native-repository.ts';
import type { OpenedRepository } from './opened-repository.ts';

export interface OpenOptions {
  /** Forces one implementation. Default: native where there is a git 2.38 or newer, else isomorphic. */
  readonly implementation?: 'native' | 'isomorphic';
  /** The operator's environment: PATH, proxies, the place of the global git configuration. Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Opens the repository whose root this folder is: a work tree, a linked work tree or a bare repository. It never searches the
 * folders above, so that a wrong path cannot open somebody else's repository.
 * Throws `NotARepository`, `RepositoryNotTrusted`, `RepositoryUnsupported` or `GitMissing`.
 */
export async function openRepository(location: string, options: OpenOptions = {}): Promise<OpenedRepository> {
  const environment = options.environment ?? process.env;
  const folder = await findFolder(location);
  const implementation =
    options.implementation ?? ((await hasNativeGit(environment)) ? 'native' : 'isomorphic');
  if (implementation === 'isomorphic') {
    const { openIsomorphicRepository } = await import('./isomorphic-repository.ts');
    return openIsomorphicRepository(folder);
  }
  if (options.implementation === 'native') await demandGit(environment);
  return new NativeRepository(await findNativePlace(folder, gitEnvironment(environment)));
}

/** Whether the operator's PATH has a git that is new enough. */
export async function hasNativeGit(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const version = await gitVersion(environment);
  return version !== undefined && isNewEnough(version);
}

async function demandGit(environment: NodeJS.ProcessEnv): Promise<void> {
  const version = await gitVersion(environment);
  if (version === undefined || !isNewEnough(version)) throw gitMissing(version);
}

async function findFolder(location: string): Promise<string> {
  try {
    const folder = await realpath(location);
    if (!(await stat(folder)).isDirectory()) throw notARepository(location, 'it is a file');
    await access(folder, constants.R_OK | constants.X_OK);
    return folder;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw notARepository(location, 'there is no such folder');
    if (code === 'EACCES' || code === 'EPERM')
      throw notARepository(location, 'permission denied', permissionHint);
    throw error;
  }
}
