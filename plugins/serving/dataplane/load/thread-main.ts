/**
 * The worker thread of one version: it loads, checks and tries the version, and then answers with it for as long as it
 * is kept. A thread must never be ended while the runtime works in it, so it ends itself when told to close.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { codeOf, messageOf } from '../../../../core/plugin.ts';
import { choosePlacement } from '../interface/placement.ts';
import { runtimeMessage, type Session } from '../run/session.ts';
import {
  type FromThread,
  type Known,
  type ThreadData,
  type ToThread,
  transferable,
} from '../run/thread-messages.ts';
import { giveWayToEventLoops } from '../run/thread-priority.ts';
import { freeMemory } from '../tensor/free-memory.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkExamples } from './examples.ts';
import { openVersion } from './open-version.ts';
import type { TrialModel } from './trial-model.ts';
import { wakeRuntime } from './wake-runtime.ts';
import { runOnce, warmUp } from './warm-up.ts';

const port = parentPort!;
const data = workerData as ThreadData;
giveWayToEventLoops(data.priority);
let session: Session | undefined;
let model: TrialModel | undefined;
/** Messages are handled one after the other: the runtime would serialise them anyway, and closing must come last. */
let work: Promise<void> = load();

port.on('message', (message: ToThread) => {
  work = work.then(() => (message.type === 'run' ? run(message.id, message.inputs) : close()));
});

async function load(): Promise<void> {
  try {
    await wakeRuntime(data.session);
    const opened = await openVersion(data);
    const { bytes, sides } = opened;
    session = opened.session;
    model = opened.model;
    const { runMs, batchable } = await tried(model);
    const placement = choosePlacement(data.placement, { runMs, size: bytes.length, session: data.session });
    const result = { ...sides, runMs, batchable, placement, memoryBytes: opened.memoryBytes() };
    if (placement === 'inline') return send({ type: 'ready', ...result, bytes }, [bytes.buffer]);
    freeMemory(bytes);
    send({ type: 'ready', ...result });
  } catch (error) {
    send({ type: 'failed', code: codeOf(error), message: messageOf(error) });
    await close();
  }
}

async function tried(model: TrialModel): Promise<Known> {
  const { known, examples } = data;
  if (known !== undefined) {
    await runOnce(model, examples);
    return known;
  }
  await checkExamples(model, examples);
  return warmUp(model, examples);
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
