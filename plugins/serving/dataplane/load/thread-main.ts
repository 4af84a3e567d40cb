/**
 * The worker thread of one version: it loads, checks and tries the version, and then answers with it for as long as it
 * is kept. A thread must never be ended while the runtime works in it, so it ends itself when told to close.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf, messageOf } from '../../../../core/plugin.ts';
import { runtimeMessage, type Session } from '../run/session.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkExamples } from './examples.ts';
import { openVersion } from './open-version.ts';
import { choosePlacement } from './placement.ts';
import { type FromThread, type ThreadData, type ToThread, transferable } from './thread-messages.ts';
import type { TrialModel } from './trial-model.ts';
import { warmUp } from './warm-up.ts';

const port = parentPort!;
const data = workerData as ThreadData;
let session: Session | undefined;
let model: TrialModel | undefined;
/** Messages are handled one after the other: the runtime would serialise them anyway, and closing must come last. */
let work: Promise<void> = load();

port.on('message', (message: ToThread) => {
  work = work.then(() => (message.type === 'run' ? run(message.id, message.inputs) : close()));
});

async function load(): Promise<void> {
  try {
    const opened = await openVersion(data);
    const { bytes, sides } = opened;
    session = opened.session;
    model = opened.model;
    await checkExamples(model, data.examples);
    const { runMs, batchable } = await warmUp(model, data.examples);
    const placement = choosePlacement(data.placement, { runMs, size: bytes.length });
    const result = { ...sides, runMs, batchable, placement };
    if (placement === 'worker') return send({ type: 'ready', ...result });
    const copy = new Uint8Array(bytes);
    send({ type: 'ready', ...result, bytes: copy }, [copy.buffer]);
  } catch (error) {
    send({ type: 'failed', code: codeOf(error), message: messageOf(error) });
    await close();
  }
}

async function run(id: number, inputs: readonly Tensor[]): Promise<void> {
  try {
    const outputs = await model!.run(inputs);
    send({ type: 'outputs', id, outputs }, transferable(outputs));
  } catch (error) {
    send({ type: 'error', id, message: runtimeMessage(error) });
  }
}

async function close(): Promise<void> {
  model = undefined;
  await session?.release();
  session = undefined;
  port.close();
}

function send(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
