/** Sums of what labels say of versions. */
import type { LabelMeasure, LabelQuestion } from '../../../core/capabilities/prediction-sink.ts';
import type { StoreCore } from './core.ts';
import { rowsOf } from './duck.ts';
import { inTime } from './in-time.ts';
import { daysOfLabelsSql, labelMeasureSql } from './label-measure.ts';

interface Row {
  readonly version: string;
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly unfit: number;
}

/** Throws `LogQueryTooLong`, and with the signal. */
export async function measureLabels(
  core: StoreCore,
  question: LabelQuestion,
  signal: AbortSignal,
): Promise<LabelMeasure> {
  const ask = <Answer>(sql: string): Promise<readonly Answer[]> =>
    core.repairing(
      () =>
        core.reading((connection) =>
          inTime(connection, { ms: core.settings.queryTimeoutMs, signal }, () =>
            rowsOf<Answer>(connection, sql),
          ),
        ),
      sql,
    );
  // Of what is in a bucket, only the days are brought here that the labels are of.
  const days =
    core.bucket === undefined
      ? undefined
      : (await ask<{ date: string }>(daysOfLabelsSql(question))).map(({ date }) => date);
  const rows = await ask<Row>(labelMeasureSql(question, days));
  const sums: Record<string, LabelMeasure['sums'][string]> = {};
  let notFit = 0;
  for (const { version, count, sum, sumSquares, unfit } of rows) {
    notFit += unfit;
    if (count > 0) sums[version] = { count, sum, sumSquares };
  }
  return { sums, unfit: notFit };
}
