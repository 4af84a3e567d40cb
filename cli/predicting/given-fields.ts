/** What the command line says of fields. */
import { type FieldPlan, fieldsOf, NoRowsError } from '../../libraries/named-rows/index.ts';
import type { ModelMetadata } from '../client/inference.ts';
import type { PredictOptions } from '../commands/predict.ts';
import { invalidPrediction, usageError } from '../errors.ts';

/** The fields of a row, by the model and by --columns. */
export function fieldsGiven(model: ModelMetadata, { columns }: PredictOptions): readonly FieldPlan[] {
  const named = [...pairsOf('--columns', columns)].map(([input, names]) => [input, listOf(names)] as const);
  try {
    return fieldsOf(model.inputs.map(withColumns), { columns: Object.fromEntries(named) });
  } catch (error) {
    if (!(error instanceof NoRowsError)) throw error;
    throw invalidPrediction(
      error.message,
      'Ask it with --data; or name the columns of an input: --columns x=a,b,c.',
    );
  }
}

/** With the names that its manifest gives the values of a row. */
function withColumns({ parameters, ...input }: ModelMetadata['inputs'][number]) {
  return { ...input, ...(parameters?.columns === undefined ? {} : { columns: parameters.columns }) };
}

/** Values by their names, as a flag that may be repeated gives them. */
export function pairsOf(flag: string, given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usageError(`${flag} ${pair} is no name=value`, `Write it as ${flag} speed_knots=-1.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

export const listOf = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

export const shown = (fields: readonly FieldPlan[]): string =>
  fields
    .slice(0, 20)
    .map(({ field }) => field)
    .join(', ');
