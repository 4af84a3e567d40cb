/** Answers questions: by SQL, by a prediction's id, and about labels. */
import { type DuckDBConnection, StatementType } from '@duckdb/node-api';
import type { FoundPrediction, LogAnswer, LogQuestion } from '../../../core/capabilities/prediction-sink.ts';
import { logQueryInvalid, logQueryTooLong } from '../../../core/capabilities/prediction-sink-errors.ts';
import { isCodedError } from '../../../core/plugin.ts';
import type { StoreCore } from './core.ts';
import { rowsOf, text, texts } from './duck.ts';
import { inTime } from './in-time.ts';
import { type KnownPrediction, timeOfId } from './labels.ts';
import { dayOf } from './rows.ts';

/** Characters of an answer: a program that wants more asks again for the next part. */
const mostCharacters = 16 * 1024 * 1024;

/** Reads by SQL. Throws `LogQueryInvalid` or `LogQueryTooLong`. */
export async function ask(core: StoreCore, question: LogQuestion, signal: AbortSignal): Promise<LogAnswer> {
  try {
    return await core.repairing(
      () =>
        core.reading((connection) =>
          inTime(connection, { ms: core.settings.queryTimeoutMs, signal }, () =>
            answerOf(connection, question),
          ),
        ),
      question.sql,
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
  const when = onDays(daysAround(core, [id]));
  const sql = `SELECT p.id, strftime(any_value(time), '%Y-%m-%dT%H:%M:%S.%gZ') AS time, environment, deployment,
           any_value(model) AS model, version, variant, any_value(commit) AS commit,
           any_value(latency_ms) AS "latencyMs", any_value(trace) AS trace, count(*)::INTEGER AS rows,
           (SELECT count(DISTINCT row) FROM labels l WHERE l.id = ${text(id)} AND ${when})::INTEGER AS labels
         FROM predictions p WHERE p.id = ${text(id)} AND ${when} GROUP BY p.id, environment, deployment, version, variant ORDER BY variant DESC, version`;
  return core.repairing(() => core.reading((connection) => rowsOf<FoundPrediction>(connection, sql)), sql);
}

export interface Known {
  readonly known: ReadonlyMap<string, KnownPrediction>;
  /** The labels that they have now, as JSON by `id/row`. */
  readonly present: ReadonlyMap<string, string>;
}

export interface Place {
  readonly environment: string;
  readonly deployment: string;
}

/** What is known of predictions by their ids. Throws as `Bucket.fetch` does. */
export function known(core: StoreCore, ids: readonly string[]): Promise<Known> {
  return knownOn(daysAround(core, ids), {
    ids,
    ask: (read, sql) => core.repairing(() => core.reading(read), sql),
    makeRoom: () => core.inTurn(() => core.makeRoom()),
  });
}

/** The same for who works in turn, of predictions of one deployment. */
export function knownInTurn(core: StoreCore, ids: readonly string[], place: Place): Promise<Known> {
  return knownOn(daysAround(core, ids), {
    ...{ ids, place },
    ask: (read, sql) => core.fetching(() => core.reading(read), sql),
    makeRoom: () => core.makeRoom(),
  });
}

interface Looking {
  readonly ids: readonly string[];
  readonly place?: Place;
  readonly ask: (read: (connection: DuckDBConnection) => Promise<Known>, sql: string) => Promise<Known>;
  readonly makeRoom: () => Promise<void>;
}

/** Looks on all days at once; where they find no room on this machine together, on some after the others. */
async function knownOn(days: readonly string[] | undefined, looking: Looking): Promise<Known> {
  try {
    return await looking.ask(...knowing(days, looking));
  } catch (error) {
    if (!isTooLong(error) || days === undefined || days.length < 2) throw error;
    const middle = Math.ceil(days.length / 2);
    const early = await knownOn(days.slice(0, middle), looking);
    await looking.makeRoom();
    const late = await knownOn(days.slice(middle), looking);
    return {
      known: new Map([...early.known, ...late.known]),
      present: new Map([...early.present, ...late.present]),
    };
  }
}

export function isTooLong(error: unknown): boolean {
  return isCodedError(error) && error.code === 'LogQueryTooLong';
}

function knowing(
  days: readonly string[] | undefined,
  { ids, place }: Looking,
): [(connection: DuckDBConnection) => Promise<Known>, string] {
  const conditions = [`id IN (SELECT unnest(${texts(ids)}::VARCHAR[]))`, onDays(days)];
  if (place !== undefined) {
    const { environment, deployment } = place;
    conditions.push(`environment = ${text(environment)}`, `deployment = ${text(deployment)}`);
  }
  const which = conditions.join(' AND ');
  const predictions = `SELECT id, any_value(date)::VARCHAR AS date, environment, deployment, (max(row) + 1)::INTEGER AS rows
     FROM predictions WHERE ${which} GROUP BY id, environment, deployment`;
  const labels = `SELECT id, row, arg_max(label, received) AS label FROM labels WHERE ${which} GROUP BY id, row`;
  const read = async (connection: DuckDBConnection): Promise<Known> => {
    const found = await rowsOf<KnownPrediction>(connection, predictions);
    const present = await rowsOf<{ id: string; row: number; label: string }>(connection, labels);
    return {
      known: new Map(found.map((one) => [one.id, one])),
      present: new Map(present.map(({ id, row, label }) => [`${id}/${row}`, label])),
    };
  };
  return [read, `SELECT (SELECT count(*) FROM (${predictions})), (SELECT count(*) FROM (${labels}))`];
}

const dayMs = 86_400_000;

/**
 * The days on which predictions with these ids may be. Undefined where all files are on this machine. Where they are in a bucket,
 * an id is looked for around the day that it bears: else each id that nobody knows would bring the whole log here.
 */
function daysAround({ bucket }: StoreCore, ids: readonly string[]): readonly string[] | undefined {
  if (bucket === undefined) return undefined;
  const days = new Set<string>();
  for (const time of ids.map(timeOfId)) {
    for (const near of [time - dayMs, time, time + dayMs])
      if (near >= 0 && near < lastTime) days.add(dayOf(near));
  }
  return [...days].sort();
}

function onDays(days: readonly string[] | undefined): string {
  if (days === undefined) return 'true';
  return days.length === 0 ? 'false' : `date IN (${days.map((day) => `DATE ${text(day)}`).join(', ')})`;
}

/** Years have four digits until then. */
const lastTime = Date.UTC(9999, 0);
