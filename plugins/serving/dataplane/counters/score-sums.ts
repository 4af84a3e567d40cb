import type { ScoreSnapshot } from '../interface/process-metrics.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { Tensor } from '../tensor/tensor.ts';

const mostOutputs = 4;
const mostColumns = 8;
/** Rows of one answer that are counted. */
const mostRows = 256;

interface Sums {
  readonly output: string;
  rows: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Adds up the numbers of answers, output by output and column by column. */
export class ScoreSums {
  /** By position of the output; undefined for one that is not numbers. */
  readonly #sums: (Sums | undefined)[] = [];

  /** Gives whether there was a NaN among them. */
  add(model: ModelInterface, outputs: readonly Tensor[]): boolean {
    let hasNaN = false;
    const count = Math.min(outputs.length, mostOutputs);
    for (let index = 0; index < count; index++) {
      const { data, shape } = outputs[index]!;
      if (!(data instanceof Float32Array || data instanceof Float64Array) || data.length === 0) continue;
      const rows = shape.length === 0 ? 1 : shape[0]!;
      const width = data.length / rows;
      const columns = Math.min(width, mostColumns);
      let sums = this.#sums[index];
      if (sums === undefined || sums.sums.length !== columns) {
        const { name } = model.outputs[index]!;
        sums = emptySums(name, columns);
        this.#sums[index] = sums;
      }
      for (let row = 0; row < Math.min(rows, mostRows); row++) {
        if (addRow(sums, data, row * width, columns)) hasNaN = true;
      }
    }
    return hasNaN;
  }

  snapshot(): readonly ScoreSnapshot[] {
    const taken: ScoreSnapshot[] = [];
    for (const sums of this.#sums) {
      if (sums !== undefined) taken.push({ ...sums, sums: [...sums.sums], squares: [...sums.squares] });
    }
    return taken;
  }
}

function emptySums(output: string, columns: number): Sums {
  return {
    output,
    rows: 0,
    sums: new Float64Array(columns),
    squares: new Float64Array(columns),
  };
}

/** A row with an infinity or NaN in it is left out, or it would be all that the sums tell. Gives whether it is NaN. */
function addRow(into: Sums, data: Float32Array | Float64Array, from: number, columns: number): boolean {
  for (let column = 0; column < columns; column++) {
    const value = data[from + column]!;
    if (!Number.isFinite(value)) return Number.isNaN(value);
  }
  into.rows++;
  for (let column = 0; column < columns; column++) {
    const value = data[from + column]!;
    into.sums[column]! += value;
    into.squares[column]! += value * value;
  }
  return false;
}
