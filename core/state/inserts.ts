import { type Compilable, CompiledQuery, type QueryResult, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

type Row = Readonly<Record<string, unknown>>;

/** Inserts whose text is built once for each shape: building it costs more than running it. */
export class Inserts {
  readonly #texts = new Map<string, string>();

  /**
   * Inserts rows that have the same keys in the same order. `build` gives the statement for them; `shape` names all but
   * the values and the number of rows.
   */
  run<Result>(
    transaction: Transaction<Tables>,
    shape: string,
    rows: readonly Row[],
    build: () => Compilable,
  ): Promise<QueryResult<Result>> {
    const key = `${rows.length} ${shape}`;
    const text = this.#texts.get(key) ?? build().compile().sql;
    this.#texts.set(key, text);
    return transaction.executeQuery(
      CompiledQuery.raw(text, rows.flatMap(Object.values)) as CompiledQuery<Result>,
    );
  }
}
