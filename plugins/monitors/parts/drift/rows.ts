/** Rows, of the window and of the reference: what tests look at that no profile suffices for. */
import type { ProfiledColumn } from '../../../../core/capabilities/prediction-profile.ts';
import type { TargetColumn } from '../../columns.ts';
import type { SampledRows } from '../../compute/sampled-rows.ts';
import { referenceUnusable } from '../../errors.ts';
import { pointerTo, sqlText } from '../../log-sql.ts';
import type { Scene } from '../../scene.ts';
import type { DriftSpec } from './comparison.ts';
import { datasetOf, datasetRows } from './reference.ts';
import type { Slice } from './slices.ts';

const defaultSample = 2_000;

/** The tests that need the values themselves. */
export const testsOfValues: ReadonlySet<NonNullable<NonNullable<DriftSpec['columns']>[number]['test']>> =
  new Set([
    ...(['mann-whitney', 'cramer-von-mises', 'anderson-darling'] as const),
    ...(['epps-singleton', 'energy-distance', 'mmd'] as const),
  ]);

export interface BothRows {
  readonly reference: SampledRows;
  readonly current: SampledRows;
}

/** Where the window's rows lie in time, and how many there are. */
export interface WindowRows {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/**
 * The same columns of both, of those that the reference has: first what the dataset has, then what traffic has, which are different rows.
 * Throws `ReferenceUnusable`.
 */
export async function bothRows(
  scene: Scene,
  names: readonly string[],
  window: WindowRows,
  slice: Slice | undefined,
): Promise<readonly BothRows[]> {
  const { spec, target } = scene;
  const sample = spec.drift?.sample ?? defaultSample;
  const wanted = target.columns.filter(({ name }) => names.includes(name));
  const has = new Set(datasetOf(scene)?.spec.columns.map(({ name }) => name));
  const ofDataset = wanted.filter(
    ({ datasetColumn }) => datasetColumn !== undefined && has.has(datasetColumn),
  );
  const ofTraffic =
    spec.reference.traffic === undefined ? [] : wanted.filter((column) => !ofDataset.includes(column));
  const found: BothRows[] = [];
  const current = (columns: readonly TargetColumn[]) =>
    loggedRows(scene, columns, { ...window, slice, sample });
  if (ofDataset.length > 0) {
    const asked = ofDataset.map(({ name, datasetColumn = name }) => ({ name, column: datasetColumn }));
    const reference = await datasetRows(scene, asked, slice, sample);
    found.push({ reference, current: await current(ofDataset) });
  }
  if (ofTraffic.length > 0) {
    const reference = await trafficRows(scene, ofTraffic, slice, sample);
    found.push({ reference, current: await current(ofTraffic) });
  }
  return found;
}

async function trafficRows(
  scene: Scene,
  columns: readonly ProfiledColumn[],
  slice: Slice | undefined,
  sample: number,
): Promise<SampledRows> {
  const { spec, target, window } = scene;
  const { from, to } = spec.reference.traffic!;
  const span = { from: Date.parse(from), to: Date.parse(to) };
  const found = await loggedRows(scene, columns, { ...span, slice, sample });
  if (found.rows >= Math.min(window.minRows, sample)) return found;
  const where = `traffic of ${target.environment}/${target.deployment} from ${from} to ${to}`;
  const reason = `its rows are needed, and the log has ${found.rows} of them: a profile of it may be kept, which does not tell them`;
  throw referenceUnusable(where, reason);
}

interface Look {
  readonly from: number;
  readonly to: number;
  /** How many rows there are, where it is known: then most need not be looked at. */
  readonly rows?: number;
  readonly slice: Slice | undefined;
  readonly sample: number;
}

/** The same rows at each check: which ones is a matter of their ids. */
async function loggedRows(
  { sink, target, signal }: Scene,
  columns: readonly ProfiledColumn[],
  { from, to, rows, slice, sample }: Look,
): Promise<SampledRows> {
  const days = [from, to].map((time) => `DATE ${sqlText(new Date(time).toISOString().slice(0, 10))}`);
  const moment = (time: number) => `make_timestamp(${Math.round(time * 1000)}::BIGINT)`;
  // Some more than needed: how many of the rows have a number below the bound is a matter of chance.
  const share = rows === undefined ? 1 : (sample + 6 * Math.sqrt(sample)) / rows;
  const fields = columns.map(({ of, field = '', index, missing }) => {
    const value = `${of}s->>${sqlText(`${pointerTo(field)}${index === undefined ? '' : `/${index}`}`)}`;
    return missing === undefined ? `(${value})` : `nullif((${value}), ${sqlText(missing)})`;
  });
  const sql = `SELECT ${fields.map((field, at) => `${field} AS c${at}`).join(', ')} FROM predictions
    WHERE environment = ${sqlText(target.environment)} AND deployment = ${sqlText(target.deployment)} AND variant <> 'shadow'
      AND date BETWEEN ${days[0]} - 1 AND ${days[1]} + 1
      AND time >= ${moment(from)} AND time < ${moment(to)}
      ${share < 1 ? `AND hash(id, row) < ${BigInt(Math.floor(share * 2 ** 53)) << 11n}::UBIGINT` : ''}
      ${slice === undefined ? '' : `AND (inputs->>${sqlText(pointerTo(slice.input))}) = ${sqlText(String(slice.value))}`}
    ORDER BY hash(id, row)`;
  const answer = await sink.query({ sql, limit: sample }, signal);
  return {
    rows: answer.rows.length,
    columns: columns.map(({ name }, at) => ({
      name,
      values: answer.rows.map((row) => (row[at] ?? null) as string | null),
    })),
  };
}
