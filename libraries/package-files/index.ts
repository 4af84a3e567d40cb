/** Finds files of this package, whether the code runs from its sources or compiled from `dist/`. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageName = 'switchyard';
let root: string | undefined;

/**
 * The absolute path of a file inside this package, given from the package's root. It does not ask whether the file is
 * there. Throws a plain `Error` where this code was copied out of the package.
 *
 * @example
 * fork(packageFile('dist/server/control.js'));
 */
export function packageFile(path: string): string {
  root ??= packageRoot(dirname(fileURLToPath(import.meta.url)));
  return join(root, path);
}

/**
 * Names the compiled code that runs: a digest over all of it and over the versions of what it depends on, written by
 * the build. Undefined where the code runs from its sources, which nobody has digested.
 */
export function buildDigest(): string | undefined {
  try {
    return readFileSync(new URL('../../build-digest', import.meta.url), 'utf8').trim();
  } catch {
    return undefined;
  }
}

function packageRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (nameOf(join(folder, 'package.json')) === packageName) return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of ${packageName} above ${start}`);
  }
}

function nameOf(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}
