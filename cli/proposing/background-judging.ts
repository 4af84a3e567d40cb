/** Who judges a proposal of this clone now, so that no two commands do the same, and one may go on when another has answered. */
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Terminal } from '../terminal.ts';

export interface JudgedPair {
  readonly number: number;
  readonly head: string;
  readonly base: string;
}

interface Mark extends JudgedPair {
  readonly process: number;
}

export class BackgroundJudging {
  readonly #folder: string;

  /** In the folder that the plugin `proposals` keeps beside the clone. */
  constructor(folder: string) {
    this.#folder = join(folder, 'background');
  }

  /** Starts a command that judges, unless one does already. False where this terminal cannot. */
  async begin(pair: JudgedPair, words: readonly string[], terminal: Terminal): Promise<boolean> {
    if (await this.#isJudgedElsewhere(pair)) return true;
    const started = terminal.startInBackground?.(words);
    if (started === undefined) return false;
    await this.#mark({ ...pair, process: started });
    return true;
  }

  /** Judges, and lets others know. Where another process judges the same, waits for it first: its verdicts are known then. */
  async judge<Result>(pair: JudgedPair, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    while (!signal.aborted && (await this.#isJudgedElsewhere(pair))) await wait(100);
    await this.#mark({ ...pair, process: process.pid });
    const path = this.#pathOf(pair.number);
    const beat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => {});
    }, beatMs).unref();
    try {
      return await work();
    } finally {
      clearInterval(beat);
      const mark = await this.#read(pair.number);
      if (mark?.process === process.pid) await rm(path, { force: true });
    }
  }

  async #isJudgedElsewhere({ number, head, base }: JudgedPair): Promise<boolean> {
    const mark = await this.#read(number);
    return mark?.head === head && mark.base === base && mark.process !== process.pid;
  }

  async #mark(mark: Mark): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#pathOf(mark.number), JSON.stringify(mark));
  }

  /** A mark that nobody renewed was left by a process that is no more. */
  async #read(number: number): Promise<Mark | undefined> {
    const path = this.#pathOf(number);
    try {
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > believedMs) return undefined;
      return JSON.parse(await readFile(path, 'utf8')) as Mark;
    } catch {
      // None, or one that is just being written: at worst two judge the same.
      return undefined;
    }
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${number}.json`);
  }
}

const beatMs = 2_000;
/** A slow machine needs its time until a new process renews the mark that was made for it. */
const believedMs = 20_000;
