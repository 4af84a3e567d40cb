import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { gitFailed } from './errors.ts';
import { gitVersion, runGit } from './git-command.ts';
import { parseConfig } from './git-config.ts';

export interface PersonalOptions {
  /** The repository whose settings count beside the person's own: the root of a work tree, or a bare repository. */
  readonly folder: string;
  /** The person's own environment. Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Settings by key (`user.name`); of several the last. */
export type Config = ReadonlyMap<string, string>;

/**
 * The settings that say who a person is and how they sign: of the machine, of the person, of the repository, and of the
 * environment, with what they include. Asks `git config`, and reads the files itself where there is no git; then only
 * includes that depend on the repository's folder are followed.
 */
export async function readPersonalConfig(options: PersonalOptions): Promise<Config> {
  const environment = personalEnvironment(options.environment ?? process.env);
  if ((await gitVersion(environment)) === undefined) return readFiles(options.folder, environment);
  const result = await runGit(['config', '--null', '--get-regexp', wanted.source], {
    cwd: options.folder,
    environment,
  });
  if (result.status !== 0 && result.status !== 1) throw gitFailed('config', result.stderr);
  const config = new Map<string, string>();
  for (const entry of result.stdout.toString('utf8').split('\0').filter(Boolean)) {
    const end = entry.indexOf('\n');
    config.set(end < 0 ? entry : entry.slice(0, end), end < 0 ? 'true' : entry.slice(end + 1));
  }
  return config;
}

const wanted = /^(user|author|committer|gpg)\./;

/** The person's own, but for what a hook left that would point Git at another repository. */
export function personalEnvironment(operator: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GIT_DIR, GIT_WORK_TREE, GIT_COMMON_DIR, GIT_INDEX_FILE, GIT_PREFIX, ...rest } = operator;
  return { ...rest, LC_ALL: 'C', LANGUAGE: '' };
}

/** `~/…` as Git and the shell read it. */
export function expandHome(path: string, environment: NodeJS.ProcessEnv): string {
  const home = environment.HOME ?? environment.USERPROFILE;
  return home !== undefined && /^~(?=[/\\]|$)/.test(path) ? join(home, path.slice(1)) : path;
}

async function readFiles(folder: string, environment: NodeJS.ProcessEnv): Promise<Config> {
  const gitFolder = await gitFolderOf(folder);
  const config = new Map<string, string>();
  const place = { environment, gitFolder };
  for (const file of filesOf(gitFolder, environment)) await readInto(config, file, place, 0);
  const count = Number(environment.GIT_CONFIG_COUNT ?? 0);
  for (let index = 0; index < count; index++) {
    const key = environment[`GIT_CONFIG_KEY_${index}`] ?? '';
    const lower = key.replace(/^[^.]*|[^.]*$/g, (part) => part.toLowerCase());
    config.set(lower, environment[`GIT_CONFIG_VALUE_${index}`] ?? '');
  }
  return new Map([...config].filter(([key]) => wanted.test(key)));
}

/** In the order in which Git reads them: the later wins. */
function filesOf(gitFolder: string | undefined, environment: NodeJS.ProcessEnv): string[] {
  const { HOME: home, XDG_CONFIG_HOME: xdg, GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM } = environment;
  const files: string[] = [];
  if (!/^(1|true|yes|on)$/i.test(environment.GIT_CONFIG_NOSYSTEM ?? ''))
    files.push(GIT_CONFIG_SYSTEM ?? '/etc/gitconfig');
  if (GIT_CONFIG_GLOBAL !== undefined) files.push(GIT_CONFIG_GLOBAL);
  else {
    if (xdg || home) files.push(join(xdg || join(home!, '.config'), 'git', 'config'));
    if (home) files.push(join(home, '.gitconfig'));
  }
  if (gitFolder !== undefined) files.push(join(gitFolder, 'config'));
  return files;
}

interface Place {
  readonly environment: NodeJS.ProcessEnv;
  readonly gitFolder: string | undefined;
}

async function readInto(
  config: Map<string, string>,
  file: string,
  place: Place,
  depth: number,
): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined || depth > 10) return;
  for (const { key, value } of parseConfig(text)) {
    config.set(key, value);
    const condition = /^includeif\.(.*)\.path$/s.exec(key)?.[1];
    const isIncluded = condition === undefined ? key === 'include.path' : holds(condition, file, place);
    if (!isIncluded) continue;
    const included = expandHome(value, place.environment);
    await readInto(config, isAbsolute(included) ? included : join(dirname(file), included), place, depth + 1);
  }
}

/** Whether the repository's folder is the one that an include is meant for. */
function holds(condition: string, file: string, { environment, gitFolder }: Place): boolean {
  const [, ignoreCase, text] = /^gitdir(\/i)?:(.*)$/s.exec(condition) ?? [];
  if (text === undefined || gitFolder === undefined) return false;
  let pattern = expandHome(text, environment);
  if (pattern.startsWith('./')) pattern = join(dirname(file), pattern);
  else if (!isAbsolute(pattern)) pattern = `**/${pattern}`;
  if (pattern.endsWith('/')) pattern += '**';
  const source = pattern.replace(/\*\*\/|\*\*|[.*?+^${}()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`, ignoreCase === undefined ? '' : 'i').test(gitFolder);
}

async function gitFolderOf(folder: string): Promise<string | undefined> {
  const below = join(folder, '.git');
  const found = await stat(below).catch(() => undefined);
  if (found?.isDirectory()) return realpath(below);
  if (found?.isFile()) {
    const target = /^gitdir: (.+)$/m.exec(await readFile(below, 'utf8'))?.[1];
    if (target === undefined) return undefined;
    const gitFolder = resolve(folder, target.trim());
    const common = await readFile(join(gitFolder, 'commondir'), 'utf8').catch(() => undefined);
    return common === undefined ? gitFolder : resolve(gitFolder, common.trim());
  }
  const isBare = (await stat(join(folder, 'HEAD')).catch(() => undefined))?.isFile() ?? false;
  return isBare ? realpath(folder) : undefined;
}
