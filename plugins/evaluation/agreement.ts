import type { ExampleTensor } from '../../core/capabilities/serving-runtime.ts';

/** How two answers to one request compare. */
export interface Agreement {
  /** Whether every text, whole number and truth value is the same. Undefined where there is none. */
  readonly isSame: boolean | undefined;
  /** Differences of the other numbers, candidate less current, by output. */
  readonly shifts: ReadonlyMap<string, readonly number[]>;
}

/** Compares the outputs that both have. A number that is not finite in one answer only is an infinite shift. */
export function agreementOf(
  candidate: readonly ExampleTensor[],
  current: readonly ExampleTensor[],
): Agreement {
  let isSame: boolean | undefined;
  const shifts = new Map<string, readonly number[]>();
  for (const { name, datatype, data } of candidate) {
    const other = current.find((one) => one.name === name);
    if (other === undefined) continue;
    const isComparable = other.datatype === datatype && other.data.length === data.length;
    if (isComparable && datatype.startsWith('FP')) {
      shifts.set(
        name,
        data.map((value, index) => shiftOf(Number(value), Number(other.data[index]))),
      );
      continue;
    }
    isSame = (isSame ?? true) && isComparable && data.every((value, index) => value === other.data[index]);
  }
  return { isSame, shifts };
}

function shiftOf(candidate: number, current: number): number {
  if (Object.is(candidate, current)) return 0;
  const shift = candidate - current;
  return Number.isNaN(shift) ? Number.POSITIVE_INFINITY : shift;
}
