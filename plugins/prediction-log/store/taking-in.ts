/** Takes in what was handed in: from the inbox into memory, where it can be asked for at once. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DATE,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { EndedProcess } from '../../../core/capabilities/prediction-sink.ts';
import { messageOf } from '../../../core/plugin.ts';
import { BatchError, type BatchWriter, recordsInFile } from '../../../libraries/prediction-batch/index.ts';
import type { TableName } from './columns.ts';
import type { StoreCore } from './core.ts';
import { text } from './duck.ts';
import type { Erased } from './erasures.ts';
import { type Partition, partitionKey, putAside } from './files.ts';
import { type HandedIn, readHandedIn, waitingFiles } from './inbox.ts';
import type { StoredLabel } from './labels.ts';
import { madeOf } from './parquet.ts';
import { type PredictionRow, rowsOfBatch } from './rows.ts';

/** Rows in memory beyond which nothing more is taken in: it waits in the inbox. */
const mostRecent = 400_000;

export class TakingIn {
  readonly #core: StoreCore;
  readonly #erased: Erased;
  /** Files of the inbox whose content is in memory. */
  readonly #taken = new Set<string>();
  /** What each process had counted with its last batch. */
  readonly #writers = new Map<string, BatchWriter>();
  /** Where the content of files that an earlier process left is in the store already. */
  readonly #done: Stored;
  #rows = 0;
  #since: number | undefined;

  private constructor(core: StoreCore, erased: Erased, done: Stored) {
    this.#core = core;
    this.#erased = erased;
    this.#done = done;
  }

  /** Before anything is done to the files of the store: they say what of the inbox they hold. */
  static async open(core: StoreCore, erased: Erased): Promise<TakingIn> {
    return new TakingIn(core, erased, await core.repairing(() => alreadyStored(core)));
  }

  /** Rows in memory. */
  get rows(): number {
    return this.#rows;
  }

  /** Since when the oldest of them is there; undefined where there is none. */
  get since(): number | undefined {
    return this.#since;
  }

