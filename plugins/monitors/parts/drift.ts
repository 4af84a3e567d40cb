/** Whether predictions are distributed otherwise than the reference, column by column. */
import { type Ref, type Resource, refOf } from '../../../core/plugin.ts';
import { makeProfile, type Profile, writeProfile } from '../../../libraries/profile/index.ts';
import type { ColumnDrift, CompareOptions, DriftReport } from '../../../libraries/statistics/drift/index.ts';
import type { DatasetSpec } from '../../../schemas/generated/dataset.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import { referenceUnusable } from '../errors.ts';
import type { Judged, Part, Scene } from '../scene.ts';
import type { TargetColumn } from '../target.ts';
import { nothing } from '../verdict.ts';

export type DriftSpec = NonNullable<MonitorSpec['drift']>;

export const drift: Part = {
  name: 'drift',
  isDeclared: ({ drift: spec }) => spec !== undefined,
  async judge(scene) {
    const { spec, target, window, sink, signal } = scene;
    const declared = spec.drift;
    const ignored = new Set(declared.ignore ?? []);
    const columns = target.columns.filter(({ name, field }) => !ignored.has(name) && !ignored.has(field));
    const reference = await referenceOf(scene, columns);
    const known = new Set(reference.columns.map(({ name }) => name));
    const compared = columns.filter(({ name }) => known.has(name));
    if (compared.length === 0) {
      return nothing('noData', 'NothingToCompare', 'the reference has none of the inputs and outputs');
    }
    const text = writeProfile(reference);
    const { environment, deployment } = target;
    const { from, to, newest } = window;
    const answer = await sink.profile(
      {
        ...{ environment, deployment, from, to },
        ...(newest === undefined ? {} : { newest }),
        columns: compared.map(({ datasetColumn: _, ...column }) => column),
        reference: text,
      },
      signal,
    );
    const { rows } = answer;
    if (rows === 0) {
      return { ...nothing('noData', 'NoTraffic', 'no prediction was logged in the window'), rows };
    }
    if (rows < window.minRows) {
      const message = `${count(rows, 'row')} in the window, and nothing is judged below ${window.minRows}`;
      return { ...nothing('inconclusive', 'TooFewRows', message), rows };
    }
    const options = optionsOf(declared);
    const report = await scene.compute(
      'compareProfiles',
      { reference: text, current: answer.profile, options },
      signal,
    );
    const left = [
      ...target.left.map(({ name, reason }) => ({ column: name, reason })),
      ...columns
        .filter(({ name }) => !known.has(name))
        .map(({ name }) => ({ column: name, reason: 'the reference does not have it' })),
    ];
    return { ...verdictOf(report, left), rows };
  },
};

/** What a dataset has counts; of traffic, what it has not. Throws `ReferenceUnusable`. */
async function referenceOf(scene: Scene, columns: readonly TargetColumn[]): Promise<Profile> {
  const { spec, resources, references, signal } = scene;
  const parts: Profile[] = [];
  let rest = columns;
  const named = spec.reference.dataset;
  if (named !== undefined) {
    const dataset = resources.get(refOf('Dataset', named.name)) as Resource<DatasetSpec> | undefined;
    if (dataset === undefined) throw referenceUnusable(named.name, 'no such dataset is in the registry');
    const has = new Set(dataset.spec.columns.map(({ name }) => name));
    const own = columns.filter(({ datasetColumn }) => datasetColumn !== undefined && has.has(datasetColumn));
    rest = columns.filter((column) => !own.includes(column));
    const { version, where = [] } = named;
    const wanted = own.map(({ name, datasetColumn = name }) => ({ name, column: datasetColumn }));
    if (wanted.length > 0) {
      const find = (ref: Ref) => resources.get(ref);
      const made = await references.dataset({ dataset, version, where, columns: wanted, find }, signal);
      if (made.rows === 0) {
        throw referenceUnusable(
          dataset.origin.path,
          `no row of ${named.name}@${version} meets the conditions`,
        );
      }
      parts.push(made);
    }
  }
  if (spec.reference.traffic !== undefined && rest.length > 0) parts.push(await trafficOf(scene, rest));
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  return makeProfile(
    Math.max(0, ...parts.map(({ rows }) => rows)),
    parts.flatMap((part) => part.columns),
  );
}

