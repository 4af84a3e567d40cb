/**
 * A request of many rows, run slice by slice: between two slices others have their turn, and whoever's time is over is run no further. Its answer
 * is one: what the slices gave, row behind row.
 */
import type { Executor } from '../run/executor.ts';
import { factsOf, type NumericData } from '../tensor/datatypes.ts';
import { elementsOf, type Tensor } from '../tensor/tensor.ts';

/** Milliseconds that a slice is to take: one on the event loop holds up all models, one in a thread only those who wait for it. */
const sliceMs = { inline: 10, worker: 100 } as const;
/** A slice has at most so many times the rows of the one before. */
const mostGrowth = 8;

/** Whether a run that is likely to take so long is to be parted; 0: nobody knows how long. */
export function isToBeSliced(milliseconds: number, placement: Executor['placement']): boolean {
  return milliseconds === 0 || milliseconds > sliceMs[placement];
}

/** Rows of the slice behind one that took so long. */
export function nextSlice(
  rows: number,
  milliseconds: number,
  placement: Executor['placement'],
  least: number,
): number {
  const fitting = Math.floor((rows * sliceMs[placement]) / Math.max(milliseconds, 0.01));
  return Math.max(least, Math.min(fitting, rows * mostGrowth));
}

/** Some rows of a request. Numbers are views. */
export function rowsBetween(inputs: readonly Tensor[], start: number, end: number): Tensor[] {
  return inputs.map(({ datatype, shape, data }) => {
    const inner = shape.slice(1);
    const width = elementsOf(inner);
    const [from, to] = [start * width, end * width];
    return {
      datatype,
      shape: [end - start, ...inner],
      data: Array.isArray(data) ? data.slice(from, to) : data.subarray(from, to),
    };
  });
}

/** Outputs that are put together as they come. */
export class JoinedOutputs {
  readonly #total: number;
  #outputs: Tensor[] | undefined;
  #rows = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Rows that have come. */
  get rows(): number {
    return this.#rows;
  }

  /** Of all rows, once they have come. */
  get whole(): readonly Tensor[] {
    return this.#outputs!;
  }

  /** Takes the outputs of the next rows; false where they do not fit those before, or are not of so many rows. */
  add(outputs: readonly Tensor[], rows: number): boolean {
    this.#outputs ??= outputs.map((output) => emptyOf(output, this.#total));
    for (const [position, output] of outputs.entries()) {
      const whole = this.#outputs[position]!;
      if (output.shape[0] !== rows || !isOfSameRows(output, whole)) return false;
      if (Array.isArray(whole.data))
        for (const text of output.data as string[]) (whole.data as string[]).push(text);
      else {
        const width = elementsOf(whole.shape.slice(1));
        (whole.data as Float32Array).set(output.data as Float32Array, this.#rows * width);
      }
    }
    this.#rows += rows;
    return true;
  }
}

function emptyOf({ datatype, shape }: Tensor, rows: number): Tensor {
  const inner = shape.slice(1);
  const { array } = factsOf(datatype);
  const data: NumericData | string[] = array === undefined ? [] : new array(rows * elementsOf(inner));
  return { datatype, shape: [rows, ...inner], data };
}

function isOfSameRows(output: Tensor, whole: Tensor): boolean {
  const { datatype, shape } = output;
  return (
    datatype === whole.datatype &&
    shape.length === whole.shape.length &&
    shape.every((size, axis) => axis === 0 || size === whole.shape[axis])
  );
}
