/** Answers questions: by SQL, by a prediction's id, and about labels. */
import { type DuckDBConnection, listValue, StatementType } from '@duckdb/node-api';
import type { FoundPrediction, LogAnswer, LogQuestion } from '../../../core/capabilities/prediction-sink.ts';
import { logQueryInvalid, logQueryTooLong } from '../../../core/capabilities/prediction-sink-errors.ts';
import { isCodedError } from '../../../core/plugin.ts';
import type { StoreCore } from './core.ts';
import { rowsOf } from './duck.ts';
import { inTime } from './in-time.ts';
import type { KnownPrediction } from './labels.ts';

/** Characters of an answer: a program that wants more asks again for the next part. */
const mostCharacters = 16 * 1024 * 1024;

/** Reads by SQL. Throws `LogQueryInvalid` or `LogQueryTooLong`. */
export async function ask(core: StoreCore, question: LogQuestion, signal: AbortSignal): Promise<LogAnswer> {
  try {
    return await core.repairing(() =>
      core.reading((connection) =>
        inTime(connection, { ms: core.settings.queryTimeoutMs, signal }, () =>
          answerOf(connection, question),
        ),
      ),
    );
  } catch (error) {
    throw signal.aborted ? error : problemOf(error, core.paths.store);
  }
}

async function answerOf(connection: DuckDBConnection, { sql, limit }: LogQuestion): Promise<LogAnswer> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1)
    throw logQueryInvalid(`it holds ${statements.count} statements, and one is answered`);
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT) {
    throw logQueryInvalid(
      `it is ${StatementType[prepared.statementType]} and no SELECT: the log is only read`,
    );
  }
  const reader = await prepared.streamAndReadUntil(limit + 1);
  const types = reader.columnTypes();
  const columns = reader
    .columnNames()
    .map((name, index) => ({ name, type: types[index]?.alias ?? String(types[index]) }));
  const isJson = columns.map(({ type }) => type === 'JSON');
  const all = reader.getRowsJson();
  const rows: unknown[][] = [];
  let characters = 0;
  for (const row of all.slice(0, limit)) {
    const values = row.map((value, index) =>
      isJson[index] && typeof value === 'string' ? parsed(value) : value,
    );
    characters += JSON.stringify(values).length;
    if (characters > mostCharacters) {
      if (rows.length === 0)
        throw logQueryTooLong(`its first row is longer than ${mostCharacters} characters`);
      return { columns, rows, isCut: true };
    }
    rows.push(values);
  }
  return { columns, rows, isCut: all.length > limit };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What DuckDB says is for people who write SQL; where this machine keeps its files is not. */
function problemOf(error: unknown, folder: string): unknown {
  if (isCodedError(error) || !(error instanceof Error)) return error;
  const [line = ''] = error.message.split('\n\n', 1);
  const message = line.replaceAll(`${folder}/`, '').replaceAll(/\s+/g, ' ').slice(0, 500);
  if (/^Out of Memory/i.test(message)) return logQueryTooLong('it needs more memory than it may take');
  return logQueryInvalid(message);
}

/** One entry for each version that saw the prediction. */
export async function find(core: StoreCore, id: string): Promise<readonly FoundPrediction[]> {
  return core.repairing(() =>
    core.reading((connection) =>
      rowsOf<FoundPrediction>(
        connection,
        `SELECT p.id, strftime(any_value(time), '%Y-%m-%dT%H:%M:%S.%gZ') AS time, environment, deployment,
           any_value(model) AS model, version, variant, any_value(commit) AS commit,
           any_value(latency_ms) AS "latencyMs", any_value(trace) AS trace, count(*)::INTEGER AS rows,
           (SELECT count(DISTINCT row) FROM labels l WHERE l.id = $id)::INTEGER AS labels
         FROM predictions p WHERE p.id = $id GROUP BY p.id, environment, deployment, version, variant ORDER BY variant DESC, version`,
        { id },
      ),
    ),
  );
}

export interface Known {
  readonly known: ReadonlyMap<string, KnownPrediction>;
  /** The labels that they have now, as JSON by `id/row`. */
  readonly present: ReadonlyMap<string, string>;
}

/** What is known of predictions by their ids. */
export async function known(core: StoreCore, ids: readonly string[]): Promise<Known> {
  return core.repairing(() => core.reading((connection) => knownOn(connection, ids)));
}

/** The same on a connection that is at hand. */
export async function knownOn(connection: DuckDBConnection, ids: readonly string[]): Promise<Known> {
  const wanted = { ids: listValue([...ids]) };
  const predictions = await connection.runAndReadAll(
    `SELECT id, any_value(date)::VARCHAR AS date, environment, deployment, (max(row) + 1)::INTEGER AS rows
     FROM predictions WHERE id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY id, environment, deployment`,
    wanted,
  );
  const labels = await connection.runAndReadAll(
    `SELECT id, row, arg_max(label, received) AS label
     FROM labels WHERE id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY id, row`,
    wanted,
  );
  const rows = predictions.getRowObjectsJson() as unknown as readonly KnownPrediction[];
  const present = labels.getRowObjectsJson() as unknown as readonly {
    id: string;
    row: number;
    label: string;
  }[];
  return {
    known: new Map(rows.map((one) => [one.id, one])),
    present: new Map(present.map(({ id, row, label }) => [`${id}/${row}`, label])),
  };
}
