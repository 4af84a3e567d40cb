import fs from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  const { path, text, before, after } = await renamed(registry, environment, deployment, version);
  const message = `Promote ${deployment} ${version} to ${environment}`;
  const commit = await commitFiles(registry, message, { [path]: text });
  return { commit, path, before: before.trim(), after: after.trim() };
}

/** A deployment's manifest with another version in its one line. */
export async function renamed(
  registry: string,
  environment: string,
  deployment: string,
  version: string,
): Promise<{
  readonly path: string;
  readonly text: string;
  readonly before: string;
  readonly after: string;
}> {
  const path = `environments/${environment}/${deployment}.yaml`;
  const lines = (await readFile(join(registry, path), 'utf8')).split('\n');
  const at = lines.findIndex((line) => /^ {2}version: /.test(line));
  const before = lines[at];
  if (before === undefined) throw new Error(`${path} names no version`);
  const after = before.replace(/version: \S+/, `version: ${version}`);
  lines[at] = after;
  return { path, text: lines.join('\n'), before, after };
}

/** Writes files (null: takes them away) and commits them. Needs no `git`. Answers the commit. */
export async function commitFiles(
  registry: string,
  message: string,
  files: Readonly<Record<string, string | Uint8Array | null>>,
): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    if (content === null) {
      await rm(join(registry, path));
      await git.remove({ fs, dir: registry, filepath: path });
    } else {
      await mkdir(dirname(join(registry, path)), { recursive: true });
      await writeFile(join(registry, path), content);
      await git.add({ fs, dir: registry, filepath: path });
    }
  }
  const author = { name: 'Demo', email: 'demo@localhost' };
  return git.commit({ fs, dir: registry, message: `${message}\n`, author });
}
