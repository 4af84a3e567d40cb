import { readFile } from 'node:fs/promises';
import { packageFile } from '../libraries/package-files/index.ts';

/** The version of this package, as its manifest says. */
export function packageVersion(): Promise<string> {
  return versionIn(packageFile('package.json'));
}

/** The version that a package's manifest says. */
export async function versionIn(manifest: string | URL): Promise<string> {
  return (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version;
}
