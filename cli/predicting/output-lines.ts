/** What is written of each row. */
import type { ModelMetadata } from '../client/inference.ts';
import { usageError } from '../errors.ts';
import type { RowAnswer } from './asked-rows.ts';
import type { Line } from './predictions-file.ts';

const about = ['version', 'prediction_id', 'prediction_row', 'error'];

export function columnsOf({ outputs }: ModelMetadata, kept: readonly string[]): readonly string[] {
  const values = outputs.flatMap(({ name, shape }) => {
    const width = shape.slice(1).reduce((product, size) => product * Math.max(size, 1), 1);
    return width === 1 ? [name] : Array.from({ length: width }, (_, at) => `${name}[${at}]`);
  });
  const columns = [...kept, ...values, ...about];
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    throw usageError(`two columns would be called '${twice}'`, 'Leave it out of --keep.');
  return columns;
}

export function lineOf(answer: RowAnswer, kept: readonly unknown[], columns: readonly string[]): Line {
  const names = columns.slice(kept.length, -about.length);
  if ('error' in answer)
    return {
      isError: true,
      values: [...kept, ...names.map(() => undefined), undefined, undefined, undefined, answer.error],
    };
  const { outputs, version, predictionId, predictionRow } = answer;
  return {
    isError: false,
    values: [...kept, ...names.map((name) => outputs[name]), version, predictionId, predictionRow, undefined],
  };
}
