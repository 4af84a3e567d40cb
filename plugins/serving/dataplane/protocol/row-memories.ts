/** What requests for a model are read into, whatever they come by: memory of each of its inputs. */
import { RowMemory } from '../tensor/row-memory.ts';
import type { ModelInterface } from './model-interface.ts';

const memories = new WeakMap<ModelInterface, readonly RowMemory[]>();

export function memoriesOf(model: ModelInterface): readonly RowMemory[] {
  let mine = memories.get(model);
  if (mine === undefined) {
    mine = model.inputs.map(() => new RowMemory());
    memories.set(model, mine);
  }
  return mine;
}

/** The model is not served any more: what nobody reads of its memory is freed now, the rest once it is given back. */
export function endMemoriesOf(model: ModelInterface): void {
  for (const memory of memories.get(model) ?? []) memory.end();
  memories.delete(model);
}
