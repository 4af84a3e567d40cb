import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { packageFile } from '../libraries/package-files/index.ts';
import { type RunFile, readRunFile } from '../server/run-file.ts';

export interface Platform {
  readonly run: RunFile;
  /** Everything that it wrote, for a failure. */
  log(): string;
  /** Asks it to end, and answers its status. */
  stop(): Promise<number | null>;
}

/** Starts `switchyard up` for that registry on free ports, as a person would, and waits until its API answers. */
export async function startPlatform(registry: string, dataFolder: string): Promise<Platform> {
  const child = spawnSwitchyard([
    'up',
    registry,
    ...['--port', '0', '--api-port', '0', '--data', dataFolder, '--log-format', 'json'],
  ]);
  let written = '';
  child.stdout?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  const ended = once(child, 'exit').then(([status]) => status as number | null);
  const deadline = Date.now() + 60_000;
  while (child.exitCode === null && Date.now() < deadline) {
    const run = await readRunFile(dataFolder);
    if (run) {
      return {
        run,
        log: () => written,
        stop: async () => {
          child.kill('SIGTERM');
          return ended;
        },
      };
    }
    await wait(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the platform did not come up:\n${written}`);
}

/** Runs a verb of the real command line and answers what it printed. Throws where it ends badly. */
export async function runSwitchyard(
  words: readonly string[],
  options: { readonly folder?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { status, out, err } = await trySwitchyard(words, options);
  if (status !== 0) throw new Error(`switchyard ${words.join(' ')} ended with ${status}:\n${err}${out}`);
  return out;
}

/** The same, where a bad end is an answer too. */
export async function trySwitchyard(
  words: readonly string[],
  options: { readonly folder?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }> {
  const child = spawnSwitchyard(words, options);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

function spawnSwitchyard(
  words: readonly string[],
  {
    folder,
    environment,
  }: { readonly folder?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): ChildProcess {
  // A group of its own: Ctrl-C reaches the demo, which ends the platform in order.
  return spawn(process.execPath, [packageFile('dist/cli/main.js'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(folder === undefined ? {} : { cwd: folder }),
    env: { ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...process.env, ...environment },
  });
}
