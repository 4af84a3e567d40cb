/** What was predicted and what was true of some rows, by the sort of prediction. */
export type PredictedRows = BinaryRows | MulticlassRows | NumberRows;

export type Task = PredictedRows['task'];

/** Labels 0 and 1. */
export interface BinaryRows {
  readonly task: 'binary';
  readonly labels: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** Of label 1. Without them there is no figure of probabilities. */
  readonly probabilities?: ArrayLike<number>;
}

/** Classes by their number, from 0. */
export interface MulticlassRows {
  readonly task: 'multiclass';
  readonly labels: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

export interface NumberRows {
  readonly task: 'regression';
  readonly labels: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/** Rows whose truth is known. */
export interface LabelledScores {
  /** Of label 1. */
  readonly probabilities: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** Only these rows, by their places. */
export function chosenRows<Rows extends PredictedRows>(rows: Rows, places: ArrayLike<number>): Rows {
  const take = (column: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: places.length }, (_, at) => column[places[at]!]!);
  const { labels, predicted } = rows;
  return {
    ...rows,
    labels: take(labels),
    predicted: take(predicted),
    ...(rows.task === 'binary' && rows.probabilities !== undefined
      ? { probabilities: take(rows.probabilities) }
      : {}),
  };
}
