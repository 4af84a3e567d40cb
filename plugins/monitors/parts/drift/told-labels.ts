/** Target drift: whether what turned out to be true is distributed otherwise than the labels of the dataset. */
import {
  type ColumnProfile,
  makeProfile,
  readProfile,
  writeProfile,
} from '../../../../libraries/profile/index.ts';
import { toldLabel } from '../../columns.ts';
import type { Scene } from '../../scene.ts';
import { datasetOf, datasetProfile } from './reference.ts';
import type { Slice } from './slices.ts';

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
  const { from, to, newest } = window;
  const answer = await sink.profile(
    {
      ...{ environment: target.environment, deployment: target.deployment, from, to },
      ...(newest === undefined ? {} : { newest }),
      ...(slice === undefined ? {} : { slice: { input: slice.input, value: slice.value } }),
      columns: [{ name: toldLabel, of: 'label' }],
      reference: writeProfile(makeProfile(raw.rows, [askedOf(own, label)])),
    },
    signal,
  );
  if (answer.rows < window.minRows) {
    return `${answer.rows} labels were told, and nothing is judged below ${window.minRows}`;
  }
  const [current] = readProfile(answer.profile).columns;
  return current === undefined ? undefined : { reference: own, current: toldColumn(current, label) };
}

interface Sides {
  readonly positive?: readonly string[];
  readonly negative?: readonly string[];
}

/** The dataset's column as 1 and 0, where the model says which values count as what. Undefined where that cannot be told. */
export function labelColumn(column: ColumnProfile, { positive, negative }: Sides): ColumnProfile | undefined {
  const listed = positive ?? negative;
  if (listed === undefined) return column;
  const counts: Counts | undefined =
    column.type === 'category'
      ? column.levels
      : column.distinct?.map(([value, count]) => [String(value), count]);
  if (counts === undefined) return undefined;
  // Rare values are counted together, without their names: they are none of the listed, or it shows that one is missing.
  const others = column.type === 'category' ? column.others : 0;
  if (others > 0 && listed.some((name) => !counts.some(([known]) => known === name))) return undefined;
  const within = countOf(counts, listed);
  return ofOnes(column, positive === undefined ? column.rows - column.missing - within : within);
}

/** What is counted of the labels that were told: 1 and 0, and the dataset's own words. */
function askedOf(own: ColumnProfile, sides: Sides): ColumnProfile {
  const words = wordsOf(sides);
  if (words === undefined || own.type !== 'category') return own;
  return { ...own, levels: [...own.levels, ...words.map((word): [string, number] => [word, 0])] };
}

/** Told labels as 1 and 0: whoever tells them may write what the dataset writes, as where performance is measured. */
function toldColumn(told: ColumnProfile, sides: Sides): ColumnProfile {
  const words = wordsOf(sides);
  if (words === undefined || told.type !== 'category') return told;
  const ones = countOf(told.levels, ['1']);
  const within = countOf(told.levels, words);
  return ofOnes(told, ones + (sides.positive === undefined ? told.others : within));
}

/** The listed words but for 1 and 0, which always mean yes and no. */
function wordsOf({ positive, negative }: Sides): readonly string[] | undefined {
  return (positive ?? negative)?.filter((word) => word !== '0' && word !== '1');
}

type Counts = readonly (readonly [string, number])[];

function countOf(counts: Counts, names: readonly string[]): number {
  return counts.reduce((sum, [name, count]) => sum + (names.includes(name) ? count : 0), 0);
}

function ofOnes({ name, rows, missing }: ColumnProfile, ones: number): ColumnProfile {
  return {
    ...{ name, type: 'category', rows, missing, distinct: 2 },
    levels: [
      ['0', rows - missing - ones],
      ['1', ones],
    ],
    others: 0,
  };
}
