import { posix } from 'node:path';
import type { Repository } from '../../libraries/git/repository.ts';
import { OnnxError } from '../../libraries/onnx/index.ts';
import { type SignatureChange, signatureChanges } from '../../libraries/signature-changes/index.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { nothingKnown, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { differenceForPeople } from '../output/version-difference.ts';
import type { Terminal } from '../terminal.ts';
import { type CardDifference, cardDifference } from './card-difference.ts';
import { cardOfVersion } from './card-of-version.ts';
import { type ModelDifference, modelDifference } from './model-difference.ts';
import { type HistoryOptions, withHistory } from './open-history.ts';
import { readSpec, versionPath } from './version-facts.ts';

export interface DiffOptions extends HistoryOptions {
  readonly output?: StructuredFormat;
}

type Metric = NonNullable<ModelVersionSpec['metrics']>[number];

/** How one version differs from another. */
export interface VersionDifference {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly signature: readonly SignatureChange[];
  readonly metrics: readonly {
    readonly name: string;
    readonly on: string;
    readonly before: Metric | null;
    readonly after: Metric | null;
  }[];
  readonly lineage: readonly { readonly what: string; readonly before: unknown; readonly after: unknown }[];
  /** Null where the card is the same, or there is none. Each as it stood last before the next version came. */
  readonly card: CardDifference | null;
  /** Null where an artifact is no file of the registry, or cannot be read: `inside` then says why. */
  readonly artifact: ModelDifference | null;
  readonly inside: string | null;
}

/** Bytes of an artifact that is read whole to compare it. */
const largestArtifact = 512 * 1024 * 1024;

/** Prints how two versions of a model differ. */
export function runDiff(
  one: string,
  other: string,
  options: DiffOptions,
  terminal: Terminal,
): Promise<number> {
  return withHistory(options, terminal, async (repository, head, root) => {
    const { model, from, to } = await versionsMeant(repository, head, one, other);
    const [before, after] = [
      await specOf(repository, head, model, from),
      await specOf(repository, head, model, to),
    ];
    if (before === undefined) throw nothingKnown(`${model} ${from}`, root);
    if (after === undefined) throw nothingKnown(`${model} ${to}`, root);
    const difference: VersionDifference = {
      model,
      from,
      to,
      signature: signatureChanges(before.signature, after.signature),
      metrics: metricDifferences(before.metrics ?? [], after.metrics ?? []),
      lineage: lineageDifferences(before.lineage ?? {}, after.lineage ?? {}),
      card: await cardsDiffer(repository, head, model, [from, to]),
      ...(await artifactDifference(repository, head, model, [before, from], [after, to])),
    };
    terminal.out(
      options.output ? structured(difference, options.output) : differenceForPeople(difference, terminal),
    );
    return exitCodes.success;
  });
}

/** `bird-strike@1.0.0 bird-strike@1.1.0`, `bird-strike@1.0.0 1.1.0`, or two versions where there is one model alone. */
async function versionsMeant(repository: Repository, head: string, one: string, other: string) {
  const split = (text: string) => {
    const at = text.lastIndexOf('@');
    return at < 0
      ? { model: undefined, version: text }
      : { model: text.slice(0, at), version: text.slice(at + 1) };
  };
  const [left, right] = [split(one), split(other)];
  const model = left.model ?? right.model ?? (await onlyModel(repository, head));
  if (model === undefined || (right.model ?? model) !== model) {
    throw usageError('two versions of one model are compared', 'Write bird-strike@1.0.0 1.1.0.');
  }
  return { model, from: left.version, to: right.version };
}

async function onlyModel(repository: Repository, head: string): Promise<string | undefined> {
  const { tree } = await repository.commit(head);
  const models = (await repository.tree(tree)).find(({ name, type }) => name === 'models' && type === 'tree');
  const names =
    models === undefined ? [] : (await repository.tree(models.id)).filter(({ type }) => type === 'tree');
  return names.length === 1 ? names[0]?.name : undefined;
}

async function specOf(repository: Repository, head: string, model: string, version: string) {
  return (await readSpec(repository, head, versionPath(model, version))) as ModelVersionSpec | undefined;
}

function metricDifferences(
  before: readonly Metric[],
  after: readonly Metric[],
): VersionDifference['metrics'] {
  const keyOf = ({ name, dataset, slice }: Metric) => JSON.stringify([name, dataset ?? '', slice ?? '']);
  const [old, now] = [
    new Map(before.map((one) => [keyOf(one), one])),
    new Map(after.map((one) => [keyOf(one), one])),
  ];
  return [...new Set([...old.keys(), ...now.keys()])].map((key) => {
    const metric = (now.get(key) ?? old.get(key)) as Metric;
    const on = [metric.dataset, metric.slice].filter(Boolean).join(', ');
    return { name: metric.name, on, before: old.get(key) ?? null, after: now.get(key) ?? null };
  });
}

function lineageDifferences(before: object, after: object): VersionDifference['lineage'] {
  const [old, now] = [leaves(before), leaves(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((what) => ({ what, before: old.get(what) ?? null, after: now.get(what) ?? null }))
    .filter((row) => JSON.stringify(row.before) !== JSON.stringify(row.after));
}

function leaves(value: object, place = '', into = new Map<string, unknown>()): ReadonlyMap<string, unknown> {
  for (const [key, inner] of Object.entries(value)) {
    const name = place === '' ? key : `${place}.${key}`;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) leaves(inner, name, into);
    else into.set(name, inner);
  }
  return into;
}

async function cardsDiffer(
  repository: Repository,
  head: string,
  model: string,
  [from, to]: readonly [string, string],
): Promise<CardDifference | null> {
  const before = await cardOfVersion(repository, head, model, from);
  const after = await cardOfVersion(repository, head, model, to);
  return before.text === after.text ? null : cardDifference(before.text ?? '', after.text ?? '');
}

async function artifactDifference(
  repository: Repository,
  head: string,
  model: string,
  [before, from]: readonly [ModelVersionSpec, string],
  [after, to]: readonly [ModelVersionSpec, string],
): Promise<Pick<VersionDifference, 'artifact' | 'inside'>> {
  const read = async (spec: ModelVersionSpec, version: string) => {
    const { uri } = spec.artifact;
    if (!uri.startsWith('file:')) return undefined;
    const written = decodeURIComponent(uri.slice('file:'.length));
    const folder = posix.dirname(versionPath(model, version));
    const path = written.startsWith('/') ? written.slice(1) : posix.join(folder, written);
    return repository.readFile(head, path, largestArtifact);
  };
  const [old, now] = [await read(before, from), await read(after, to)];
  if (old === undefined || now === undefined) {
    return {
      artifact: null,
      inside: 'an artifact is no file of this registry, so that its inside is not compared',
    };
  }
  try {
    return { artifact: modelDifference(old, now), inside: null };
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    return { artifact: null, inside: `an artifact cannot be read: ${error.message}` };
  }
}
