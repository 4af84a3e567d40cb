import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { gitMissing } from './errors.ts';

export interface GitResult {
  /** Null where it was killed. */
  readonly status: number | null;
  readonly stdout: Buffer;
  /** The last 16 KiB. */
  readonly stderr: string;
  /** It said nothing for `idleTimeout` and was killed. */
  readonly timedOut: boolean;
}

export interface GitOptions {
  /** From `gitEnvironment`. */
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly input?: Uint8Array;
  /** Kills it after so many milliseconds without a sign of life on either output. */
  readonly idleTimeout?: number;
  readonly signal?: AbortSignal;
}

const maxOutput = 256 * 1024 * 1024;
const maxComplaint = 16 * 1024;

/** Runs one git command to its end. Answers for any exit status; throws `GitMissing` where there is no git. */
export function runGit(command: readonly string[], options: GitOptions): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = startGit(command, options);
    const output: Buffer[] = [];
    let size = 0;
    let complaint = '';
    let timedOut = false;
    let timer: NodeJS.Timeout | undefined;
    const stop = () => killGroup(child);
    const alive = () => {
      if (options.idleTimeout === undefined) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        timedOut = true;
        stop();
      }, options.idleTimeout);
    };
    alive();
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted) stop();
    child.stdout?.on('data', (chunk: Buffer) => {
      alive();
      size += chunk.length;
      if (size > maxOutput) stop();
      else output.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      alive();
      complaint = (complaint + chunk.toString('utf8')).slice(-maxComplaint);
    });
    // A child that ends before it read all of its input is judged by its status.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
    const finish = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      // Node says ENOENT for a missing program and for a missing folder alike.
      const noProgram = error.code === 'ENOENT' && existsSync(options.cwd);
      reject(noProgram ? gitMissing(undefined) : error);
    });
    child.once('close', (status) => {
      finish();
      resolve({ status, stdout: Buffer.concat(output), stderr: complaint.trim(), timedOut });
    });
  });
}

/**
 * Starts git in a process group of its own: the terminal's Ctrl-C does not reach it before we have drained, and its
 * own children (ssh, git-remote-https) can be killed with it.
 */
export function startGit(
  command: readonly string[],
  options: Pick<GitOptions, 'environment' | 'cwd'>,
): ChildProcess {
  return spawn('git', command, {
    cwd: options.cwd,
    env: options.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

/** Ends a process of `startGit` and all that it started: politely first, so that git takes its lock files away. */
export function killGroup(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 2000);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/** The version of the git on the PATH, or undefined where there is none. */
export async function gitVersion(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await runGit(['--version'], { environment: gitEnvironment(environment), cwd: '/' });
    return /(\d+\.\d+(?:\.\d+)*)/.exec(stdout.toString('utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** `batch-command`, `safe.bareRepository` and trustworthy `update-ref` are all there from 2.38 on. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 38);
}

/** What the operator may tell git; any other `GIT_…` (left by a hook, say) would point it elsewhere. */
const kept =
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|SSL_\w+|PROXY_\w+|EXEC_PATH|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM))$/;

/** Settings under which git's plumbing answers the same on every machine. */
const settings: readonly Setting[] = [
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['core.warnAmbiguousRefs', 'false'],
  ['core.filesRefLockTimeout', '2000'],
  ['core.packedRefsTimeout', '2000'],
  ['merge.renames', 'true'],
  ['merge.directoryRenames', 'conflict'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['safe.bareRepository', 'all'],
];

/** A key and a value of git's configuration. */
export type Setting = readonly [key: string, value: string];

/**
 * The environment of every git command: the operator's, without what would point git at another repository, without
 * our own secrets, in English, and never asking. `more` adds settings, through the environment rather than the command
 * line, where other users could read them.
 */
export function gitEnvironment(
  operator: NodeJS.ProcessEnv,
  more: readonly Setting[] = [],
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(operator)) {
    if (name.startsWith('SWITCHYARD_') || (name.startsWith('GIT_') && !kept.test(name))) continue;
    environment[name] = value;
  }
  const entries = [...settings, ...more];
  entries.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return {
    ...environment,
    GIT_CONFIG_COUNT: String(entries.length),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GCM_INTERACTIVE: 'never',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
    LANGUAGE: '',
  };
}
