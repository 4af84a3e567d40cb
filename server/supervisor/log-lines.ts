import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Logger } from '../../core/plugin.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
type Level = (typeof levels)[number];
/** Pino's numbers, for children that write them. */
const numbers: Readonly<Record<number, Level>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** What a child says in one breath at most; a longer line is cut. */
const longestLine = 64 * 1024;

/** One stream of JSON log lines, of this process and of its children, each with the name of who speaks. */
export class LogLines {
  readonly #least: number;
  readonly #write: (line: string) => void;

  constructor(level: Level, write: (line: string) => void) {
    this.#least = levels.indexOf(level);
    this.#write = write;
  }

  /** A logger for this process itself. */
  logger(name: string): Logger {
    const at = (level: Level) => (facts: object, message: string) =>
      this.#line({ level, name, ...facts, msg: message });
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }

  /** Passes on what a child writes. What is no JSON line (a crash report of the engine) gets the given level. */
  follow(name: string, stream: Readable, fallback: Level): void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    stream.on('data', (piece: Buffer) => {
      const lines = (rest + decoder.write(piece)).split('\n');
      rest = (lines.pop() ?? '').slice(0, longestLine);
      for (const line of lines) this.#pass(name, line, fallback);
    });
    stream.on('end', () => this.#pass(name, rest, fallback));
  }

  #pass(name: string, line: string, fallback: Level): void {
    if (line.trim() === '') return;
    const fields = parse(line);
    if (fields === undefined) {
      this.#line({ level: fallback, name, msg: line.slice(0, longestLine) });
      return;
    }
    const { level, ...others } = fields;
    const known = typeof level === 'number' ? numbers[level] : levels.find((one) => one === level);
    this.#line({ ...others, level: known ?? fallback, name });
  }

  #line({ level, name, time, ...facts }: Record<string, unknown> & { level: Level; name: string }): void {
    if (levels.indexOf(level) < this.#least) return;
    this.#write(JSON.stringify({ level, time: timeOf(time), name, ...facts }));
  }
}

function timeOf(time: unknown): string {
  if (typeof time === 'string') return time;
  return new Date(typeof time === 'number' ? time : Date.now()).toISOString();
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
