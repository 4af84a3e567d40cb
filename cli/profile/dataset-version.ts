import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Resource, refOf } from '../../core/plugin.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { pathOfUri } from '../../libraries/manifest-path/index.ts';
import type { ColumnTypes } from '../../libraries/profile/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import { fileUnreadable, usageError } from '../errors.ts';
import type { Terminal } from '../terminal.ts';
import { dataIsAnother, datasetNotFound } from './errors.ts';
import { readRegistryHere } from './registry-here.ts';

/** A version of a dataset that the registry here declares, and the file that holds its data. */
export interface DatasetVersion {
  /** The registry's top folder. */
  readonly root: string;
  readonly dataset: Resource<DatasetSpec>;
  readonly version: DatasetSpec['versions'][number];
  readonly index: number;
  readonly file: string;
}

/**
 * Finds `NAME@VERSION` and verifies that a file is its data; without a version, the one whose data the file is. Without a file, that of
 * the registry. Throws `DatasetNotFound` and `DataIsAnother`.
 */
export async function findDatasetVersion(
  named: string,
  file: string | undefined,
  terminal: Terminal,
): Promise<DatasetVersion> {
  const at = named.lastIndexOf('@');
  const [name, wanted] = at < 0 ? [named, undefined] : [named.slice(0, at), named.slice(at + 1)];
  const { root, dataset } = await findDataset(name, terminal);
  const { versions } = dataset.spec;
  if (file === undefined) {
    const version = wanted === undefined ? onlyOne(name, versions) : versionNamed(name, wanted, versions);
    const path = pathOfUri(dataset, version.uri);
    if (path === undefined)
      throw usageError(
        `the data of ${name}@${version.version} is not in the registry`,
        'Name the file that holds it: switchyard profile data FILE --dataset NAME@VERSION.',
      );
    const found = join(root, path);
    const digest = await digestOf(found, terminal.signal);
    if (digest !== version.digest) throw dataIsAnother(found, digest, declares(name, version));
    return { root, dataset, version, index: versions.indexOf(version), file: found };
  }
  const path = resolve(terminal.folder, file);
  const digest = await digestOf(path, terminal.signal);
  const version =
    wanted === undefined
      ? versions.findLast((one) => one.digest === digest)
      : versionNamed(name, wanted, versions);
  if (version === undefined) throw dataIsAnother(path, digest, `no version of ${name} is`);
  if (version.digest !== digest) throw dataIsAnother(path, digest, declares(name, version));
  return { root, dataset, version, index: versions.indexOf(version), file: path };
}

/** The dataset that the registry here declares under a name. Throws `DatasetNotFound`. */
export async function findDataset(
  name: string,
  terminal: Terminal,
): Promise<{ root: string; dataset: Resource<DatasetSpec> }> {
  const { root, snapshot, issues } = await readRegistryHere(terminal);
  const ref = refOf('Dataset', name);
  const dataset = snapshot.resources.get(ref) as Resource<DatasetSpec> | undefined;
  if (dataset !== undefined) return { root, dataset };
  const issue = issues.find((one) => one.ref === ref && one.severity === 'error');
  if (issue !== undefined)
    throw datasetNotFound(
      `the dataset ${name}`,
      `${issue.message} (${issue.path}:${issue.line})`,
      'Correct its manifest first: switchyard check.',
    );
  const known = [...snapshot.resources.values()].flatMap(({ kind, metadata }) =>
    kind === 'Dataset' ? [metadata.name] : [],
  );
  const hint = didYouMean(name, known) ?? `Datasets: ${known.join(', ') || 'none'}.`;
  throw datasetNotFound(`the dataset ${name}`, 'the registry here does not declare it', hint);
}

type Version = DatasetSpec['versions'][number];

function versionNamed(name: string, wanted: string, versions: readonly Version[]): Version {
  const found = versions.find(({ version }) => version === wanted);
  if (found !== undefined) return found;
  const known = versions.map(({ version }) => version).join(', ');
  throw datasetNotFound(`${name}@${wanted}`, 'the dataset has no such version', `Versions: ${known}.`);
}

function onlyOne(name: string, versions: readonly Version[]): Version {
  const [first] = versions;
  if (first !== undefined && versions.length === 1) return first;
  throw usageError(
    `${name} has ${versions.length} versions`,
    `Say which: --dataset ${name}@VERSION, or name the file. Versions: ${versions.map(({ version }) => version).join(', ')}.`,
  );
}

function declares(name: string, { version, digest }: Version): string {
  return `${name}@${version} is declared as ${digest}`;
}

async function digestOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, signal === undefined ? {} : { signal }))
      hash.update(piece);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw fileUnreadable(path, error);
    throw error;
  }
  return `sha256:${hash.digest('hex')}`;
}

/** What its columns hold, as they are declared. */
export function columnTypes({ spec }: Resource<DatasetSpec>): ColumnTypes {
  return new Map(
    spec.columns.map(({ name, type }) => [
      name,
      type === 'number' || type === 'integer' ? 'number' : 'category',
    ]),
  );
}
