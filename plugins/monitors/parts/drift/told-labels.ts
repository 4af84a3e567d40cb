/** Target drift: whether what turned out to be true is distributed otherwise than the labels of the dataset. */
import {
  type ColumnProfile,
  makeProfile,
  type Profile,
  readProfile,
  writeProfile,
} from '../../../../libraries/profile/index.ts';
import type { Scene } from '../../scene.ts';
import { datasetOf, datasetProfile } from './reference.ts';
import type { Slice } from './slices.ts';

/** What the column of labels is called: an output may be called `label`. */
export const toldLabel = 'told label';

export interface ToldLabels {
  readonly reference: ColumnProfile;
  readonly current: ColumnProfile;
}

/**
 * The labels that the log has of the window, and those of the dataset; why not, in words; undefined where the model does not say
 * which column of the dataset they are.
 */
export async function toldLabels(
  scene: Scene,
  slice: Slice | undefined,
): Promise<ToldLabels | string | undefined> {
  const { target, window, sink, signal } = scene;
  const label = target.evaluation?.label;
  const dataset = datasetOf(scene);
  if (label === undefined || dataset === undefined) return undefined;
  if (!dataset.spec.columns.some(({ name }) => name === label.column)) return undefined;
  const raw = await datasetProfile(scene, [{ name: toldLabel, column: label.column }], slice);
  const [column] = raw.columns;
  if (column === undefined) return undefined;
  const own = labelColumn(column, label);
  if (own === undefined) return 'the labels of the dataset are too many to be told apart';
  const reference: Profile = makeProfile(raw.rows, [own]);
  const { from, to, newest } = window;
  const answer = await sink.profile(
    {
      ...{ environment: target.environment, deployment: target.deployment, from, to },
      ...(newest === undefined ? {} : { newest }),
      ...(slice === undefined ? {} : { slice: { input: slice.input, value: slice.value } }),
      columns: [{ name: toldLabel, of: 'label' }],
      reference: writeProfile(reference),
    },
    signal,
  );
  if (answer.rows < window.minRows) {
    return `${answer.rows} labels were told, and nothing is judged below ${window.minRows}`;
  }
  const [current] = readProfile(answer.profile).columns;
  return current === undefined ? undefined : { reference: own, current };
}

interface Sides {
  readonly positive?: readonly string[];
  readonly negative?: readonly string[];
}

/** The column as labels are told: 1 and 0, where the model says which values count as what. Undefined where that cannot be told. */
export function labelColumn(column: ColumnProfile, { positive, negative }: Sides): ColumnProfile | undefined {
  const listed = positive ?? negative;
  if (listed === undefined) return column;
  const counts: readonly (readonly [string, number])[] | undefined =
    column.type === 'category'
      ? column.levels
      : column.distinct?.map(([value, count]) => [String(value), count]);
  if (counts === undefined) return undefined;
  const there = column.rows - column.missing;
  // Rare values are counted together, without their names: they are none of the listed, or it shows that one is missing.
  const others = column.type === 'category' ? column.others : 0;
  if (others > 0 && listed.some((name) => !counts.some(([known]) => known === name))) return undefined;
  const within = counts.reduce((sum, [name, count]) => sum + (listed.includes(name) ? count : 0), 0);
  const ones = positive === undefined ? there - within : within;
  return {
    ...{ name: column.name, type: 'category', rows: column.rows, missing: column.missing, distinct: 2 },
    levels: [
      ['0', there - ones],
      ['1', ones],
    ],
    others: 0,
  };
}
