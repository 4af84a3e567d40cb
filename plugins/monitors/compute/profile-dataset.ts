import { type Cell, isMissing, numberOf } from '../../../libraries/data-file/index.ts';
import { Profiler, writeProfile } from '../../../libraries/profile/index.ts';
import { metRows, type RowsGiven } from './dataset-rows.ts';

/** A profile of the rows, as its text. Throws `ReferenceUnusable`. */
export async function profileDataset(given: RowsGiven): Promise<string> {
  const profiler = new Profiler<Cell>({ isMissing, numberOf });
  for await (const { names, rows } of metRows(given)) profiler.add(names, rows);
  return writeProfile(profiler.profile());
}
