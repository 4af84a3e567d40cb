import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Analysis,
  analyze,
  type Comparison,
  StatisticsError,
} from '../../libraries/statistics/index.ts';
import { degenerateExperiment, fileUnreadable } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { experimentTable } from '../output/experiment.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { readExperiment } from './experiment-file.ts';

export interface AnalyzeOptions {
  readonly data: string;
  readonly output?: StructuredFormat;
}

/** Judges the experiment that a file or standard input holds, prints it, and answers the status to exit with. */
export async function runAnalyze({ data, output }: AnalyzeOptions, terminal: Terminal): Promise<number> {
  const file = data === '-' ? 'standard input' : data;
  const experiment = readExperiment(file, await readData(data, terminal));
  let analysis: Analysis;
  try {
    analysis = analyze(experiment);
  } catch (thrown) {
    if (thrown instanceof StatisticsError) throw degenerateExperiment(file, thrown);
    throw thrown;
  }
  terminal.out(
    output === undefined ? experimentTable(analysis, terminal) : structured(forPrograms(analysis), output),
  );
  return exitCodes.success;
}

async function readData(data: string, terminal: Terminal): Promise<string> {
  if (data === '-') return terminal.readInput();
  const path = resolve(terminal.folder, data);
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw fileUnreadable(path, error);
  });
}

/** One result for each treatment; where there is one treatment, its fields stand at the top as well. */
function forPrograms({ comparisons, warnings, ...about }: Analysis): unknown {
  const results = comparisons.map((comparison) => ({ ...comparison, interval: ends(comparison) }));
  const [first, ...others] = results;
  return { ...about, ...(others.length === 0 ? first : {}), results, warnings };
}

/** JSON has no infinity: null where an interval has no end. */
function ends({ interval: { low, high } }: Comparison): readonly [number | null, number | null] {
  return [Number.isFinite(low) ? low : null, Number.isFinite(high) ? high : null];
}
