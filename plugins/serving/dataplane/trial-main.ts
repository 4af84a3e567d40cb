/**
 * The program of a trial process: one version, one thread that runs it, and a channel to control on descriptor 3. It is
 * started with no more of an environment than how to keep memory. It ends, whatever the model does, when the channel closes: control is gone, or done.
 */
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { readLines } from './interface/lines.ts';
import type { FromTrial, TrialCall } from './interface/trial-messages.ts';

const memoryEveryMs = 100;

yieldToOthers();
const channel = new Socket({ fd: 3, readable: true, writable: true });
const thread = new Worker(packageFile('dist/plugins/serving/dataplane/trial/thread-main.js'), {
  stdout: true,
  stderr: true,
});
thread.on('message', send);
thread.on('error', (error) => lost(error.message));
thread.on('exit', (code) => lost(`its thread ended with code ${code}`));
readLines(channel, (line) => thread.postMessage(JSON.parse(line) as TrialCall));
// A thread in the middle of a run cannot be ended; the process can.
channel.on('close', () => process.kill(process.pid, 'SIGKILL'));
channel.on('error', () => channel.destroy());
if (process.platform !== 'linux') {
  setInterval(() => send({ type: 'memory', bytes: process.memoryUsage.rss() }), memoryEveryMs).unref();
}

function lost(message: string): void {
  send({ type: 'failed', reason: 'TrialCrashed', message, isFinal: true });
}

function send(message: FromTrial): void {
  channel.write(`${JSON.stringify(message)}\n`);
}

/** What serves comes first: for the processor, and when memory runs out. */
function yieldToOthers(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not everywhere allowed, and nothing depends on it.
  }
}
