import picocolors from 'picocolors';
import { switchyard } from '../../cli/switchyard.ts';
import type { Terminal } from '../../cli/terminal.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Told what is written, as it is written. */
  readonly onOut?: (text: string) => void;
}

/** Runs one command line in this process, as a terminal without a window and without colours would. */
export async function run(words: readonly string[], options: RunOptions): Promise<Ran> {
  let out = '';
  let err = '';
  const plain = picocolors.createColors(false);
  const terminal: Terminal = {
    out: (text) => {
      out += text;
      options.onOut?.(text);
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    errInteractive: false,
    width: Number.POSITIVE_INFINITY,
    colours: plain,
    errColours: plain,
    environment: { HOME: options.folder, ...options.environment },
    folder: options.folder,
    readInput: async () => options.input ?? '',
    signal: options.signal ?? new AbortController().signal,
    takeSignals: () => {},
  };
  const status = await switchyard(words, terminal);
  return { status, out, err };
}
