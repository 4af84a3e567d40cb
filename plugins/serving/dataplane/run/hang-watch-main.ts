/** The thread that notices when the event loop beside it is blocked by a run that does not end. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../../../core/plugin.ts';
import { replaceFile } from '../../../../libraries/durable-file/index.ts';
import { type HangWatchData, type HangWatchName, readHungFile } from './hang-watch.ts';

const { shared, patience, beatMs, path, processName } = workerData as HangWatchData;
const counters = new Int32Array(shared);
const names = new Map<number, string>();
parentPort?.on('message', ({ number, key }: HangWatchName) => names.set(number, key));

const mostKept = 50;
let seen = -1;
let missing = 0;

// Its own beats are counted, not the time: a machine that slept has missed both alike.
setInterval(() => {
  const beat = Atomics.load(counters, 0);
  const running = names.get(Atomics.load(counters, 1));
  missing = beat === seen && running !== undefined ? missing + 1 : 0;
  seen = beat;
  if (missing > patience && running !== undefined) end(running);
}, beatMs);

function end(key: string): void {
  say(
    'error',
    'a run does not end; the process is ended, and the version runs in a thread of its own from now on',
    {
      code: 'RunStuck',
      version: key,
    },
  );
  try {
    const { hung, untold } = readHungFile(path);
    const next = (before: readonly string[]) => [...new Set([...before, key])].slice(-mostKept);
    replaceFile(path, JSON.stringify({ hung: next(hung), untold: next(untold) }));
  } catch (error) {
    say('error', 'what hung cannot be written down', { error: messageOf(error) });
  }
  process.kill(process.pid, 'SIGKILL');
}

/** As the process writes its lines, which it cannot now. */
function say(level: string, msg: string, facts: object): void {
  const line = {
    level,
    time: Date.now(),
    program: 'inference',
    pid: process.pid,
    id: processName,
    ...facts,
    msg,
  };
  writeSync(2, `${JSON.stringify(line)}\n`);
}
