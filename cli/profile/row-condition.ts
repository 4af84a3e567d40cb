import { compileCondition, EvaluationError } from '../../libraries/cel-condition/index.ts';
import { type Cell, isMissing, numberOf } from '../../libraries/data-file/index.ts';
import type { DatasetSpec } from '../../schemas/generated/dataset.ts';
import { usageError } from '../errors.ts';

type Column = DatasetSpec['columns'][number];

export interface RowCondition {
  /** Whether a row meets it. Where that cannot be said (a value is missing), it does not. */
  holds(columns: readonly string[], row: readonly Cell[]): boolean;
  /** Rows of which it could not be said. */
  readonly unclear: number;
}

/**
 * A condition on rows in CEL: the columns of a dataset by their names, or as `row["Flight Date"]`, each of the type that is declared;
 * dates are texts. A value that is missing is null.
 */
export function rowCondition(source: string, columns: readonly Column[]): RowCondition {
  const variables: Record<string, string> = { row: 'map' };
  for (const { name } of columns) if (/^[A-Za-z_]\w*$/.test(name) && name !== 'row') variables[name] = 'dyn';
  const condition = compileCondition(source, variables);
  if ('problem' in condition)
    throw usageError(
      `--where is no condition on rows: ${condition.problem}`,
      `Columns: ${columns.map(({ name }) => name).join(', ')}. Such as: --where 'flight_date < "1995" && id % 5 != 0'.`,
    );
  let unclear = 0;
  return {
    get unclear() {
      return unclear;
    },
    holds(names, row) {
      const places = new Map(names.map((name, place) => [name, place]));
      const values: Record<string, unknown> = {};
      for (const column of columns)
        values[column.name] = typedValue(column, row[places.get(column.name) ?? -1]);
      try {
        return condition.holds({ ...values, row: values });
      } catch (thrown) {
        if (!(thrown instanceof EvaluationError)) throw thrown;
        unclear++;
        return false;
      }
    },
  };
}

function typedValue({ type }: Column, cell: Cell | undefined): unknown {
  if (cell === undefined || isMissing(cell)) return null;
  if (type === 'string' || type === 'date') return String(cell);
  if (type === 'boolean') return String(cell).toLowerCase() === 'true';
  const value = numberOf(cell);
  if (value === undefined) return null;
  return type === 'integer' && Number.isSafeInteger(value) ? BigInt(value) : value;
}