async function trafficOf(
  { spec, target, window, sink, references, signal }: Scene,
  columns: readonly TargetColumn[],
): Promise<Profile> {
  const { from, to } = spec.reference.traffic!;
  const where = `traffic of ${target.environment}/${target.deployment} from ${from} to ${to}`;
  if (Date.parse(to) > window.to) throw referenceUnusable(where, 'that time is not over');
  const made = await references.traffic(
    sink,
    {
      ...{ environment: target.environment, deployment: target.deployment },
      ...{ from: Date.parse(from), to: Date.parse(to) },
      columns: columns.map(({ datasetColumn: _, ...column }) => column),
    },
    signal,
  );
  if (made.rows < window.minRows) {
    throw referenceUnusable(where, `the log has ${made.rows} rows of it, and ${window.minRows} are needed`);
  }
  return made;
}

function optionsOf({ columns = [], alpha, correction, share }: DriftSpec): CompareOptions {
  return {
    tests: Object.fromEntries(
      columns.flatMap(({ column, test }) => (test === undefined ? [] : [[column, test]])),
    ),
    thresholds: Object.fromEntries(
      columns.flatMap(({ column, effect }) => (effect === undefined ? [] : [[column, effect]])),
    ),
    askedFor: columns.map(({ column }) => column),
    ...(alpha === undefined ? {} : { alpha }),
    ...(correction === undefined ? {} : { correction }),
    datasetThreshold: (share ?? 50) / 100,
  };
}

/** Columns that are shown in full: those that drifted first. */
const mostShown = 200;
const mostNamed = 16;

function verdictOf(
  { columns, dataset }: DriftReport,
  left: readonly { readonly column: string; readonly reason: string }[],
): Judged {
  const ordered = [...columns].sort(
    (one, other) => Number(other.drifted === true) - Number(one.drifted === true) || byEffect(one, other),
  );
  const drifted = ordered.filter((column) => column.drifted === true);
  const percent = Math.round(dataset.share * 100);
  const facts = {
    columns: dataset.columns,
    compared: dataset.compared,
    drifted: dataset.drifted,
    sharePercent: percent,
    names: drifted.slice(0, mostNamed).map(({ column }) => column),
  };
  const details = { dataset, columns: ordered.slice(0, mostShown), left: left.slice(0, mostShown) };
  if (dataset.compared === 0) {
    const message = 'none of the columns could be compared';
    return { status: 'inconclusive', reason: 'NothingCompared', message, facts, details };
  }
  if (drifted.length === 0) {
    const message = `none of ${count(dataset.compared, 'column')} drifted`;
    return { status: 'ok', reason: 'NoDrift', message, facts, details };
  }
  const named = drifted.slice(0, 5).map(shortly).join(', ');
  const more = drifted.length > 5 ? ` and ${drifted.length - 5} more` : '';
  const message = `${drifted.length} of ${count(dataset.compared, 'column')} drifted (${percent} %): ${named}${more}`;
  return dataset.driftDetected
    ? { status: 'breached', reason: 'DriftDetected', message, facts, details }
    : { status: 'warning', reason: 'SomeColumnsDrifted', message, facts, details };
}

function byEffect(one: ColumnDrift, other: ColumnDrift): number {
  const relative = ({ effect, threshold }: ColumnDrift) => (effect ?? 0) / (threshold || 1);
  return relative(other) - relative(one) || (one.column < other.column ? -1 : 1);
}

function shortly({ column, effect, threshold, missing }: ColumnDrift): string {
  if (effect !== null && threshold !== null && effect >= threshold)
    return `${column} ${effect.toPrecision(2)}`;
  return `${column} missing ${Math.round(missing.current * 100)} %`;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
