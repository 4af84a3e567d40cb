import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { LowThreads } from '../../../../../plugins/serving/dataplane/run/low-threads.ts';

/** A thread that ranks lower once it is told to, and tells its number. */
const program = `
  const { getPriority, setPriority } = require('node:os');
  const { readlinkSync } = require('node:fs');
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', () => {
    setPriority(0, Math.min(19, getPriority() + 10));
    parentPort.postMessage('low');
  });
  parentPort.postMessage(readlinkSync('/proc/thread-self').split('/').at(-1));
`;

it.runIf(process.platform === 'linux')(
  'finds a thread that gives way some looks after it was started, keeps it, and forgets it when it has ended',
  async () => {
    const threads = new LowThreads();
    const worker = new Worker(program, { eval: true });
    const [number] = (await once(worker, 'message')) as [string];
    for (let look = 0; look < 3; look++) expect(threads.look()).not.toContain(number);
    worker.postMessage('rank');
    await once(worker, 'message');
    for (let look = 0; look < 8; look++) expect(threads.look()).toContain(number);
    await worker.terminate();
    expect(threads.look()).not.toContain(number);
  },
);
