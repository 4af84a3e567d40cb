import type { SessionSettings } from '../interface/routing-table.ts';
import { openSession } from '../run/session.ts';

/** An ONNX model of one node, `Identity`, and no weights. */
export const smallestModel = Buffer.from(
  'CAg6SQocCgF4EgF5GgpJZGVudGl0eTp5IghJZGVudGl0eRIHbm90aGluZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE=',
  'base64',
);

/**
 * What the runtime takes for itself, once in each process and a little in each thread, belongs to no version: it is taken before the
 * memory of one is measured. Where the runtime lacks what is asked for, the version itself says so.
 */
export async function wakeRuntime({ provider = 'cpu' }: SessionSettings = {}): Promise<void> {
  try {
    await (await openSession(smallestModel, { provider })).release();
  } catch {
    // As above.
  }
}
