import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { parseRemote } from '../libraries/git/remote-url.ts';
import { isRunning } from '../libraries/running-process/index.ts';
import { dataFolderUnknown } from './configuration-errors.ts';

/** What a platform that runs on this machine tells other commands about itself. */
export interface RunFile {
  /** The process to signal: the supervisor. */
  readonly pid: number;
  /** RFC 3339. */
  readonly startedAt: string;
  /** An absolute path, or a URL without credentials. */
  readonly repository: string;
  readonly reference: string;
  /** Base URL of the status API: `http://127.0.0.1:8081`. */
  readonly api: string;
  /** Base URL of inference: `http://127.0.0.1:8080`. */
  readonly inference: string;
  /** Where gRPC answers, if it does: `127.0.0.1:9000`. */
  readonly grpc?: string;
  /** Absolute. */
  readonly dataFolder: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Writes `<data>/run.json` and a pointer to it by which other commands on this machine find the platform from the
 * registry's folder. Idempotent: write it again when an address changes. The pointer is a convenience: where the home
 * folder cannot be written, only the file in the data folder is there.
 */
export async function writeRunFile(run: RunFile, environment: Environment = process.env): Promise<void> {
  const clean = { ...run, repository: registryIdentity(run.repository) };
  await writeWhole(join(run.dataFolder, 'run.json'), `${JSON.stringify(clean, null, 2)}\n`);
  const pointers = pointerFolder(environment);
  if (pointers === undefined) return;
  try {
    await mkdir(pointers, { recursive: true });
    const pointer = join(pointers, `${fingerprint(run.dataFolder)}.json`);
    await writeWhole(pointer, `${JSON.stringify({ dataFolder: run.dataFolder })}\n`);
  } catch {
    // A read-only or absent home folder costs discovery, not the platform.
  }
}

/** Takes back what `writeRunFile` wrote. Safe to call when nothing is there. */
export async function removeRunFile(
  dataFolder: string,
  environment: Environment = process.env,
): Promise<void> {
  await rm(join(dataFolder, 'run.json'), { force: true });
  const pointers = pointerFolder(environment);
  if (pointers) await rm(join(pointers, `${fingerprint(dataFolder)}.json`), { force: true });
}

/** What runs from that data folder; undefined where nothing does. */
export async function readRunFile(dataFolder: string): Promise<RunFile | undefined> {
  try {
    const run = JSON.parse(await readFile(join(dataFolder, 'run.json'), 'utf8')) as RunFile;
    return isRunning(run.pid) ? run : undefined;
  } catch {
    return undefined;
  }
}

/** Every platform of this user that runs on this machine. */
export async function runningPlatforms(environment: Environment = process.env): Promise<readonly RunFile[]> {
  const pointers = pointerFolder(environment);
  if (pointers === undefined) return [];
  const names = await readdir(pointers).catch(() => []);
  const found: RunFile[] = [];
  for (const name of names) {
    try {
      const { dataFolder } = JSON.parse(await readFile(join(pointers, name), 'utf8')) as {
        dataFolder: string;
      };
      const run = await readRunFile(dataFolder);
      if (run) found.push(run);
    } catch {
      // Half-written or foreign: not a pointer of ours.
    }
  }
  return found;
}

/** `~/.local/share/switchyard/<name>-<hash>`, one for each registry. Throws `DataFolderUnknown` without a home folder. */
export function defaultDataFolder(repository: string, environment: Environment = process.env): string {
  const base =
    environment.XDG_DATA_HOME || (homeOf(environment) && join(homeOf(environment), '.local', 'share'));
  if (!base) throw dataFolderUnknown();
  const identity = registryIdentity(repository);
  const name =
    basename(identity)
      .replace(/\.git$/, '')
      .replaceAll(/[^A-Za-z0-9._-]/g, '-') || 'registry';
  return join(base, 'switchyard', `${name}-${fingerprint(identity)}`);
}

function pointerFolder(environment: Environment): string | undefined {
  const home = homeOf(environment);
  const base = environment.XDG_STATE_HOME || (home && join(home, '.local', 'state'));
  return base ? join(base, 'switchyard', 'running') : undefined;
}

function homeOf(environment: Environment): string {
  return environment.HOME ?? homedir();
}

/** One registry, one name: a URL without credentials, or a path without symbolic links. Throws `RemoteInvalid`. */
export function registryIdentity(repository: string): string {
  const remote = parseRemote(repository);
  if (remote) return remote.url;
  try {
    return realpathSync(repository);
  } catch {
    return repository;
  }
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

/** A reader sees the old content or the new, never half of it. */
async function writeWhole(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, path);
}
