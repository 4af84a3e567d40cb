import type { Cell } from '../../../libraries/data-file/index.ts';
import { seededRandom } from '../../../libraries/statistics/index.ts';
import { metRows, type RowsGiven } from './dataset-rows.ts';
import type { SampledRows } from './sampled-rows.ts';

export interface SampleGiven extends RowsGiven {
  readonly sample: number;
}

const seed = 1;

/** At most so many of the rows: each is as likely to be among them (Vitter's algorithm R, ACM TOMS 11, 1985). Throws `ReferenceUnusable`. */
export async function sampleDataset({ sample, ...given }: SampleGiven): Promise<SampledRows> {
  const random = seededRandom(seed);
  const kept: (readonly Cell[])[] = [];
  let names: readonly string[] = [];
  let seen = 0;
  for await (const batch of metRows(given)) {
    names = batch.names;
    for (const row of batch.rows) {
      seen++;
      const at = kept.length < sample ? kept.length : random.below(seen);
      if (at < sample) kept[at] = row;
    }
  }
  const values = (at: number) => kept.map((row) => asJson(row[at] ?? null));
  return { rows: kept.length, columns: names.map((name, at) => ({ name, values: values(at) })) };
}

function asJson(cell: Cell): string | number | null {
  if (cell === null || typeof cell === 'string') return cell;
  return typeof cell === 'number' && Number.isFinite(cell) ? cell : String(cell);
}
