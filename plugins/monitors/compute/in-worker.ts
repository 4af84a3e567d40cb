import { Worker } from 'node:worker_threads';
import { SwitchyardError } from '../../../core/plugin.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { checkGivenUp } from '../errors.ts';
import type { Compute, JobName } from './jobs.ts';

/** What the thread is told at its start. */
export interface WorkerStart {
  readonly name: JobName;
  readonly given: unknown;
}

export type WorkerAnswer =
  | { readonly answer: unknown }
  | { readonly error: { readonly code?: string; readonly message: string } };

const memoryMb = 512;

/** Does a job in a thread of its own, with a memory of its own: whatever it does, the control process answers. */
export const computeInWorker: Compute = (name, given, signal) => {
  signal.throwIfAborted();
  const start: WorkerStart = { name, given };
  const worker = new Worker(packageFile('dist/plugins/monitors/compute/worker-main.js'), {
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  });
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      void worker.terminate();
    };
    signal.addEventListener('abort', abort, { once: true });
    worker.once('message', (message: WorkerAnswer) => {
      if ('answer' in message) resolve(message.answer as never);
      else {
        const { code = 'CheckGivenUp', message: text } = message.error;
        reject(new SwitchyardError(code, text, {}));
      }
    });
    worker.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? checkGivenUp(`it needs more than ${memoryMb} MB of memory`)
          : error,
      ),
    );
    worker.once('exit', (status) => {
      signal.removeEventListener('abort', abort);
      reject(checkGivenUp(`its thread ended with ${status}`));
    });
  });
};
