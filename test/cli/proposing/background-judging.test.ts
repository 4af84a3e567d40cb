import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackgroundJudging } from '../../../cli/proposing/background-judging.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { temporaryFolder } from '../../fixtures/git-repository.ts';

const pair = { number: 7, head: 'a'.repeat(40), base: 'b'.repeat(40) };
const words = ['show', '7', '--wait'];
let folder: ReturnType<typeof temporaryFolder>;
let judging: BackgroundJudging;
let started: (readonly string[])[];
const signal = new AbortController().signal;

/** A terminal whose other commands are processes that live: that of the test's parent. */
const terminal = {
  startInBackground(command: readonly string[]) {
    started.push(command);
    return process.ppid;
  },
} as Terminal;

beforeEach(() => {
  folder = temporaryFolder();
  judging = new BackgroundJudging(folder.path);
  started = [];
});
afterEach(() => folder.remove());

describe('judging in the background', () => {
  it('is begun once, and anew when head or base is another', async () => {
    expect(await judging.begin(pair, words, terminal)).toBe(true);
    expect(await judging.begin(pair, words, terminal)).toBe(true);
    expect(started).toEqual([words]);
    await judging.begin({ ...pair, base: 'c'.repeat(40) }, words, terminal);
    expect(started).toHaveLength(2);
  });

  it('is not begun where the terminal cannot', async () => {
    expect(await judging.begin(pair, words, {} as Terminal)).toBe(false);
  });

  it('is waited for by whoever judges the same, until its mark is old', async () => {
    await judging.begin(pair, words, terminal);
    let isDone = false;
    const work = judging.judge(pair, signal, async () => {
      isDone = true;
    });
    await judging.judge({ ...pair, number: 8 }, signal, async () => {});
    expect(isDone).toBe(false);
    // The process was killed: nobody renews its mark.
    const past = new Date(Date.now() - 60_000);
    utimesSync(join(folder.path, 'background', '7.json'), past, past);
    await work;
    expect(isDone).toBe(true);
  });

  it('leaves its mark for as long as it lasts', async () => {
    const mark = join(folder.path, 'background', '7.json');
    await judging.judge(pair, signal, async () => expect(existsSync(mark)).toBe(true));
    expect(existsSync(mark)).toBe(false);
    const work = judging.judge(pair, signal, () => Promise.reject(new Error('it broke')));
    await expect(work).rejects.toThrow('it broke');
    expect(existsSync(mark)).toBe(false);
  });
});
