/** Asks for the predictions of some rows, and finds the row that makes a request fail. */
import { setTimeout as wait } from 'node:timers/promises';
import { isCodedError } from '../../core/errors.ts';
import { markLongIntegers } from '../../libraries/long-integers/index.ts';
import { encodeRows, type FieldPlan, type NamedRow, toldOfRow } from '../../libraries/named-rows/index.ts';
import { type Refusal, refusalOf } from '../../libraries/row-refusals/index.ts';
import { type InferenceTarget, type ModelMetadata, predictBody } from '../client/inference.ts';
import { flatOutputs } from './flat-outputs.ts';

/** What is known of one row: what was predicted, or why nothing was. */
export type RowAnswer =
  | {
      readonly outputs: Readonly<Record<string, unknown>>;
      readonly version: string | undefined;
      readonly predictionId: string | undefined;
      /** Which row of that prediction it is: what a label names. */
      readonly predictionRow: number;
    }
  | { readonly error: string };

export interface Asking {
  readonly target: InferenceTarget;
  readonly model: ModelMetadata;
  readonly fields: readonly FieldPlan[];
  readonly signal: AbortSignal;
  readonly pace: Pace;
}

/** How many rows are asked for at once: fewer where so many take longer than a request may. */
export interface Pace {
  rows: number;
}

/** An answer for each row, in their order. Throws where the server cannot be asked, after having tried for a minute. */
export async function askRows(asking: Asking, rows: readonly NamedRow[]): Promise<readonly RowAnswer[]> {
  const answers: RowAnswer[] = new Array(rows.length);
  const { rows: well, problems } = encodeRows(asking.model.inputs, asking.fields, rows);
  const told = new Map<number, string[]>();
  for (const { row, field, problem } of problems) {
    const ofRow = told.get(row) ?? [];
    told.set(row, ofRow);
    ofRow.push(`${field} ${problem}`);
  }
  for (const [row, texts] of told) answers[row] = { error: toldOfRow(texts) };
  await askPart(asking, rows, well, answers);
  return answers;
}

/** One bad row fails all that were sent with it: halves are asked until it is alone, and where so many take too long. */
async function askPart(
  asking: Asking,
  rows: readonly NamedRow[],
  part: readonly number[],
  answers: RowAnswer[],
): Promise<void> {
  if (part.length === 0) return;
  if (part.length <= asking.pace.rows) {
    try {
      await askTogether(asking, rows, part, answers);
      return;
    } catch (error) {
      const refusal = refusalIn(error);
      const isLate = refusal === 'late' && part.length > 1;
      if (refusal !== 'rows' && !isLate) throw error;
      if (part.length === 1) {
        answers[part[0]!] = { error: (error as Error).message };
        return;
      }
      // Those who were asked at the same time may have found it out, too.
      if (isLate) asking.pace.rows = Math.min(asking.pace.rows, Math.ceil(part.length / 2));
    }
  }
  const half = Math.ceil(part.length / 2);
  await askPart(asking, rows, part.slice(0, half), answers);
  await askPart(asking, rows, part.slice(half), answers);
}

async function askTogether(
  asking: Asking,
  rows: readonly NamedRow[],
  part: readonly number[],
  answers: RowAnswer[],
): Promise<void> {
  const { inputs } = encodeRows(
    asking.model.inputs,
    asking.fields,
    part.map((row) => rows[row]!),
  );
  const { response, version, predictionId } = await untilTaken(
    () => predictBody(asking.target, jsonOf(inputs), asking.signal, parseExactly),
    part.length === 1,
    asking.signal,
  );
  const outputs = flatOutputs(response.outputs, part.length);
  for (const [predictionRow, row] of part.entries())
    answers[row] = { outputs: outputs[predictionRow]!, version, predictionId, predictionRow };
}

function refusalIn(error: unknown): Refusal {
  if (!isCodedError(error)) return 'final';
  return error.code === 'ServerUnreachable' ? 'passing' : refusalOf(error.status, error.code);
}

const patienceMs = 60_000;

/** A server that is busy, loading or just being started anew gets a minute, and so does one that is late with a single row. */
async function untilTaken<T>(ask: () => Promise<T>, isSingle: boolean, signal: AbortSignal): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      return await ask();
    } catch (error) {
      const refusal = refusalIn(error);
      const isPassing = refusal === 'passing' || (refusal === 'late' && isSingle);
      if (signal.aborted || !isPassing || performance.now() + pause > giveUpAt) throw error;
      await wait(pause * (0.5 + Math.random()), undefined, { signal });
    }
  }
}

/** Whole numbers that no JavaScript number holds stay marked until they are written. */
function parseExactly(text: string): unknown {
  return JSON.parse(markLongIntegers(text));
}

/** JSON with all digits of whole numbers that no JavaScript number holds. */
function jsonOf(inputs: ReturnType<typeof encodeRows>['inputs']): string {
  const written = inputs.map(({ data, ...about }) => {
    const elements = data.map((value) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value)));
    return `${JSON.stringify(about).slice(0, -1)},"data":[${elements.join(',')}]}`;
  });
  return `{"inputs":[${written.join(',')}]}`;
}
