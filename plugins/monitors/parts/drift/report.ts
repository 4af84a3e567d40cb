/** What a comparison comes to, in words and in figures that are bounded. */
import type { ColumnDrift, DriftReport } from '../../../../libraries/statistics/drift/index.ts';
import type { PartVerdict } from '../../verdict.ts';
import type { Left } from './comparison.ts';

/** Columns that are shown in full: those that drifted first. */
const mostShown = 200;
const mostNamed = 16;

export function verdictOf({ columns, dataset }: DriftReport, left: readonly Left[]): PartVerdict {
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
  const shown = ordered.slice(0, mostShown).map(withoutValues);
  const details = { dataset, columns: shown, left: left.slice(0, mostShown) };
  if (dataset.compared === 0) {
    const message = 'none of the columns could be compared';
    return { status: 'inconclusive', reason: 'NothingCompared', message, facts, details };
  }
  const many = `${dataset.compared} column${dataset.compared === 1 ? '' : 's'}`;
  if (drifted.length === 0) {
    return { status: 'ok', reason: 'NoDrift', message: `none of ${many} drifted`, facts, details };
  }
  const named = drifted.slice(0, 5).map(shortly).join(', ');
  const more = drifted.length > 5 ? ` and ${drifted.length - 5} more` : '';
  const message = `${drifted.length} of ${many} drifted (${percent} %): ${named}${more}`;
  return dataset.driftDetected
    ? { status: 'breached', reason: 'DriftDetected', message, facts, details }
    : { status: 'warning', reason: 'SomeColumnsDrifted', message, facts, details };
}

/**
 * Categories that are new are values of predictions: whose they are, they may be erased, and who may look at a monitor may not look
 * into the log. How many there are is told, and not which.
 */
function withoutValues(column: ColumnDrift): ColumnDrift {
  return { ...column, newCategories: { ...column.newCategories, names: [] } };
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
