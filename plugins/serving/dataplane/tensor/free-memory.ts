import { MessageChannel } from 'node:worker_threads';

/**
 * Frees what all views of this memory share; nobody may look at any of them again. Left alone it stays until V8 collects the whole heap,
 * which a process that has little to do does not come to for hours.
 */
export function freeMemory({ buffer }: { readonly buffer: ArrayBuffer }): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  // What is handed over to nobody is gone.
  port1.postMessage(undefined, [buffer]);
  port1.close();
}
