import { inferenceFailed } from '../errors.ts';
import type { TensorInterface } from '../protocol/model-interface.ts';
import type { Executor } from './executor.ts';
import type { Guard } from './hang-watch.ts';
import { openSession, runtimeMessage } from './session.ts';

/** Runs a version on this event loop: for models whose run is shorter than waking a thread. Throws `InvalidModel`. */
export async function openInline(
  bytes: Uint8Array,
  sides: { readonly inputs: readonly TensorInterface[]; readonly outputs: readonly TensorInterface[] },
  guard: Guard,
): Promise<Executor> {
  const session = await openSession(bytes);
  const inputNames = sides.inputs.map((input) => input.name);
  const outputNames = sides.outputs.map((output) => output.name);
  return {
    placement: 'inline',
    async run(inputs) {
      try {
        guard.begin();
        return await session.run(inputNames, inputs, outputNames);
      } catch (error) {
        throw inferenceFailed(runtimeMessage(error));
      } finally {
        guard.end();
      }
    },
    close: () => session.release(),
  };
}
