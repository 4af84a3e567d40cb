/** The SQL of what labels say of versions: for each row a number, of which the metric is the mean. */
import type { LabelMetric, LabelQuestion } from '../../../core/capabilities/prediction-sink.ts';
import { text } from './duck.ts';
import { pointerTo } from './json-pointer.ts';

/** The days of the predictions that such labels are of: `date`. */
export function daysOfLabelsSql({ environment, deployment, since }: LabelQuestion): string {
  return `SELECT DISTINCT date::VARCHAR AS date FROM labels WHERE environment = ${text(environment)}
    AND deployment = ${text(deployment)} AND received >= make_timestamp(${Math.round(since * 1000)}::BIGINT)`;
}

function dateOf(day: string): string {
  return `DATE ${text(day)}`;
}

/**
 * Answers `version`, `count`, `sum`, `sumSquares`, `unfit`. Labels count for the version that made the prediction, whenever
 * they arrived.
 */
export function labelMeasureSql(question: LabelQuestion, days?: readonly string[]): string {
  const { environment, deployment, versions, metric, output, threshold, slice, since } = question;
  const onDays = days === undefined ? '' : ` AND date IN (${['0001-01-01', ...days].map(dateOf).join(', ')})`;
  const where = `environment = ${text(environment)} AND deployment = ${text(deployment)}${onDays}`;
  const inSlice =
    slice === undefined ? 'true' : `(p.inputs->>${text(pointerTo(slice.input))}) = ${sliceText(slice.value)}`;
  const found = output === undefined ? firstOutput : `p.outputs->${text(pointerTo(output))}`;
  return `
    WITH latest AS (
      SELECT id, row, arg_max(label, received) AS label, max(received) AS received
      FROM labels WHERE ${where} GROUP BY id, row
      HAVING max(received) >= make_timestamp(${Math.round(since * 1000)}::BIGINT)
    ), joined AS (
      SELECT p.version AS version, ${found} AS o, l.label AS l
      FROM predictions p JOIN latest l ON p.id = l.id AND p.row = l.row
      WHERE ${where}
        AND p.version IN (${versions.map(text).join(', ')}) AND ${inSlice}
    ), read AS (
      SELECT version, json_type(o) AS ot, o->>'$' AS os, TRY_CAST(o->>'$' AS DOUBLE) AS o,
        CASE WHEN json_type(o) = 'ARRAY' THEN TRY_CAST(o AS DOUBLE[]) END AS os_list,
        l->>'$' AS ls, ${numberOf('l')} AS l
      FROM joined
    ), measured AS (SELECT version, ${measures(threshold)[metric]} AS m FROM read)
    SELECT version, count(m)::DOUBLE AS count, coalesce(sum(m), 0)::DOUBLE AS sum,
      coalesce(sum(m * m), 0)::DOUBLE AS sumSquares, (count(*) - count(m))::DOUBLE AS unfit
    FROM measured GROUP BY version ORDER BY version`;
}

const firstOutput = "json_extract(p.outputs, '$.\"' || json_keys(p.outputs)[1] || '\"')";

/** True is 1, false is 0, a text that reads as a number is that number. */
function numberOf(json: string): string {
  return `CASE json_type(${json}) WHEN 'BOOLEAN' THEN (CASE WHEN (${json}->>'$') = 'true' THEN 1 ELSE 0 END)::DOUBLE
    ELSE TRY_CAST(${json}->>'$' AS DOUBLE) END`;
}

function measures(threshold: number): Readonly<Record<LabelMetric, string>> {
  const highest = 'list_position(os_list, list_max(os_list)) - 1';
  return {
    // A list is scores of classes, a number between 0 and 1 the probability of a yes, all else the class itself.
    accuracy: `CASE
      WHEN ls IS NULL OR ot IS NULL THEN NULL
      WHEN ot = 'ARRAY' THEN (${highest} = l)::INTEGER
      WHEN o IS NOT NULL AND l IN (0, 1) AND o BETWEEN 0 AND 1 THEN ((o >= ${threshold}) = (l = 1))::INTEGER
      WHEN o IS NOT NULL AND l IS NOT NULL THEN (o = l)::INTEGER
      ELSE (os = ls)::INTEGER END::DOUBLE`,
    meanAbsoluteError: "CASE WHEN ot <> 'ARRAY' AND isfinite(o) AND isfinite(l) THEN abs(o - l) END",
    // A probability of 0 for what came true would be an infinite loss: it is a very large one.
    logLoss: `-ln(greatest(1e-15, CASE
      WHEN ot = 'ARRAY' AND l >= 0 AND l = floor(l) THEN os_list[(l + 1)::BIGINT]
      WHEN o BETWEEN 0 AND 1 AND l = 1 THEN o
      WHEN o BETWEEN 0 AND 1 AND l = 0 THEN 1 - o END))`,
  };
}

/** As JSON's values read when they are taken as texts. */
function sliceText(value: string | number | boolean): string {
  return text(String(value));
}
