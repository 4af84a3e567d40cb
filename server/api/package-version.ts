import { readFileSync } from 'node:fs';
import { packageFile } from '../../libraries/package-files/index.ts';

let version: string | undefined;

/** The version of this program. */
export function packageVersion(): string {
  version ??= (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
  return version;
}
