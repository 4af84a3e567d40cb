import type { Signature, TensorSpec } from './changes.ts';

/** A tensor for which no signature can serve the callers of both. */
export interface SignatureConflict {
  readonly side: 'input' | 'output';
  readonly tensor: string;
  /** Undefined where that signature has no such tensor. */
  readonly one: TensorSpec | undefined;
  readonly other: TensorSpec | undefined;
}

/**
 * What keeps any signature from serving those who call `one` and those who call `other`. An input must be there in both, with one
 * datatype and rank, since a caller sends exactly what it knows; a size that varies serves two that are fixed. Outputs may
 * be there in one alone, since a caller leaves alone what it does not know; in both, they must promise what agrees.
 */
export function signatureConflicts(one: Signature, other: Signature): readonly SignatureConflict[] {
  return [
    ...conflictsOf('input', one.inputs, other.inputs),
    ...conflictsOf('output', one.outputs, other.outputs),
  ];
}

function conflictsOf(
  side: 'input' | 'output',
  ours: readonly TensorSpec[],
  theirs: readonly TensorSpec[],
): SignatureConflict[] {
  const [left, right] = [byName(ours), byName(theirs)];
  const conflicts: SignatureConflict[] = [];
  for (const tensor of new Set([...left.keys(), ...right.keys()])) {
    const [one, other] = [left.get(tensor), right.get(tensor)];
    const agrees =
      one === undefined || other === undefined ? side === 'output' : isJoinable(side, one, other);
    if (!agrees) conflicts.push({ side, tensor, one, other });
  }
  return conflicts;
}

function isJoinable(side: 'input' | 'output', one: TensorSpec, other: TensorSpec): boolean {
  if (one.datatype !== other.datatype || one.shape.length !== other.shape.length) return false;
  if (side === 'input') return true;
  return one.shape.every(
    (size, index) => size === other.shape[index] || size === -1 || other.shape[index] === -1,
  );
}

function byName(tensors: readonly TensorSpec[]): ReadonlyMap<string, TensorSpec> {
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}
