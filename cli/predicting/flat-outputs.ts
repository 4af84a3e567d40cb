import { unexpectedAnswer } from '../client/errors.ts';
import type { Tensor } from '../client/inference.ts';

/**
 * What each row was answered: an output of one value a row by its name, one of several as `name[0]`, `name[1]`, …
 * Throws `UnexpectedAnswer` where an output has not a part for each row.
 */
export function flatOutputs(outputs: readonly Tensor[], rows: number): readonly Record<string, unknown>[] {
  const answers: Record<string, unknown>[] = Array.from({ length: rows }, () => ({}));
  for (const { name, data } of outputs) {
    const values = (data as unknown[]).flat(Number.POSITIVE_INFINITY);
    const width = values.length / rows;
    if (!Number.isInteger(width) || width === 0)
      throw unexpectedAnswer(`output "${name}"`, 200, new Error(`${values.length} values for ${rows} rows`));
    for (const [row, answer] of answers.entries()) {
      if (width === 1) answer[name] = values[row];
      else for (let at = 0; at < width; at++) answer[`${name}[${at}]`] = values[row * width + at];
    }
  }
  return answers;
}
