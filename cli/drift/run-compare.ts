import { resolve } from 'node:path';
import { type ColumnValues, readColumns } from '../../libraries/data-file/index.ts';
import { samplesOf } from '../../libraries/profile/index.ts';
import {
  type CompareOptions,
  type Correction,
  compareSamples,
  type Sample,
} from '../../libraries/statistics/drift/index.ts';
import { dataFileProblem } from '../data-file-problem.ts';
import { profileUnusable, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { numberOf } from '../number-flag.ts';
import { driftPage } from '../output/drift-page.ts';
import { driftTable } from '../output/drift-table.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import { isProfileFile, profileData, readProfileFile } from '../profile/profile-file.ts';
import type { Terminal } from '../terminal.ts';
import { writeOver } from '../whole-file.ts';
import { compareTogether, readMethods } from './compare-together.ts';
import { compareFileSlices } from './slices.ts';
import { readTests } from './test-names.ts';

export interface CompareFilesOptions {
  readonly reference: string;
  readonly current: string;
  readonly test?: readonly string[];
  readonly columns?: string;
  readonly alpha?: string;
  readonly correction: Correction;
  readonly threshold?: string;
  readonly share?: string;
  readonly base?: '2' | 'e';
  readonly target?: string;
  readonly prediction?: string;
  readonly slice?: readonly string[];
  readonly multivariate?: string | true;
  readonly output: 'table' | 'json' | 'html';
  readonly out?: string;
  readonly failOnDrift?: boolean;
}

/** Compares two files column by column, prints what came of it, and answers the status to exit with. */
export async function runCompare(options: CompareFilesOptions, terminal: Terminal): Promise<number> {
  const { test, tests } = readTests(options.test ?? []);
  const roles: Record<string, 'target' | 'prediction'> = {
    ...(options.target === undefined ? {} : { [options.target]: 'target' as const }),
    ...(options.prediction === undefined ? {} : { [options.prediction]: 'prediction' as const }),
  };
  const named = options.columns?.split(',').map((name) => name.trim());
  const columns = named === undefined ? undefined : [...new Set([...named, ...Object.keys(roles)])];
  const alpha = numberOf('--alpha', options.alpha, { least: 1e-100, most: 1, command: 'drift' });
  const threshold = numberOf('--threshold', options.threshold, {
    least: 0,
    most: Number.MAX_VALUE,
    command: 'drift',
  });
  const methods = readMethods(options.multivariate);
  const share = numberOf('--share', options.share, { least: 0, most: 1, command: 'drift' });
  const { reference, current } = isProfileFile(options.reference)
    ? await readBesideProfile(options, terminal, columns)
    : await readFiles(options, terminal, columns);
  for (const name of [...(columns ?? []), ...Object.keys(tests), ...Object.keys(roles)]) {
    if (reference.has(name) || current.has(name)) continue;
    throw usageError(`no file has a column '${name}'`, 'Name columns as the header of the file does.');
  }
  const comparing: CompareOptions = {
    roles,
    ...(test === undefined ? {} : { test }),
    tests,
    correction: options.correction,
    ...(alpha === undefined ? {} : { alpha }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(share === undefined ? {} : { datasetThreshold: share }),
    ...(options.base === 'e' ? { base: 'e' as const } : {}),
    ...(columns === undefined ? {} : { askedFor: columns }),
  };
  const report = compareSamples(reference, current, comparing);
  const slices =
    options.slice === undefined
      ? undefined
      : await compareFileSlices(options.slice, options, { reference, columns }, comparing, terminal);
  const multivariate =
    methods.length === 0 ? undefined : await compareTogether(methods, options, report, terminal);
  const about = { reference: options.reference, current: options.current };
  const shown =
    options.output === 'json'
      ? structured(
          {
            ...report,
            ...(slices === undefined ? {} : { slices }),
            ...(multivariate === undefined ? {} : { multivariate }),
          },
          'json',
        )
      : options.output === 'html'
        ? driftPage(report, about, { slices, multivariate })
        : driftTable(report, about, terminal, { slices, multivariate });
  if (options.out === undefined) terminal.out(shown);
  else await writeOver(resolve(terminal.folder, options.out), shown);
  const judged = [
    ...report.columns,
    ...(slices ?? []).flatMap((slice) => slice.columns),
    ...(multivariate ?? []),
  ];
  const hasDrifted = judged.some(({ drifted }) => drifted === true);
  return options.failOnDrift === true && hasDrifted ? exitCodes.problems : exitCodes.success;
}

/** Two files of data. */
async function readFiles(
  options: CompareFilesOptions,
  terminal: Terminal,
  columns: readonly string[] | undefined,
): Promise<{ reference: Sample; current: Sample }> {
  if (isProfileFile(options.current))
    throw usageError(
      'a profile is compared with a profile',
      'Profile the reference first: switchyard profile data FILE.',
    );
  const reference = await read(options.reference, terminal, columns);
  const types = new Map([...reference].map(([name, { type }]) => [name, type]));
  return { reference, current: await read(options.current, terminal, columns, types) };
}

/** A stored profile, and beside it another one, or data that is counted by its cells. */
async function readBesideProfile(
  { reference, current }: CompareFilesOptions,
  terminal: Terminal,
  columns: readonly string[] | undefined,
): Promise<{ reference: Sample; current: Sample }> {
  const profile = await readProfileFile(resolve(terminal.folder, reference));
  const path = resolve(terminal.folder, current);
  const other = isProfileFile(current)
    ? await readProfileFile(path)
    : await asked(
        path,
        withProgress(
          terminal,
          `reading ${current}`,
          profileData(path, { reference: profile, signal: terminal.signal }),
        ),
      );
  if (other.digest !== profile.digest && other.reference !== profile.digest)
    throw profileUnusable(path, new Error(`it was counted by other cells than those of ${reference}`));
  const chosen = (sample: Sample): Sample =>
    columns === undefined ? sample : new Map([...sample].filter(([name]) => columns.includes(name)));
  return { reference: chosen(samplesOf(profile)), current: chosen(samplesOf(other)) };
}

async function read(
  file: string,
  terminal: Terminal,
  columns: readonly string[] | undefined,
  types?: ReadonlyMap<string, 'number' | 'category'>,
): Promise<ReadonlyMap<string, ColumnValues>> {
  const path = resolve(terminal.folder, file);
  let bytes = 0;
  const reading = readColumns(path, {
    signal: terminal.signal,
    onBytes: (more) => {
      bytes += more;
    },
    ...(columns === undefined ? {} : { columns }),
    ...(types === undefined ? {} : { types }),
  });
  return asked(
    path,
    withProgress(terminal, () => `reading ${file}: ${Math.round(bytes / 1e6)} MB`, reading),
  );
}

async function asked<Result>(path: string, reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (thrown) {
    throw dataFileProblem(path, thrown);
  }
}
