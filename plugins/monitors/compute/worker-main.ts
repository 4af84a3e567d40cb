/** The thread of one job. */
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf, messageOf } from '../../../core/plugin.ts';
import type { WorkerAnswer, WorkerStart } from './in-worker.ts';
import { doJob, type Jobs } from './jobs.ts';

const { name, given } = workerData as WorkerStart;

doJob(name, given as Jobs[typeof name]['given']).then(
  (answer) => parentPort?.postMessage({ answer } satisfies WorkerAnswer),
  (error: unknown) =>
    parentPort?.postMessage({
      error: { code: codeOf(error), message: messageOf(error) },
    } satisfies WorkerAnswer),
);
