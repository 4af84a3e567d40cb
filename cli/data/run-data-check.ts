import { resolve } from 'node:path';
import type { Resource } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { Profile } from '../../libraries/profile/index.ts';
import {
  type Expectations,
  judgeQuality,
  type QualityOptions,
} from '../../libraries/profile/quality/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { qualityTable } from '../output/quality-table.ts';
import { structured } from '../output/structured.ts';
import { columnTypes, findDataset } from '../profile/dataset-version.ts';
import { profileFile } from '../profile/profile-by-file.ts';
import { isProfileFile, readProfileFile } from '../profile/profile-file.ts';
import type { Terminal } from '../terminal.ts';
import { RepeatedRows } from './repeated-rows.ts';

export interface DataCheckOptions {
  readonly dataset: string;
  readonly now?: string;
  readonly strict?: boolean;
  readonly output: 'table' | 'json';
}

/** Holds a file against what a dataset promises, prints what was found, and answers the status to exit with. */
export async function runDataCheck(
  file: string,
  { dataset: name, now, strict, output }: DataCheckOptions,
  terminal: Terminal,
): Promise<number> {
  const moment = now === undefined ? Date.now() : Date.parse(now);
  if (!Number.isFinite(moment))
    throw usageError(`--now is '${now}', which is no time`, 'Write it as 2026-01-31T12:00:00Z.');
  const { dataset } = await findDataset(name, terminal);
  const { profile, ...seen } = await read(file, dataset, terminal);
  const findings = judgeQuality(profile, expectationsOf(dataset), { ...seen, now: moment });
  const failures = findings.filter(
    ({ status }) => status === 'fail' || (strict === true && status !== 'pass'),
  );
  const about = { file, dataset: name, rows: profile.rows };
  terminal.out(
    output === 'json' ? structured({ ...about, findings }, 'json') : qualityTable(findings, about, terminal),
  );
  return failures.length > 0 ? exitCodes.problems : exitCodes.success;
}

async function read(
  file: string,
  dataset: Resource<DatasetSpec>,
  terminal: Terminal,
): Promise<{ readonly profile: Profile } & Omit<QualityOptions, 'now'>> {
  const path = resolve(terminal.folder, file);
  if (isProfileFile(file)) return { profile: await readProfileFile(path) };
  const columns = dataset.spec.columns.map((column) => column.name);
  const repeated = new RepeatedRows(dataset.spec.columns.filter(({ unique }) => unique === true));
  const found = new Set<string>();
  const profile = await profileFile(path, file, terminal, {
    types: columnTypes(dataset),
    onBatch: (names, rows) => {
      for (const column of names) found.add(column);
      repeated.add(names, rows);
    },
  });
  return {
    // A declared column that the file has not is no column of missing values.
    profile: { ...profile, columns: profile.columns.filter((column) => found.has(column.name)) },
    otherColumns: [...found].filter((column) => !columns.includes(column)),
    repeated: repeated.counts(),
  };
}

function expectationsOf({ spec }: Resource<DatasetSpec>): Expectations {
  const { rows, freshness } = spec.expectations ?? {};
  return {
    columns: spec.columns,
    ...(rows === undefined ? {} : { rows }),
    ...(freshness === undefined
      ? {}
      : { freshness: { column: freshness.column, maxAgeMs: parseDuration(freshness.maxAge) } }),
  };
}
