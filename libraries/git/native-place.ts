import { dirname } from 'node:path';
import { notARepository, repositoryNotTrusted } from './errors.ts';
import { runGit } from './git-command.ts';
import type { ObjectFormat } from './object-id.ts';

export interface NativePlace {
  readonly location: string;
  /** Holds HEAD. */
  readonly gitFolder: string;
  /** Holds references and objects. */
  readonly commonFolder: string;
  readonly format: ObjectFormat;
  /** From `gitEnvironment`. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Asks git what lies at a folder, and never in those above it. Throws `NotARepository` or `RepositoryNotTrusted`. */
export async function findNativePlace(
  location: string,
  environment: NodeJS.ProcessEnv,
): Promise<NativePlace> {
  const questions = [
    '--absolute-git-dir',
    '--path-format=absolute',
    '--git-common-dir',
    '--show-object-format',
  ];
  const result = await runGit(['rev-parse', ...questions], {
    cwd: location,
    environment: { ...environment, GIT_CEILING_DIRECTORIES: dirname(location) },
  });
  const [gitFolder, commonFolder, format] = result.stdout.toString('utf8').split('\n');
  if (result.status !== 0 || gitFolder === undefined || commonFolder === undefined) {
    throw explain(location, result.stderr);
  }
  return { location, gitFolder, commonFolder, format: format === 'sha256' ? 'sha256' : 'sha1', environment };
}

export const permissionHint = 'Let the user that runs this read the folder and all that is in it.';

function explain(location: string, complaint: string): Error {
  if (/dubious ownership/.test(complaint)) return repositoryNotTrusted(location);
  if (/Permission denied/i.test(complaint)) {
    return notARepository(location, 'permission denied', permissionHint);
  }
  if (/^fatal: not a git repository/m.test(complaint))
    return notARepository(location, 'Git finds none there');
  return notARepository(location, complaint.replace(/^fatal: /, ''));
}
