import type { Insertable, Kysely, Transaction } from 'kysely';
import { TurnGroup } from '../../libraries/turn-group/index.ts';
import type { JournalEntry, Ref, Resource, Status } from '../plugin.ts';
import { retryWhileBusy } from './busy.ts';
import { stateClosed, stateErrorFrom } from './errors.ts';
import { Inserts } from './inserts.ts';
import type { JournalQuery, PlanRecord, SnapshotRecord, Store } from './store.ts';
import { fromStored, toStored, toStoredText } from './stored-value.ts';
import type { JournalTable, ParsedTable, PlanTable, SnapshotTable, Tables } from './tables.ts';

/**
 * A store in an SQL database, whichever Kysely speaks to; the newest migration must have run.
 * `where` names the database in errors, without credentials. Closing the store closes the database.
 */
export class SqlStore implements Store {
  readonly #database: Kysely<Tables>;
  readonly #where: string;
  readonly #inserts = new Inserts();
  readonly #writes: TurnGroup<Batch>;
  readonly #lookups: TurnGroup<Lookups>;
  #closing: Promise<void> | undefined;

  constructor(database: Kysely<Tables>, where: string) {
    this.#database = database;
    this.#where = where;
    this.#writes = new TurnGroup(emptyBatch, (batch) => this.#commit(batch));
    this.#lookups = new TurnGroup(emptyLookups, (lookups) => this.#lookUp(lookups));
  }

