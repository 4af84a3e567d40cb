import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** What a command sees of the world it was typed in. */
export interface Terminal {
  /** Writes results: standard output. */
  out(text: string): void;
  /** Writes everything else (progress, warnings, errors): standard error. */
  err(text: string): void;
  /** Whether a person reads standard output. */
  readonly interactive: boolean;
  /** Whether a person reads standard error. */
  readonly errInteractive: boolean;
  /** Columns of the window; plenty where there is none. */
  readonly width: number;
  /** Rows of the window; plenty where there is none. */
  readonly height?: number;
  readonly colours: Colours;
  readonly errColours: Colours;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder, absolute. */
  readonly folder: string;
  readInput(): Promise<string>;
  /** Aborted by Ctrl-C. A command that goes on nevertheless is ended a moment later. */
  readonly signal: AbortSignal;
  /** Says that the command itself answers to signals from here on, in its own time, and goes on without readers. */
  takeSignals(): void;
  /** Starts another command that goes on when this one has ended, silent; answers its process. Absent where none can be. */
  readonly startInBackground?: (words: readonly string[]) => number | undefined;
}

/** The terminal of this process. Colours only where a person looks, and never against NO_COLOR. */
export function processTerminal(signal: AbortSignal, takeSignals = () => {}): Terminal {
  const { stdout, stderr, stdin, env } = process;
  return {
    out: (written) => void stdout.write(written),
    err: (written) => void stderr.write(written),
    interactive: stdout.isTTY === true,
    errInteractive: stderr.isTTY === true,
    // Some terminals say 0, and mean that they do not know.
    width: stdout.isTTY && stdout.columns > 0 ? stdout.columns : Number.POSITIVE_INFINITY,
    height: stdout.isTTY && stdout.rows > 0 ? stdout.rows : Number.POSITIVE_INFINITY,
    colours: picocolors.createColors(wantsColour(stdout.isTTY === true)),
    errColours: picocolors.createColors(wantsColour(stderr.isTTY === true)),
    environment: env,
    folder: process.cwd(),
    readInput: () => text(stdin),
    signal,
    takeSignals,
    startInBackground,
  };
}

function startInBackground(words: readonly string[]): number | undefined {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, script, ...words], {
    detached: true,
    stdio: 'ignore',
  });
  // Without a process there is no number either, which is the answer.
  child.on('error', () => {});
  child.unref();
  return child.pid;
}

/**
 * Text that came from elsewhere, made harmless: no control characters that could move the cursor or hide a word, and none
 * that make a line read in another order than it is written.
 */
export function printable(foreign: string): string {
  // biome rejects control characters in expressions, so they are named by their Unicode category.
  return stripVTControlCharacters(foreign).replaceAll(
    /[^\P{Cc}\n\t]|\p{Bidi_Control}|[\u2028\u2029\ufeff]/gu,
    '',
  );
}

/** The same on one line. */
export function oneLine(foreign: string): string {
  return printable(foreign).replaceAll(/\s+/g, ' ').trim();
}

function wantsColour(isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR || process.argv.includes('--no-color')) return false;
  if (FORCE_COLOR && FORCE_COLOR !== '0') return true;
  return isTerminal && TERM !== 'dumb';
}
