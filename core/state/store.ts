import type { JournalQuery } from '../capabilities/registry.ts';
import type { JournalEntry, Ref, Resource, Status } from '../plugin.ts';

export type { JournalQuery } from '../capabilities/registry.ts';

/**
 * What the platform observed: never a wish, never a secret. Deleting it loses history, not convergence.
 * The embedded default is SQLite (libsql); a memory store serves tests; one suite runs on both.
 */
export interface Store {
  /** What was handed to controllers last: needed to remove what vanished while the kernel was down, and as last good. */
  inventory(): Promise<readonly Resource[]>;
  putInventory(resources: readonly Resource[]): Promise<void>;
  removeInventory(ref: Ref): Promise<void>;

  statuses(): Promise<readonly Status[]>;
  putStatus(status: Status): Promise<void>;
  removeStatus(ref: Ref): Promise<void>;

  /** A controller's cell for one resource. */
  cell(ref: Ref): Promise<unknown>;
  putCell(ref: Ref, value: unknown): Promise<void>;
  removeCell(ref: Ref): Promise<void>;

  /** Append-only; gives the entry its sequence. */
  append(entry: Omit<JournalEntry, 'sequence'>): Promise<JournalEntry>;
  /** Newest first. */
  journal(query: JournalQuery): Promise<readonly JournalEntry[]>;

  putSnapshot(record: SnapshotRecord): Promise<void>;
  snapshot(commit: string): Promise<SnapshotRecord | undefined>;
  /** Newest first. */
  snapshots(limit: number): Promise<readonly SnapshotRecord[]>;

  putPlan(record: PlanRecord): Promise<void>;
  plan(to: string): Promise<PlanRecord | undefined>;
  plans(limit: number): Promise<readonly PlanRecord[]>;

  /** Small facts by key: acknowledgements of held commits. */
  note(key: string): Promise<unknown>;
  putNote(key: string, value: unknown): Promise<void>;

  /** Parsed manifests by blob id, for one version of parser and schemas. */
  parsed(parserVersion: string): Promise<ReadonlyMap<string, string>>;
  putParsed(parserVersion: string, entries: ReadonlyMap<string, string>): Promise<void>;
  /** Drops entries of other parser versions and those whose blob is not in `keep`. */
  pruneParsed(parserVersion: string, keep: ReadonlySet<string>): Promise<void>;

  close(): Promise<void>;
}

export interface SnapshotRecord {
  readonly commit: string;
  readonly time: string;
  readonly state: 'applied' | 'held' | 'failed';
  readonly message: string;
  readonly resources: number;
  /** Issues as the API shows them. */
  readonly issues: readonly unknown[];
}

export interface PlanRecord {
  readonly from: string | null;
  readonly to: string;
  readonly time: string;
  /** The plan as the API shows it. */
  readonly plan: unknown;
}
