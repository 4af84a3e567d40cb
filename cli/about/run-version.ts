import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { packageVersion, versionIn } from '../package-version.ts';
import type { Terminal } from '../terminal.ts';

/** Shows the versions of switchyard and of what it stands on. */
export async function runVersion(
  { output }: { readonly output?: 'json' | 'yaml' },
  terminal: Terminal,
): Promise<number> {
  const versions = await readVersions();
  if (output) {
    const { structured } = await import('../output/structured.ts');
    terminal.out(structured(versions, output));
  } else {
    const rows = Object.entries(versions).map(([name, version]) => [name, version ?? 'not installed']);
    terminal.out(table([], rows, { width: terminal.width }));
  }
  return exitCodes.success;
}

async function readVersions(): Promise<Record<string, string | null>> {
  return {
    switchyard: await packageVersion(),
    node: process.versions.node,
    git: await gitVersion(),
    onnxruntime: await dependencyVersion('onnxruntime-node'),
    'isomorphic-git': await dependencyVersion('isomorphic-git'),
    platform: `${process.platform}-${process.arch}`,
  };
}

async function gitVersion(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version']);
    return stdout.trim().replace(/^git version /, '');
  } catch {
    return null;
  }
}

/** Read from the package's manifest: loading a native library to ask its version could fail where reading cannot. */
async function dependencyVersion(name: string): Promise<string | null> {
  try {
    const entry = import.meta.resolve(name);
    const folder = entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 2);
    return await versionIn(new URL('package.json', folder));
  } catch {
    return null;
  }
}