  async inventory(): Promise<readonly Resource[]> {
    return (await this.#values('inventory')).map((value) => fromStored<Resource>(value));
  }

  async putInventory(resources: readonly Resource[]): Promise<void> {
    const texts = resources.map((resource) => [resource.ref, toStoredText(resource, resource.ref)] as const);
    if (texts.length === 0) return;
    await this.#write((batch) => {
      for (const [ref, text] of texts) batch.inventory.set(ref, text);
    });
  }

  async removeInventory(ref: Ref): Promise<void> {
    await this.#put('inventory', ref, undefined);
  }

  async statuses(): Promise<readonly Status[]> {
    return (await this.#values('statuses')).map((value) => fromStored<Status>(value));
  }

  async putStatus(status: Status): Promise<void> {
    await this.#put('statuses', status.ref, toStoredText(status, `the status of ${status.ref}`));
  }

  async removeStatus(ref: Ref): Promise<void> {
    await this.#put('statuses', ref, undefined);
  }

  async cell(ref: Ref): Promise<unknown> {
    return this.#value('cells', ref);
  }

  async putCell(ref: Ref, value: unknown): Promise<void> {
    await this.#put('cells', ref, toStored(value, `the cell of ${ref}`));
  }

  async removeCell(ref: Ref): Promise<void> {
    await this.#put('cells', ref, undefined);
  }

  async note(key: string): Promise<unknown> {
    return this.#value('notes', key);
  }

  async putNote(key: string, value: unknown): Promise<void> {
    await this.#put('notes', key, toStored(value, `the note ${key}`));
  }

  async append(entry: Omit<JournalEntry, 'sequence'>): Promise<JournalEntry> {
    const { time, type, ref, commit, message } = entry;
    const data = toStoredText(entry.data, `the data of a ${type} entry`);
    const line: JournalLine = { row: { time, type, ref, commit_id: commit, message, data }, sequence: 0 };
    await this.#write((batch) => batch.journal.push(line));
    return { sequence: line.sequence, time, type, ref, commit, message, data: fromStored(data) };
  }

  async journal(query: JournalQuery): Promise<readonly JournalEntry[]> {
    return this.#read(async (database) => {
      let select = database.selectFrom('journal').selectAll();
      if (query.ref !== undefined) select = select.where('ref', '=', query.ref);
      if (query.type !== undefined) select = select.where('type', '=', query.type);
      if (query.commit !== undefined) select = select.where('commit_id', '=', query.commit);
      if (query.after !== undefined) select = select.where('sequence', '>', query.after);
      if (query.before !== undefined) select = select.where('sequence', '<', query.before);
      const rows = await select.orderBy('sequence', 'desc').limit(query.limit).execute();
      return rows.map(({ commit_id, data, ...row }) => ({
        ...row,
        commit: commit_id,
        data: fromStored(data),
      }));
    });
  }

  async putSnapshot(record: SnapshotRecord): Promise<void> {
    const { commit, time, state, message, resources } = record;
    const issues = toStoredText(record.issues, `the issues of commit ${commit}`);
    await this.#write((batch) => {
      batch.snapshots.delete(commit);
      batch.snapshots.set(commit, { commit_id: commit, time, state, message, resources, issues });
    });
  }

  async snapshot(commit: string): Promise<SnapshotRecord | undefined> {
    return this.#read(async (database) => {
      const row = await database
        .selectFrom('snapshots')
        .selectAll()
        .where('commit_id', '=', commit)
        .executeTakeFirst();
      return row === undefined ? undefined : snapshotOf(row);
    });
  }

  async snapshots(limit: number): Promise<readonly SnapshotRecord[]> {
    return this.#read(async (database) => {
      const rows = await database
        .selectFrom('snapshots')
        .selectAll()
        .orderBy('position', 'desc')
        .limit(limit)
        .execute();
      return rows.map(snapshotOf);
    });
  }

  async putPlan(record: PlanRecord): Promise<void> {
    const { from, to, time } = record;
    const plan = toStoredText(record.plan, `the plan to ${to}`);
    await this.#write((batch) => {
      batch.plans.delete(to);
      batch.plans.set(to, { from_commit: from, to_commit: to, time, plan });
    });
  }

  async plan(to: string): Promise<PlanRecord | undefined> {
    return this.#read(async (database) => {
      const row = await database
        .selectFrom('plans')
        .selectAll()
        .where('to_commit', '=', to)
        .executeTakeFirst();
      return row === undefined ? undefined : planOf(row);
    });
  }

  async plans(limit: number): Promise<readonly PlanRecord[]> {
    return this.#read(async (database) => {
      const rows = await database
        .selectFrom('plans')
        .selectAll()
        .orderBy('position', 'desc')
        .limit(limit)
        .execute();
      return rows.map(planOf);
    });
  }

  async parsed(parserVersion: string): Promise<ReadonlyMap<string, string>> {
    return this.#read(async (database) => {
      const rows = await database
        .selectFrom('parsed')
        .select(['blob', 'document'])
        .where('parser_version', '=', parserVersion)
        .execute();
      return new Map(rows.map((row) => [row.blob, row.document]));
    });
  }

  async putParsed(parserVersion: string, entries: ReadonlyMap<string, string>): Promise<void> {
    if (entries.size === 0) return;
    await this.#write((batch) => {
      for (const [blob, document] of entries) {
        batch.parsed.set(`${parserVersion}\n${blob}`, { parser_version: parserVersion, blob, document });
      }
    });
  }

  async pruneParsed(parserVersion: string, keep: ReadonlySet<string>): Promise<void> {
    await this.#read((database) =>
      database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('parsed').where('parser_version', '!=', parserVersion).execute();
        const rows = await transaction
          .selectFrom('parsed')
          .select('blob')
          .where('parser_version', '=', parserVersion)
          .execute();
        const gone = rows.map((row) => row.blob).filter((blob) => !keep.has(blob));
        for (const blobs of chunksOf(gone, rowsPerStatement)) {
          await transaction
            .deleteFrom('parsed')
            .where('parser_version', '=', parserVersion)
            .where('blob', 'in', blobs)
            .execute();
        }
      }),
    );
  }

  async close(): Promise<void> {
    this.#closing ??= this.#end();
    await this.#closing;
  }

  async #values(table: Keyed): Promise<readonly string[]> {
    return this.#read(async (database) => {
      const rows = await database.selectFrom(table).select('value').orderBy('key').execute();
      return rows.map((row) => row.value);
    });
  }

  async #value(table: Looked, key: string): Promise<unknown> {
    this.#open();
    const found = await this.#lookups.join((lookups) => lookups[table].set(key, undefined));
    const value = found[table].get(key);
    return value === undefined ? undefined : fromStored(value);
  }

  /** `undefined` removes. */
  #put(table: Keyed, key: string, value: string | undefined): Promise<void> {
    return this.#write((batch) => {
      batch[table].set(key, value);
    });
  }

  async #write(add: (batch: Batch) => void): Promise<void> {
    this.#open();
    await this.#writes.join(add);
  }

  #open(): void {
    if (this.#closing !== undefined) throw stateClosed(this.#where);
  }

  /** Reads what was written before it, acknowledged or not. */
  async #read<T>(query: (database: Kysely<Tables>) => Promise<T>): Promise<T> {
    this.#open();
    return this.#query(query);
  }

  async #query<T>(query: (database: Kysely<Tables>) => Promise<T>): Promise<T> {
    await this.#writes.settled();
    return this.#attempt(query);
  }

  async #lookUp(lookups: Lookups): Promise<void> {
    await this.#query(async (database) => {
      for (const table of ['cells', 'notes'] as const) {
        for (const keys of chunksOf([...lookups[table].keys()], rowsPerStatement)) {
          const rows = await database.selectFrom(table).selectAll().where('key', 'in', keys).execute();
          for (const row of rows) lookups[table].set(row.key, row.value);
        }
      }
    });
  }

  async #end(): Promise<void> {
    await this.#lookups.settled();
    await this.#writes.settled();
    await this.#database.destroy();
  }

  #commit(batch: Batch): Promise<void> {
    return this.#attempt((database) =>
      database.transaction().execute((transaction) => writeBatch(transaction, batch, this.#inserts)),
    );
  }

  #attempt<T>(work: (database: Kysely<Tables>) => Promise<T>): Promise<T> {
    return retryWhileBusy(async () => {
      try {
        return await work(this.#database);
      } catch (error) {
        throw stateErrorFrom(error, this.#where);
      }
    });
  }
}

