import { Worker } from 'node:worker_threads';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import type { StartWorker } from './version-thread.ts';

/** Starts the thread of a version from the compiled code. */
export const startWorker: StartWorker = (data) =>
  new Worker(packageFile('dist/plugins/serving/dataplane/load/thread-main.js'), {
    workerData: data,
    stdout: false,
    stderr: false,
  });
