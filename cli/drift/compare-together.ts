import { resolve } from 'node:path';
import type { DriftReport } from '../../libraries/statistics/drift/index.ts';
import { seededRandom } from '../../libraries/statistics/index.ts';
import {
  compareMultivariate,
  isMultivariateMethod,
  type MultivariateDrift,
  type MultivariateMethod,
  multivariateMethods,
} from '../../libraries/statistics/multivariate/index.ts';
import { usageError } from '../errors.ts';
import { withProgress } from '../output/progress.ts';
import { isProfileFile } from '../profile/profile-file.ts';
import type { Terminal } from '../terminal.ts';
import { sampleRows } from './row-sample.ts';

/** Rows of each file that are looked at: more tell no more that matters, and cost time. */
const mostRows = 20_000;
const seed = 1;

/** The methods that `--multivariate` names: all where it names none. */
export function readMethods(words: string | true | undefined): readonly MultivariateMethod[] {
  if (words === undefined) return [];
  if (words === true) return multivariateMethods;
  return words.split(',').map((word) => {
    const name = word.trim();
    if (isMultivariateMethod(name)) return name;
    throw usageError(`there is no method called '${name}'`, `Methods: ${multivariateMethods.join(', ')}.`);
  });
}

/** Compares the inputs of two files together: those that could be compared one by one. */
export async function compareTogether(
  methods: readonly MultivariateMethod[],
  files: { readonly reference: string; readonly current: string },
  { columns, dataset: { alpha } }: DriftReport,
  terminal: Terminal,
): Promise<readonly MultivariateDrift[]> {
  if (isProfileFile(files.reference) || isProfileFile(files.current))
    throw usageError('--multivariate needs the rows, and a profile has none', 'Name both files of data.');
  const compared = columns.flatMap(({ column, role, type, status }) =>
    role === 'input' && (status === 'compared' || status === 'constant-reference')
      ? [{ name: column, type }]
      : [],
  );
  const random = seededRandom(seed);
  const read = (file: string) =>
    sampleRows(resolve(terminal.folder, file), compared, {
      most: mostRows,
      random,
      signal: terminal.signal,
    });
  const work = async () => {
    const reference = await read(files.reference);
    const current = await read(files.current);
    const found = compareMultivariate({ reference: reference.columns, current: current.columns }, methods, {
      alpha,
      seed,
    });
    const isSampled = reference.rows > mostRows || current.rows > mostRows;
    const limit = `of ${mostRows} rows of a file, drawn at random`;
    return isSampled ? found.map((one) => ({ ...one, limits: [...one.limits, limit] })) : found;
  };
  return withProgress(terminal, 'comparing columns together', work());
}
