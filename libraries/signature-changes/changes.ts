export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  /** -1 is a dimension that varies. */
  readonly shape: readonly number[];
  /** Of an input: what its values of a row are called. */
  readonly columns?: readonly string[];
  /** Of an output: the classes that it means. */
  readonly classes?: readonly string[];
}

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** What a change asks of the version number. */
export type Bump = 'major' | 'minor';

export interface SignatureChange {
  readonly side: 'input' | 'output';
  readonly tensor: string;
  readonly bump: Bump;
  /** In words: `input "speed" changed FP32 → INT64`. */
  readonly message: string;
}

/**
 * What is different for a caller who was written for `previous` and now meets `next`.
 *
 * A caller breaks (major) when an input is gone, new, of another type or accepts less, and when an output is gone, of
 * another type or varies where it was fixed; and when what values were called is changed or gone. It gains (minor) from a new output, and from an input that accepts more.
 * An output that becomes more definite, and the order of tensors, change nothing for anyone.
 */
export function signatureChanges(previous: Signature, next: Signature): readonly SignatureChange[] {
  return [
    ...changesOf('input', previous.inputs, next.inputs),
    ...changesOf('output', previous.outputs, next.outputs),
  ];
}

function changesOf(
  side: 'input' | 'output',
  previous: readonly TensorSpec[],
  next: readonly TensorSpec[],
): SignatureChange[] {
  const after = new Map(next.map((tensor) => [tensor.name, tensor]));
  const before = new Set(previous.map((tensor) => tensor.name));
  const changes: SignatureChange[] = [];
  for (const tensor of previous) {
    const { name } = tensor;
    const other = after.get(name);
    if (other === undefined) {
      changes.push({ side, tensor: name, bump: 'major', message: `${side} "${name}" is gone` });
      continue;
    }
    if (other.datatype !== tensor.datatype) {
      const message = `${side} "${name}" changed ${tensor.datatype} → ${other.datatype}`;
      changes.push({ side, tensor: name, bump: 'major', message });
    }
    const bump = bumpOfShape(side, tensor.shape, other.shape);
    if (bump !== undefined) {
      const message = `${side} "${name}" changed its shape ${written(tensor.shape)} → ${written(other.shape)}`;
      changes.push({ side, tensor: name, bump, message });
    }
    for (const names of ['columns', 'classes'] as const) {
      if (isSame(tensor[names], other[names])) continue;
      const [bump, what] =
        tensor[names] === undefined ? (['minor', 'now has'] as const) : (['major', 'changed its'] as const);
      changes.push({ side, tensor: name, bump, message: `${side} "${name}" ${what} ${names}` });
    }
  }
  for (const { name, datatype } of next) {
    if (before.has(name)) continue;
    const bump = side === 'input' ? 'major' : 'minor';
    changes.push({ side, tensor: name, bump, message: `${side} "${name}" (${datatype}) is new` });
  }
  return changes;
}

/** Inputs may accept more, outputs may promise more; the other way round breaks a caller. */
function bumpOfShape(
  side: 'input' | 'output',
  before: readonly number[],
  after: readonly number[],
): Bump | undefined {
  if (before.length !== after.length) return 'major';
  let bump: Bump | undefined;
  for (const [index, from] of before.entries()) {
    const to = after[index];
    if (from === to) continue;
    const loosened = to === -1;
    if (!loosened && from !== -1) return 'major';
    if (loosened !== (side === 'input')) return 'major';
    if (side === 'input') bump = 'minor';
  }
  return bump;
}

function isSame(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function written(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
