/** Asks for the predictions of some rows, and finds the row that makes a request fail. */
import { setTimeout as wait } from 'node:timers/promises';
import { isCodedError } from '../../core/errors.ts';
import { markLongIntegers } from '../../libraries/long-integers/index.ts';
import { encodeRows, type FieldPlan, type NamedRow, toldOfRow } from '../../libraries/named-rows/index.ts';
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

/** One bad row fails all that were sent with it: halves are asked until it is alone. */
async function askPart(
  asking: Asking,
  rows: readonly NamedRow[],
  part: readonly number[],
  answers: RowAnswer[],
): Promise<void> {
  if (part.length === 0) return;
  const { inputs } = encodeRows(
    asking.model.inputs,
    asking.fields,
    part.map((row) => rows[row]!),
  );
  try {
    const { response, version, predictionId } = await untilTaken(
      () => predictBody(asking.target, jsonOf(inputs), asking.signal, parseExactly),
      asking.signal,
    );
    const outputs = flatOutputs(response.outputs, part.length);
    for (const [predictionRow, row] of part.entries())
      answers[row] = { outputs: outputs[predictionRow]!, version, predictionId, predictionRow };
  } catch (error) {
    if (!isOfTheRows(error)) throw error;
    if (part.length === 1) {
      answers[part[0]!] = { error: (error as Error).message };
      return;
    }
    const half = Math.ceil(part.length / 2);
    await askPart(asking, rows, part.slice(0, half), answers);
    await askPart(asking, rows, part.slice(half), answers);
  }
}

/** Whether other rows may fare better: what was sent is refused, or the model failed on it. */
function isOfTheRows(error: unknown): boolean {
  if (!isCodedError(error)) return false;
  const { status, code } = error;
  return status === 400 || status === 406 || status === 413 || status === 422 || code === 'InferenceFailed';
}

const passing = new Set([429, 502, 503, 504]);
const patienceMs = 60_000;

/** A server that is busy, loading or just being started anew gets a minute. */
async function untilTaken<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      return await ask();
    } catch (error) {
      const isPassing =
        isCodedError(error) && (passing.has(error.status ?? 0) || error.code === 'ServerUnreachable');
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
