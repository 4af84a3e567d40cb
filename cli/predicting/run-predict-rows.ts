/** Rows by name, given on the command line: `--data '{"rows": [{"speed_knots": 140, …}]}'`. */
import { unmarkLongIntegers } from '../../libraries/long-integers/index.ts';
import { toldOfRow } from '../../libraries/named-rows/index.ts';
import {
  type InferenceTarget,
  predictRows,
  type RowError,
  type RowsPrediction,
} from '../client/inference.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../output/progress.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import { oneLine, type Terminal } from '../terminal.ts';

/** Whether a request is one for rows by name. */
export function isForRows(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'rows' in body;
}

/** `text` is sent as it is: it has all digits of long integers. */
export async function runPredictRows(
  target: InferenceTarget,
  text: string,
  output: StructuredFormat | undefined,
  terminal: Terminal,
): Promise<number> {
  const asking = predictRows(target, text, terminal.signal);
  const prediction = await withProgress(terminal, `waiting for ${target.deployment}`, asking);
  terminal.out(
    output === undefined ? forPeople(prediction, target, terminal) : forPrograms(prediction, output),
  );
  return prediction.response.errors?.length ? exitCodes.problems : exitCodes.success;
}

function forPrograms({ response, version, commit, predictionId }: RowsPrediction, output: StructuredFormat) {
  const said = { ...response, model_version: version, commit, prediction_id: predictionId };
  return unmarkLongIntegers(structured(said, output));
}

const most = 50;

function forPeople(prediction: RowsPrediction, target: InferenceTarget, terminal: Terminal): string {
  const { bold, dim } = terminal.colours;
  const { response, version, commit, predictionId } = prediction;
  const about = table(
    [],
    [
      [dim('answered by'), bold(`${response.model_name} ${version ?? '?'}`)],
      ...(target.environment ? [[dim('environment'), target.environment]] : []),
      [dim('commit'), commit?.slice(0, 10) ?? 'unknown'],
      [dim('prediction'), predictionId ?? 'unknown'],
    ],
    { width: terminal.width },
  );
  const { predictions, errors = [] } = response;
  const names = Object.keys(predictions.find((one) => one !== null) ?? {});
  const wrongWith = (row: number): string => toldOfRow(errors.filter((one) => one.row === row).map(told));
  const titles = ['ROW', ...names.map((name) => name.toUpperCase()), ...(errors.length > 0 ? ['ERROR'] : [])];
  const lines = predictions
    .slice(0, most)
    .map((one, row) => [
      String(row + 1),
      ...names.map((name) => (one === null ? '' : shown(one[name]))),
      ...(errors.length > 0 ? [oneLine(wrongWith(row))] : []),
    ]);
  const rest = predictions.length - lines.length;
  const more = rest > 0 ? dim(`… and ${rest} more rows: -o json shows them all\n`) : '';
  return `${about}\n${table(titles, lines, { width: terminal.width, header: dim })}${more}`;
}

const told = ({ field, error, hint }: RowError): string =>
  [field ?? [], error, hint === undefined ? [] : `(${hint})`].flat().join(' ');

function shown(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  if (typeof value !== 'object' || value === null)
    return oneLine(unmarkLongIntegers(JSON.stringify(value)).replace(/^"|"$/g, ''));
  const parts = Object.entries(value).map(
    ([name, part]) => (Array.isArray(value) ? '' : `${name} `) + shown(part),
  );
  return parts.length > 8 ? `${parts.slice(0, 8).join(', ')}, … (${parts.length})` : parts.join(', ');
}
