import type { ColumnType, Generated } from 'kysely';

/** The tables of the store, as the newest migration leaves them. JSON is kept as text: it means the same in every database. */
export interface Tables {
  readonly inventory: KeyedTable;
  readonly statuses: KeyedTable;
  readonly cells: KeyedTable;
  readonly notes: KeyedTable;
  readonly journal: JournalTable;
  readonly snapshots: SnapshotTable;
  readonly plans: PlanTable;
  readonly parsed: ParsedTable;
}

/** One JSON value a key. */
export interface KeyedTable {
  key: string;
  value: string;
}

/** Entries are added and read, never changed: there is no type under which one could be updated. */
export interface JournalTable {
  sequence: Generated<number>;
  time: Once<string>;
  type: Once<string>;
  ref: Once<string | null>;
  commit_id: Once<string | null>;
  message: Once<string>;
  data: Once<string>;
}

type Once<T> = ColumnType<T, T, never>;

/** `position` grows with each record and orders them; a commit that is recorded again moves to the front. */
export interface SnapshotTable {
  position: Generated<number>;
  commit_id: string;
  time: string;
  state: string;
  message: string;
  resources: number;
  issues: string;
}

export interface PlanTable {
  position: Generated<number>;
  from_commit: string | null;
  to_commit: string;
  time: string;
  plan: string;
}

export interface ParsedTable {
  parser_version: string;
  blob: string;
  document: string;
}
