import { spawn } from 'node:child_process';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { isatty } from 'node:tty';
import { signingProgramMissing } from './errors.ts';

export interface ProgramRun {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly input: Uint8Array;
  /** Where relative paths begin. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether it may ask on the terminal of this process. */
  readonly isInteractive: boolean;
  /** Is given what the program tells the person meanwhile, such as to touch a security key. */
  readonly tell?: (text: string) => void;
}

export interface ProgramResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Nobody is there to answer a question: a program that waits longer (milliseconds) waits for one. */
const patience = 30_000;

/**
 * Runs a program that signs. Without a terminal it is kept from asking: it would take the answer from whichever terminal
 * started us, or wait for good. Throws `SigningProgramMissing`.
 */
export function runSigningProgram(run: ProgramRun): Promise<ProgramResult> {
  const { program, isInteractive, tell } = run;
  return new Promise((resolve, reject) => {
    const child = spawn(program, run.arguments, {
      cwd: run.folder,
      env: {
        ...run.environment,
        ...(isInteractive ? terminalOf(run.environment) : { SSH_ASKPASS_REQUIRE: 'never' }),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A session of its own has no terminal.
      detached: !isInteractive,
      windowsHide: !isInteractive,
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const stop = () => {
      timedOut = true;
      child.kill('SIGKILL');
    };
    const timer = isInteractive ? undefined : setTimeout(stop, patience);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString('latin1')).slice(-maxOutput);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-maxOutput);
      tell?.(chunk.toString('utf8'));
    });
    // A program that ends before it read all of its input is judged by its status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.input);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(signingProgramMissing(program, error));
    });
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve({ status, stdout, stderr: stderr.trim(), timedOut });
    });
  });
}

const maxOutput = 64 * 1024;

/** Whether somebody can be asked: programs ask on the terminal itself, whatever their input is. */
export function hasTerminal(): boolean {
  if (process.platform === 'win32') return isatty(0);
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}

/** GnuPG asks through an agent, which must be told where. */
function terminalOf(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (environment.GPG_TTY !== undefined) return {};
  for (const stream of [0, 1, 2]) {
    if (!isatty(stream)) continue;
    try {
      return { GPG_TTY: readlinkSync(`/proc/self/fd/${stream}`) };
    } catch {
      // Only Linux tells the name so; elsewhere the person sets GPG_TTY.
    }
  }
  return {};
}
