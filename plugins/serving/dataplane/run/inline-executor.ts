import { inferenceFailed } from '../errors/run-errors.ts';
import type { SessionSettings } from '../interface/routing-table.ts';
import type { TensorInterface } from '../protocol/model-interface.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Executor } from './executor.ts';
import type { Guard } from './hang-watch.ts';
import { openSession, runtimeMessage } from './session.ts';

/** Runs a version on this event loop: for models whose run is shorter than waking a thread. Throws as `openSession` does. */
export async function openInline(
  bytes: Uint8Array,
  sides: { readonly inputs: readonly TensorInterface[]; readonly outputs: readonly TensorInterface[] },
  guard: Guard,
  settings: SessionSettings | undefined,
): Promise<Executor> {
  const session = await openSession(bytes, settings);
  const inputNames = sides.inputs.map((input) => input.name);
  const outputNames = sides.outputs.map((output) => output.name);
  const runLate = session.runLate(inputNames, outputNames);
  const guarded = async (run: () => Promise<Tensor[]>): Promise<Tensor[]> => {
    let hasBegun = false;
    // The runtime begins in the next immediate: whatever blocks the event loop before that is no fault of this version.
    const beginning = setImmediate(() => {
      hasBegun = true;
      guard.begin();
    });
    try {
      return await run();
    } catch (error) {
      throw inferenceFailed(runtimeMessage(error));
    } finally {
      clearImmediate(beginning);
      if (hasBegun) guard.end();
    }
  };
  return {
    placement: 'inline',
    run: (inputs) => guarded(() => session.run(inputNames, inputs, outputNames)),
    runLate: (take) => guarded(() => runLate(take)),
    close: () => session.release(),
  };
}
