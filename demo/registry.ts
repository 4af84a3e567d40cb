import fs from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';

export interface Edit {
  readonly commit: string;
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Names another version in one line of a deployment's manifest and commits it: what merging a promotion does. */
export async function promote(
  registry: string,
  environment: string,
  deployment: string,
  version: string,
): Promise<Edit> {
  const path = `environments/${environment}/${deployment}.yaml`;
  const file = join(registry, path);
  const lines = (await readFile(file, 'utf8')).split('\n');
  const at = lines.findIndex((line) => /^ {2}version: /.test(line));
  const before = lines[at];
  if (before === undefined) throw new Error(`${path} names no version`);
  const after = before.replace(/version: \S+/, `version: ${version}`);
  lines[at] = after;
  await writeFile(file, lines.join('\n'));
  await git.add({ fs, dir: registry, filepath: path });
  const commit = await git.commit({
    fs,
    dir: registry,
    message: `Promote ${deployment} ${version} to ${environment}\n`,
    author: { name: 'Demo', email: 'demo@localhost' },
  });
  return { commit, path, before: before.trim(), after: after.trim() };
}
