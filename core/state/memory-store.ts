import type { JournalEntry, Ref, Resource, Status } from '../plugin.ts';
import { stateClosed } from './errors.ts';
import type { JournalQuery, PlanRecord, SnapshotRecord, Store } from './store.ts';
import { fromStored, toStored, toStoredText } from './stored-value.ts';

/** A store that ends with the process: for tests and dry runs. Keeps JSON, so that it forgets what a database forgets. */
export class MemoryStore implements Store {
  readonly #inventory = new Map<Ref, string>();
  readonly #statuses = new Map<Ref, string>();
  readonly #cells = new Map<Ref, string>();
  readonly #notes = new Map<string, string>();
  readonly #journal: JournalEntry[] = [];
  readonly #snapshots = new Map<string, string>();
  readonly #plans = new Map<string, string>();
  readonly #parsed = new Map<string, Map<string, string>>();
  #closed = false;

  async inventory(): Promise<readonly Resource[]> {
    return this.#sorted(this.#inventory);
  }

  async putInventory(resources: readonly Resource[]): Promise<void> {
    for (const [ref, text] of resources.map((each) => [each.ref, toStoredText(each, each.ref)] as const)) {
      this.#put(this.#inventory, ref, text);
    }
  }

  async removeInventory(ref: Ref): Promise<void> {
    this.#put(this.#inventory, ref, undefined);
  }

  async statuses(): Promise<readonly Status[]> {
    return this.#sorted(this.#statuses);
  }

  async putStatus(status: Status): Promise<void> {
    this.#put(this.#statuses, status.ref, toStoredText(status, `the status of ${status.ref}`));
  }

  async removeStatus(ref: Ref): Promise<void> {
    this.#put(this.#statuses, ref, undefined);
  }

  async cell(ref: Ref): Promise<unknown> {
    return this.#get(this.#cells, ref);
  }

  async putCell(ref: Ref, value: unknown): Promise<void> {
    this.#put(this.#cells, ref, toStored(value, `the cell of ${ref}`));
  }

  async removeCell(ref: Ref): Promise<void> {
    this.#put(this.#cells, ref, undefined);
  }

  async note(key: string): Promise<unknown> {
    return this.#get(this.#notes, key);
  }

  async putNote(key: string, value: unknown): Promise<void> {
    this.#put(this.#notes, key, toStored(value, `the note ${key}`));
  }

  async append(entry: Omit<JournalEntry, 'sequence'>): Promise<JournalEntry> {
    this.#open();
    const { time, type, ref, commit, message } = entry;
    const data = toStoredText(entry.data, `the data of a ${type} entry`);
    const appended = { sequence: this.#journal.length + 1, time, type, ref, commit, message };
    this.#journal.push({ ...appended, data: fromStored(data) });
    return { ...appended, data: fromStored(data) };
  }

  async journal(query: JournalQuery): Promise<readonly JournalEntry[]> {
    this.#open();
    const found: JournalEntry[] = [];
    for (const entry of this.#journal.toReversed()) {
      if (found.length >= query.limit) break;
      if (query.ref !== undefined && entry.ref !== query.ref) continue;
      if (query.type !== undefined && entry.type !== query.type) continue;
      if (query.commit !== undefined && entry.commit !== query.commit) continue;
      if (query.after !== undefined && entry.sequence <= query.after) continue;
      if (query.before !== undefined && entry.sequence >= query.before) continue;
      found.push(structuredClone(entry));
    }
    return found;
  }

  async putSnapshot(record: SnapshotRecord): Promise<void> {
    this.#putLast(
      this.#snapshots,
      record.commit,
      toStoredText(record, `the snapshot of commit ${record.commit}`),
    );
  }

  async snapshot(commit: string): Promise<SnapshotRecord | undefined> {
    return this.#get(this.#snapshots, commit);
  }

  async snapshots(limit: number): Promise<readonly SnapshotRecord[]> {
    return this.#newest(this.#snapshots, limit);
  }

  async putPlan(record: PlanRecord): Promise<void> {
    this.#putLast(this.#plans, record.to, toStoredText(record, `the plan to ${record.to}`));
  }

  async plan(to: string): Promise<PlanRecord | undefined> {
    return this.#get(this.#plans, to);
  }

  async plans(limit: number): Promise<readonly PlanRecord[]> {
    return this.#newest(this.#plans, limit);
  }

  async parsed(parserVersion: string): Promise<ReadonlyMap<string, string>> {
    this.#open();
    return new Map(this.#parsed.get(parserVersion));
  }

  async putParsed(parserVersion: string, entries: ReadonlyMap<string, string>): Promise<void> {
    this.#open();
    this.#parsed.set(parserVersion, new Map([...(this.#parsed.get(parserVersion) ?? []), ...entries]));
  }

  async pruneParsed(parserVersion: string, keep: ReadonlySet<string>): Promise<void> {
    this.#open();
    const kept = [...(this.#parsed.get(parserVersion) ?? [])].filter(([blob]) => keep.has(blob));
    this.#parsed.clear();
    this.#parsed.set(parserVersion, new Map(kept));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw stateClosed('memory');
  }

  #get<T>(values: ReadonlyMap<string, string>, key: string): T | undefined {
    this.#open();
    const text = values.get(key);
    return text === undefined ? undefined : fromStored<T>(text);
  }

  #put(values: Map<string, string>, key: string, text: string | undefined): void {
    this.#open();
    if (text === undefined) values.delete(key);
    else values.set(key, text);
  }

  /** A record that is put again becomes the newest. */
  #putLast(values: Map<string, string>, key: string, text: string): void {
    this.#put(values, key, undefined);
    this.#put(values, key, text);
  }

  #sorted<T>(values: ReadonlyMap<string, string>): T[] {
    this.#open();
    const keys = [...values.keys()].sort();
    return keys.map((key) => fromStored<T>(values.get(key) ?? 'null'));
  }

  #newest<T>(values: ReadonlyMap<string, string>, limit: number): T[] {
    this.#open();
    const texts = [...values.values()].reverse().slice(0, limit);
    return texts.map((text) => fromStored<T>(text));
  }
}
