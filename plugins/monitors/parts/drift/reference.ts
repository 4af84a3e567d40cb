/** What predictions are compared with: a profile of the columns that they have in common. */
import { type Resource, refOf } from '../../../../core/plugin.ts';
import { makeProfile, type Profile } from '../../../../libraries/profile/index.ts';
import type { DatasetSpec } from '../../../../schemas/generated/dataset.ts';
import { askedOf, type TargetColumn } from '../../columns.ts';
import type { SampledRows } from '../../compute/sampled-rows.ts';
import { referenceUnusable } from '../../errors.ts';
import type { DatasetRows } from '../../references.ts';
import type { Scene } from '../../scene.ts';
import type { Slice } from './slices.ts';

/** What a dataset has counts; of traffic, what it has not. Throws `ReferenceUnusable`. */
export async function referenceOf(
  scene: Scene,
  columns: readonly TargetColumn[],
  slice: Slice | undefined,
): Promise<Profile> {
  const parts: Profile[] = [];
  let rest = columns;
  const dataset = datasetOf(scene);
  if (dataset !== undefined) {
    const has = new Set(dataset.spec.columns.map(({ name }) => name));
    const own = columns.filter(({ datasetColumn }) => datasetColumn !== undefined && has.has(datasetColumn));
    rest = columns.filter((column) => !own.includes(column));
    const wanted = own.map(({ name, datasetColumn = name }) => ({ name, column: datasetColumn }));
    if (wanted.length > 0) parts.push(await datasetProfile(scene, wanted, slice));
  }
  if (scene.spec.reference.traffic !== undefined && rest.length > 0)
    parts.push(await trafficOf(scene, rest, slice));
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  return makeProfile(
    Math.max(0, ...parts.map(({ rows }) => rows)),
    parts.flatMap((part) => part.columns),
  );
}

/** The dataset that the manifest names; undefined where it names none. Throws `ReferenceUnusable`. */
export function datasetOf({ spec, find }: Scene): Resource<DatasetSpec> | undefined {
  const named = spec.reference.dataset;
  if (named === undefined) return undefined;
  const found = find(refOf('Dataset', named.name)) as Resource<DatasetSpec> | undefined;
  if (found === undefined) throw referenceUnusable(named.name, 'no such dataset is in the registry');
  return found;
}

/** Columns of the dataset under the names that they have here. Throws `ReferenceUnusable`. */
export async function datasetProfile(
  scene: Scene,
  columns: DatasetRows['columns'],
  slice: Slice | undefined,
): Promise<Profile> {
  const made = await scene.references.dataset(datasetAsked(scene, columns, slice), scene.signal);
  requireRows(scene, made.rows);
  return made;
}

/** A sample of the dataset's rows, also where a profile of them is committed. Throws `ReferenceUnusable`. */
export async function datasetRows(
  scene: Scene,
  columns: DatasetRows['columns'],
  slice: Slice | undefined,
  sample: number,
): Promise<SampledRows> {
  const made = await scene.references.rows({ ...datasetAsked(scene, columns, slice), sample }, scene.signal);
  requireRows(scene, made.rows);
  return made;
}

function datasetAsked(scene: Scene, columns: DatasetRows['columns'], slice: Slice | undefined): DatasetRows {
  const { spec, find } = scene;
  const { version, where = [] } = spec.reference.dataset!;
  const ofSlice = slice === undefined ? [] : [{ column: slice.datasetColumn, in: [String(slice.value)] }];
  return { dataset: datasetOf(scene)!, version, where: [...where, ...ofSlice], columns, find };
}

function requireRows(scene: Scene, rows: number): void {
  if (rows > 0) return;
  const { name, version } = scene.spec.reference.dataset!;
  const { path } = datasetOf(scene)!.origin;
  throw referenceUnusable(path, `no row of ${name}@${version} meets the conditions`);
}

async function trafficOf(
  { spec, target, window, sink, references, signal }: Scene,
  columns: readonly TargetColumn[],
  slice: Slice | undefined,
): Promise<Profile> {
  const { from, to } = spec.reference.traffic!;
  const where = `traffic of ${target.environment}/${target.deployment} from ${from} to ${to}`;
  if (Date.parse(to) > window.to) throw referenceUnusable(where, 'that time is not over');
  const made = await references.traffic(
    sink,
    {
      ...{ environment: target.environment, deployment: target.deployment },
      ...{ from: Date.parse(from), to: Date.parse(to) },
      ...(slice === undefined ? {} : { slice: { input: slice.input, value: slice.value } }),
      columns: columns.map(askedOf),
    },
    signal,
  );
  if (made.rows < window.minRows) {
    throw referenceUnusable(where, `the log has ${made.rows} rows of it, and ${window.minRows} are needed`);
  }
  return made;
}
