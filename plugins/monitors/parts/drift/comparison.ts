/** One comparison of the window, or of a slice of it, with the reference. */
import { codeOf, messageOf } from '../../../../core/plugin.ts';
import { makeProfile, readProfile, writeProfile } from '../../../../libraries/profile/index.ts';
import type { CompareOptions, DriftReport } from '../../../../libraries/statistics/drift/index.ts';
import type { MonitorSpec } from '../../../../schemas/generated/monitor.ts';
import { askedOf, toldLabel } from '../../columns.ts';
import type { Scene } from '../../scene.ts';
import { nothing, type PartVerdict } from '../../verdict.ts';
import { referenceOf } from './reference.ts';
import { type BothRows, bothRows, testsOfValues, type WindowRows } from './rows.ts';
import type { Slice } from './slices.ts';
import { toldLabels } from './told-labels.ts';

export type DriftSpec = NonNullable<MonitorSpec['drift']>;

export interface Left {
  readonly column: string;
  readonly reason: string;
}

export interface Compared {
  readonly report: DriftReport;
  readonly left: readonly Left[];
  readonly rows: number;
  /** When the oldest row was made, in milliseconds since 1970. */
  readonly first: number;
}

export type Comparison =
  | Compared
  /** Nothing was compared, and why. */
  | { readonly nothing: PartVerdict; readonly rows: number };

/** `looks`: how many comparisons are made at once; each has its share of the chance of a false alarm. */
export async function compare(scene: Scene, slice: Slice | undefined, looks: number): Promise<Comparison> {
  const { spec, target, window, sink, signal } = scene;
  const declared = spec.drift ?? {};
  const ignored = new Set(declared.ignore ?? []);
  const columns = target.columns.filter(
    ({ name, field }) => !ignored.has(name) && !ignored.has(field) && field !== slice?.input,
  );
  const reference = await referenceOf(scene, columns, slice);
  const known = new Set(reference.columns.map(({ name }) => name));
  const compared = columns.filter(({ name }) => known.has(name));
  if (compared.length === 0) {
    const message = 'the reference has none of the inputs and outputs';
    return { nothing: nothing('noData', 'NothingToCompare', message), rows: 0 };
  }
  const { environment, deployment } = target;
  const { from, to, newest } = window;
  const answer = await sink.profile(
    {
      ...{ environment, deployment, from, to },
      ...(newest === undefined ? {} : { newest }),
      ...(slice === undefined ? {} : { slice: { input: slice.input, value: slice.value } }),
      columns: compared.map(askedOf),
      reference: writeProfile(reference),
    },
    signal,
  );
  const { rows } = answer;
  if (rows === 0) {
    return { nothing: nothing('noData', 'NoTraffic', 'no prediction was logged in the window'), rows };
  }
  if (rows < window.minRows) {
    const message = `${rows} ${rows === 1 ? 'row' : 'rows'} in the window, and nothing is judged below ${window.minRows}`;
    return { nothing: nothing('inconclusive', 'TooFewRows', message), rows };
  }
  const left: Left[] = [
    ...target.left.map(({ name, reason }) => ({ column: name, reason })),
    ...columns
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => ({ column: name, reason: 'the reference does not have it' })),
  ];
  const labels = ignored.has(toldLabel) ? undefined : await toldLabels(scene, slice);
  let both = { reference, current: readProfile(answer.profile) };
  if (typeof labels === 'string') left.push({ column: toldLabel, reason: labels });
  else if (labels !== undefined) {
    both = {
      reference: makeProfile(reference.rows, [...reference.columns, labels.reference]),
      current: makeProfile(rows, [...both.current.columns, labels.current]),
    };
  }
  const looked = { from: answer.first ?? from, to, rows };
  const valued = (declared.columns ?? []).flatMap(({ column, test }) =>
    test !== undefined && testsOfValues.has(test) && known.has(column) ? [column] : [],
  );
  const values = await valuesOf(scene, valued, looked, slice);
  if (typeof values === 'string') left.push(...valued.map((column) => ({ column, reason: values })));
  const report = await scene.compute(
    'compareProfiles',
    {
      ...(typeof values === 'string' ? {} : { rows: values }),
      ...{ reference: writeProfile(both.reference), current: writeProfile(both.current) },
      options: optionsOf(declared, looks),
    },
    signal,
  );
  return { report, left, rows, first: looked.from };
}

/** Values of columns whose tests need them; why there are none, in words: then those columns are not judged, and others are. */
async function valuesOf(
  scene: Scene,
  columns: readonly string[],
  window: WindowRows,
  slice: Slice | undefined,
): Promise<readonly BothRows[] | string> {
  if (columns.length === 0) return [];
  try {
    return await bothRows(scene, columns, window, slice);
  } catch (error) {
    if (codeOf(error) !== 'ReferenceUnusable') throw error;
    return messageOf(error);
  }
}

function optionsOf(
  { columns = [], alpha = 0.05, correction, share }: DriftSpec,
  looks: number,
): CompareOptions {
  return {
    tests: Object.fromEntries(
      columns.flatMap(({ column, test }) => (test === undefined ? [] : [[column, test]])),
    ),
    thresholds: Object.fromEntries(
      columns.flatMap(({ column, effect }) => (effect === undefined ? [] : [[column, effect]])),
    ),
    askedFor: columns.map(({ column }) => column),
    alpha: alpha / looks,
    ...(correction === undefined ? {} : { correction }),
    datasetThreshold: (share ?? 50) / 100,
  };
}