type Keyed = 'inventory' | 'statuses' | 'cells' | 'notes';
type Looked = 'cells' | 'notes';

/** Keys that are asked for, then their values where there are any. */
type Lookups = Readonly<Record<Looked, Map<string, string | undefined>>>;

function emptyLookups(): Lookups {
  return { cells: new Map(), notes: new Map() };
}

/** What one transaction writes: the last word on each key. An `undefined` value removes. */
interface Batch extends Readonly<Record<Keyed, Map<string, string | undefined>>> {
  readonly journal: JournalLine[];
  readonly snapshots: Map<string, Insertable<SnapshotTable>>;
  readonly plans: Map<string, Insertable<PlanTable>>;
  readonly parsed: Map<string, Insertable<ParsedTable>>;
}

/** `sequence` is filled in by the database. */
interface JournalLine {
  readonly row: Insertable<JournalTable>;
  sequence: number;
}

function emptyBatch(): Batch {
  return {
    inventory: new Map(),
    statuses: new Map(),
    cells: new Map(),
    notes: new Map(),
    journal: [],
    snapshots: new Map(),
    plans: new Map(),
    parsed: new Map(),
  };
}

/** More rows a statement are no faster, and databases limit the parameters of one. */
const rowsPerStatement = 50;

async function writeBatch(transaction: Transaction<Tables>, batch: Batch, inserts: Inserts): Promise<void> {
  for (const table of ['inventory', 'statuses', 'cells', 'notes'] as const) {
    await writeKeyed(transaction, table, batch[table], inserts);
  }
  for (const lines of chunksOf(batch.journal, rowsPerStatement)) {
    await appendLines(transaction, lines, inserts);
  }
  await record(transaction, 'snapshots', 'commit_id', batch.snapshots, inserts);
  await record(transaction, 'plans', 'to_commit', batch.plans, inserts);
  for (const rows of chunksOf([...batch.parsed.values()], rowsPerStatement)) {
    await transaction
      .insertInto('parsed')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['parser_version', 'blob'])
          .doUpdateSet((row) => ({ document: row.ref('excluded.document') })),
      )
      .execute();
  }
}

/** A commit is recorded once, but for an exception: only then is it looked for, and moves to the front. */
async function record<Table extends 'snapshots' | 'plans'>(
  transaction: Transaction<Tables>,
  table: Table,
  key: 'commit_id' | 'to_commit',
  records: ReadonlyMap<string, Insertable<Tables[Table]>>,
  inserts: Inserts,
): Promise<void> {
  for (const entries of chunksOf([...records], rowsPerStatement)) {
    const rows = entries.map(([, row]) => row) as Insertable<SnapshotTable>[];
    // Both tables are written alike; the columns are the rows' own.
    const insert = () => transaction.insertInto(table as 'snapshots').values(rows);
    const fresh = await inserts.run(transaction, table, rows, () =>
      insert().onConflict((conflict) => conflict.doNothing()),
    );
    if (fresh.numAffectedRows === BigInt(rows.length)) continue;
    const commits = entries.map(([commit]) => commit);
    await transaction
      .deleteFrom(table as 'snapshots')
      .where(key as 'commit_id', 'in', commits)
      .execute();
    await insert().execute();
  }
}

async function writeKeyed(
  transaction: Transaction<Tables>,
  table: Keyed,
  values: ReadonlyMap<string, string | undefined>,
  inserts: Inserts,
): Promise<void> {
  const put: { key: string; value: string }[] = [];
  const removed: string[] = [];
  for (const [key, value] of values) {
    if (value === undefined) removed.push(key);
    else put.push({ key, value });
  }
  for (const keys of chunksOf(removed, rowsPerStatement)) {
    await transaction.deleteFrom(table).where('key', 'in', keys).execute();
  }
  for (const rows of chunksOf(put, rowsPerStatement)) {
    await inserts.run(transaction, table, rows, () =>
      transaction
        .insertInto(table)
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
        ),
    );
  }
}

async function appendLines(
  transaction: Transaction<Tables>,
  lines: readonly JournalLine[],
  inserts: Inserts,
): Promise<void> {
  const values = lines.map((line) => line.row);
  const { rows } = await inserts.run<{ sequence: number }>(transaction, 'journal', values, () =>
    transaction.insertInto('journal').values(values).returning('sequence'),
  );
  // Numbers are given in the order of the values; the order of the returned rows is not promised.
  const sequences = rows.map((row) => row.sequence).sort((left, right) => left - right);
  for (const [index, line] of lines.entries()) line.sequence = sequences[index] ?? 0;
}

function* chunksOf<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}

function snapshotOf(row: Omit<SnapshotTable, 'position'>): SnapshotRecord {
  return {
    commit: row.commit_id,
    time: row.time,
    state: row.state as SnapshotRecord['state'],
    message: row.message,
    resources: row.resources,
    issues: fromStored(row.issues),
  };
}

function planOf(row: Omit<PlanTable, 'position'>): PlanRecord {
  return { from: row.from_commit, to: row.to_commit, time: row.time, plan: fromStored(row.plan) };
}
