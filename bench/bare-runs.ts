/** The bare model with that many rows a run. */
export interface Bare {
  readonly rows: number;
  /** Microseconds of a run: of processor time, and by the clock. */
  readonly cpu: number;
  readonly time: number;
}

/** A bare run of so many rows, between the two sizes that were measured; `bare` goes from few rows to many. */
export function bareOf(bare: readonly Bare[], rows: number): Bare {
  const after = bare.findIndex((one) => one.rows >= rows);
  if (after <= 0) return after === 0 ? bare[0]! : bare.at(-1)!;
  const [low, high] = [bare[after - 1]!, bare[after]!];
  const share = (rows - low.rows) / (high.rows - low.rows);
  return {
    rows,
    cpu: low.cpu + (high.cpu - low.cpu) * share,
    time: low.time + (high.time - low.time) * share,
  };
}
