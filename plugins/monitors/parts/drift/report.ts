/** What a comparison comes to, in words and in figures that are bounded. */
import type { ColumnDrift, ColumnStatus, DriftReport } from '../../../../libraries/statistics/drift/index.ts';
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
  // One of which values went missing has drifted, and its values may have been left unjudged all the same.
  const notJudged = ordered.filter(({ drifted: found, status }) => found === null || unfit.has(status));
  const percent = Math.round(dataset.share * 100);
  const facts = {
    columns: dataset.columns,
    compared: dataset.compared,
    drifted: dataset.drifted,
    sharePercent: percent,
    names: drifted.slice(0, mostNamed).map(({ column }) => column),
    ...(notJudged.length === 0
      ? {}
      : { notJudged: notJudged.slice(0, mostNamed).map(({ column }) => column) }),
  };
  const shown = ordered.slice(0, mostShown).map(withoutValues);
  const about = { facts, details: { dataset, columns: shown, left: left.slice(0, mostShown) } };
  const but = notJudged.length === 0 ? '' : `; not judged: ${listed(notJudged.map(whyNot), 3)}`;
  if (dataset.compared === 0) {
    const message = `none of the columns could be compared${but}`;
    return { ...about, status: 'inconclusive', reason: 'NothingCompared', message };
  }
  const many = `${dataset.compared} column${dataset.compared === 1 ? '' : 's'}`;
  const named = listed(drifted.map(shortly), 5);
  const found = drifted.length === 0 ? `none of ${many}` : `${drifted.length} of ${many}`;
  const which = drifted.length === 0 ? '' : ` (${percent} %): ${named}`;
  const message = `${found} drifted${which}${but}`;
  if (dataset.driftDetected) return { ...about, status: 'breached', reason: 'DriftDetected', message };
  if (drifted.length > 0) return { ...about, status: 'warning', reason: 'SomeColumnsDrifted', message };
  // That all is well may not be said of what nobody could look at, where somebody should have.
  if (notJudged.some(({ status }) => unfit.has(status)))
    return { ...about, status: 'warning', reason: 'ColumnsNotJudged', message };
  return { ...about, status: 'ok', reason: 'NoDrift', message };
}

/** A test that cannot be made of the column, or numbers that are none any more; what looks like an identifier is left out on purpose. */
const unfit: ReadonlySet<ColumnStatus> = new Set(['test-not-applicable', 'type-differs']);

function whyNot({ column, status, reason }: ColumnDrift): string {
  if (status === 'type-differs') return `${column} (the reference has numbers, and none can be read)`;
  return `${column} (${reason ?? status.replaceAll('-', ' ')})`;
}

function listed(words: readonly string[], most: number): string {
  const more = words.length > most ? ` and ${words.length - most} more` : '';
  return `${words.slice(0, most).join(', ')}${more}`;
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
