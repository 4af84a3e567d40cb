import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { examplesInvalid } from '../errors.ts';

/** What is known about a new version beside its file. */
export interface Evidence {
  readonly lineage?: ModelVersionSpec['lineage'];
  readonly metrics?: ModelVersionSpec['metrics'];
  readonly examples?: unknown;
}

/** Told by the schema in full when it is checked; here only what would not even be a list of examples. */
export function examplesIn(file: unknown): ModelVersionSpec['examples'] | undefined {
  if (file === undefined) return undefined;
  const list = Array.isArray(file) ? file : (file as { readonly examples?: unknown } | null)?.examples;
  if (!Array.isArray(list)) throw examplesInvalid('the file holds no list');
  if (list.length > 64) throw examplesInvalid('there are more than 64');
  for (const [index, example] of list.entries()) {
    const { name, inputs, outputs } = (example ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || !Array.isArray(inputs) || !Array.isArray(outputs)) {
      throw examplesInvalid(`number ${index + 1} lacks name, inputs or outputs`);
    }
  }
  return list as ModelVersionSpec['examples'];
}