  /** The files whose content is in memory. */
  get sources(): readonly string[] {
    return [...this.#taken];
  }

  /** Takes in all that waits and finds room. Call it in turn. */
  async takeIn(): Promise<void> {
    const { paths } = this.#core;
    const waiting = (await waitingFiles(paths.inbox)).filter((name) => !this.#taken.has(name));
    if (waiting.length === 0) return;
    for (const name of waiting) {
      if (this.#rows >= mostRecent) return;
      const handedIn = await this.#read(name);
      if (handedIn === undefined) continue;
      if ((await this.#take(name, handedIn)) > 0) this.#taken.add(name);
      // Its rows are in files already, or erased: it was only not cleared away.
      else await rm(join(paths.inbox, name), { force: true });
    }
  }

  /** What is in memory was written: the files that it came from are removed. */
  async written(sources: readonly string[]): Promise<void> {
    for (const name of sources) {
      await rm(join(this.#core.paths.inbox, name), { force: true });
      this.#taken.delete(name);
    }
    this.#rows = 0;
    this.#since = undefined;
  }

  /** Lets go of batches, and of what of them is in memory. Gives how many predictions were in them. Call it in turn. */
  async letGo(names: readonly string[]): Promise<number> {
    const { writer, paths } = this.#core;
    let predictions = 0;
    for (const name of names) {
      await rm(join(paths.inbox, name), { force: true });
      predictions += recordsInFile(name) ?? 0;
    }
    const taken = names.filter((name) => this.#taken.delete(name));
    if (taken.length > 0) {
      const gone = await writer.run(
        `DELETE FROM recent_predictions WHERE source IN (${taken.map(text).join(', ')})`,
      );
      this.#rows -= gone.rowsChanged;
    }
    return predictions;
  }

  /** Counts what a process had taken and never handed in. Call it in turn. */
  async ended({ process, pid, taken }: EndedProcess): Promise<void> {
    await this.takeIn();
    const writer = this.#writers.get(`${process}-${pid}`);
    this.#writers.delete(`${process}-${pid}`);
    if (writer?.isLast === true) return;
    const lost = Math.max(0, taken - (writer?.taken ?? 0));
    this.#core.state.count('lost', lost);
    if (lost > 0) {
      this.#core.log('warn', 'an inference process ended before it handed in its last predictions', {
        process,
        pid,
        atLeast: lost,
      });
    }
  }

  /** Into memory, as far as it is in no file. Gives how many rows that are. */
  async #take(name: string, handedIn: HandedIn): Promise<number> {
    const isDone = (where: Partition, table: TableName) =>
      this.#done.get(`${table} ${name}`)?.has(partitionKey(where)) === true;
    if (handedIn.type === 'labels') {
      const labels = handedIn.labels.filter(
        (label) => !isDone(label, 'labels') && !this.#erased.coversId(label.id),
      );
      const values = labels.map((label) => labelValues(name, label));
      await this.#append('recent_labels', labelTypes, values);
      return labels.length;
    }
    const { batch } = handedIn;
    this.#writers.set(`${batch.writer.process}-${batch.writer.pid}`, batch.writer);
    const rows = [...rowsOfBatch(batch, this.#core.now())].filter(
      (row) => !isDone(row, 'predictions') && !this.#erased.covers(row),
    );
    const values = rows.map((row) => predictionValues(name, row));
    await this.#append('recent_predictions', predictionTypes, values);
    return rows.length;
  }

  async #read(name: string): Promise<HandedIn | undefined> {
    const { paths, state, log } = this.#core;
    try {
      return await readHandedIn(paths.inbox, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      const isDamaged = error instanceof BatchError || error instanceof SyntaxError;
      const reason = messageOf(error);
      log('warn', 'what was handed in cannot be read and is put aside', { name, reason });
      if (!isDamaged && !name.endsWith('.labels')) return undefined;
      state.count('unreadable', 1);
      await putAside(join(paths.inbox, name), paths.broken);
      return undefined;
    }
  }

  async #append(
    table: string,
    types: readonly DuckDBType[],
    rows: readonly (readonly DuckDBValue[])[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const appender: DuckDBAppender = await this.#core.writer.createAppender(table);
    for (let start = 0; start < rows.length; start += chunkRows) {
      const part = rows.slice(start, start + chunkRows);
      const chunk = DuckDBDataChunk.create(types, part.length);
      chunk.setRows(part);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    this.#rows += rows.length;
    this.#since ??= this.#core.now();
  }
}

/** By table and file of the inbox: the places and days of which its rows are in the store. */
type Stored = ReadonlyMap<string, ReadonlySet<string>>;

/** A process that was killed between writing a file and clearing the inbox left both. */
async function alreadyStored({ files, writer, paths, bucket }: StoreCore): Promise<Stored> {
  const done = new Map<string, Set<string>>();
  const oldest = Math.min(...(await waitingFiles(paths.inbox)).map((name) => Number.parseInt(name, 10)));
  // Clocks are set back now and then.
  const from = oldest - 86_400_000;
  for (const file of files) {
    // What the bucket had alone was cleared from the inbox before.
    if (file.madeAt < from || bucket?.isAbsent(file.path) === true) continue;
    for (const source of (await madeOf(writer, file.path)).sources) {
      const key = `${file.table} ${source}`;
      done.set(key, (done.get(key) ?? new Set()).add(partitionKey(file)));
    }
  }
  return done;
}

const chunkRows = 2_048;

const place = [VARCHAR, DATE, VARCHAR, VARCHAR];
const predictionTypes: readonly DuckDBType[] = [
  ...place,
  ...[VARCHAR, INTEGER, TIMESTAMP, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR],
  ...[VARCHAR, VARCHAR, DOUBLE, DOUBLE, VARCHAR, VARCHAR],
];
const labelTypes: readonly DuckDBType[] = [...place, VARCHAR, INTEGER, VARCHAR, TIMESTAMP];

/** In the order of the table's columns. */
function predictionValues(source: string, row: PredictionRow): readonly DuckDBValue[] {
  return [
    source,
    dateOf(row.date),
    row.environment,
    row.deployment,
    row.id,
    row.row,
    timestampOf(row.time),
    row.model,
    row.version,
    row.variant,
    row.commit,
    row.tenant,
    row.subject,
    row.inputs,
    row.outputs,
    row.latencyMs,
    row.outlier,
    row.trace,
    row.process,
  ];
}

function labelValues(source: string, label: StoredLabel): readonly DuckDBValue[] {
  const { date, environment, deployment, id, row, received } = label;
  return [source, dateOf(date), environment, deployment, id, row, label.label, timestampOf(received)];
}

function dateOf(day: string): DuckDBDateValue {
  return new DuckDBDateValue(Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000));
}

function timestampOf(milliseconds: number): DuckDBTimestampValue {
  return new DuckDBTimestampValue(BigInt(Math.round(milliseconds * 1_000)));
}
