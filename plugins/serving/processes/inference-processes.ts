import type { ProcessLoss } from '../../../core/capabilities/serving-runtime.ts';
import type { Hello, Report, VersionReport } from '../dataplane/interface/messages.ts';
import { type RoutingTable, versionKey } from '../dataplane/interface/routing-table.ts';
import type { Connection } from './control-socket.ts';
import { type LastWords, type LossCause, LostProcesses, lastWords } from './lost-processes.ts';

/** An inference process, as control sees it. */
export interface InferenceProcess {
  readonly id: string;
  readonly pid: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly state: 'live' | 'silent' | 'gone';
  /** The newest that it reported; undefined until it did. */
  readonly report: Report | undefined;
  /** How many processes with this id were seen to start, itself included. */
  readonly starts: number;
}

export interface InferenceProcessesOptions {
  /** A process that has not reported for so long is not live. */
  readonly livenessMs: number;
  /** Milliseconds since 1970 of a clock that only goes forward, as rollouts have it: they ask when a process ended. */
  readonly now: () => number;
  /** Whether a process of this machine still runs. */
  readonly isRunning: (pid: number) => boolean;
  /** Something changed: for these deployments (`environment/name`), or for all. */
  readonly onChange: (deployments: ReadonlySet<string> | 'all') => void;
}

/** Keeps what the inference processes say of themselves. Processes that are gone stay listed until replaced. */
export class InferenceProcesses {
  readonly #options: InferenceProcessesOptions;
  readonly #processes = new Map<string, Entry>();
  readonly #lost = new LostProcesses();

  constructor(options: InferenceProcessesOptions) {
    this.#options = options;
  }

  hello(connection: Connection, { id, pid, startedAt }: Hello): void {
    const before = this.#processes.get(id);
    const starts = before === undefined ? 1 : before.starts + (before.pid === pid ? 0 : 1);
    this.#processes.set(id, {
      id,
      pid,
      startedAt,
      starts,
      connection,
      state: 'silent',
      report: undefined,
      at: 0,
      ...(before === undefined ? {} : wordsAround(before, pid)),
    });
    before?.connection?.close();
    if (before?.state === 'live') this.#options.onChange('all');
  }

  report(connection: Connection, report: Report): void {
    const entry = this.#find(connection);
    if (entry === undefined) return;
    const before = entry.state === 'live' ? entry.report : undefined;
    entry.report = report;
    entry.at = this.#options.now();
    entry.state = 'live';
    entry.words = lastWords(entry.words, report);
    if (entry.predecessor !== undefined) {
      this.#lost.replaced(entry.predecessor, report, entry.at);
      entry.predecessor = undefined;
    }
    if (before === undefined || before.ready !== report.ready) this.#options.onChange('all');
    else {
      const changed = changedDeployments(before, report);
      if (changed.size > 0) this.#options.onChange(changed);
    }
  }

  gone(connection: Connection): void {
    const entry = this.#find(connection);
    if (entry === undefined) return;
    const wasLive = entry.state === 'live';
    entry.connection = undefined;
    entry.state = 'gone';
    entry.goneAt = this.#options.now();
    if (wasLive) this.#options.onChange('all');
  }

  /** Notes a table that a process was sent: it is there from then on, whether or not the process lives to report it. */
  sentTo(connection: Connection, table: Pick<RoutingTable, 'revision' | 'deployments'>): void {
    const entry = this.#find(connection);
    if (entry !== undefined) entry.sent = table;
  }

  /** Looks who has fallen silent, or is gone without a successor. Call it about once a second. */
  checkLiveness(): void {
    const { now, livenessMs, isRunning } = this.#options;
    const deadline = now() - livenessMs;
    let isChanged = false;
    for (const entry of this.#processes.values()) {
      // A successor that dies as it begins, as its predecessor did, never says how that one ended.
      const isMissing = entry.state === 'gone' && (entry.goneAt ?? 0) < deadline;
      const last = isMissing ? (finalWords(entry) ?? entry.predecessor) : undefined;
      if (last !== undefined && !isRunning(last.pid)) {
        this.#lost.ended(last, now());
        entry.words = undefined;
        entry.predecessor = undefined;
        isChanged = true;
      }
      if (entry.state !== 'live' || entry.at >= deadline) continue;
      entry.state = 'silent';
      isChanged = true;
    }
    if (isChanged) this.#options.onChange('all');
  }

  /** Connected, and heard of lately. */
  live(): readonly Report[] {
    return this.#all().flatMap(({ state, report }) => (state === 'live' && report ? [report] : []));
  }

  /** All that were ever seen, by id. */
  list(): readonly InferenceProcess[] {
    return this.#all();
  }

  /** Those that can be sent something. */
  connections(): readonly Connection[] {
    return this.#all().flatMap(({ connection }) => connection ?? []);
  }

  /** Processes that ended while they held a version (`environment/deployment/version`), the latest last. */
  lossesOf(version: string): readonly ProcessLoss[] {
    return this.#lost.of(version);
  }

  /** How often a process of that id ended without being asked to, by how. */
  lossesBy(id: string): Readonly<Record<LossCause, number>> {
    return this.#lost.countsOf(id);
  }

  /** The newest report of a connected process. */
  reportOf(connection: Connection): Report | undefined {
    return this.#find(connection)?.report;
  }

  #all(): Entry[] {
    return [...this.#processes.values()].sort((one, other) =>
      one.id.localeCompare(other.id, 'en', { numeric: true }),
    );
  }

  #find(connection: Connection): Entry | undefined {
    for (const entry of this.#processes.values()) if (entry.connection === connection) return entry;
    return undefined;
  }
}

interface Entry {
  readonly id: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly starts: number;
  state: InferenceProcess['state'];
  connection: Connection | undefined;
  report: Report | undefined;
  /** When it reported last. */
  at: number;
  words?: LastWords | undefined;
  /** The table that it was sent last. */
  sent?: Pick<RoutingTable, 'revision' | 'deployments'>;
  goneAt?: number;
  /** The process before it, until its own first report says more of how that one ended. */
  predecessor?: LastWords | undefined;
}

/** A process that connects again is no other; one that never reported left nothing, but what was before it stands. */
function wordsAround(before: Entry, next: number): Pick<Entry, 'words' | 'predecessor'> {
  const { pid, words, predecessor } = before;
  if (pid === next) return { words, predecessor };
  return { predecessor: finalWords(before) ?? predecessor };
}

/** What is known of a process once it is gone: a version that it was just sent may have ended it before it could say so. */
function finalWords({ words, sent, report }: Entry): LastWords | undefined {
  if (words === undefined || sent === undefined || report === undefined || words.isHanging) return words;
  if (words.leaving !== undefined || report.revision >= sent.revision) return words;
  const held = sent.deployments.flatMap((one) => one.versions.map(({ version }) => versionKey(one, version)));
  return { ...words, suspects: [...new Set([...words.suspects, ...held])] };
}

/** Which deployments two reports of one process describe differently. */
function changedDeployments(before: Report, after: Report): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const key of keysOf(before.routes, after.routes)) {
    if (before.routes[key] !== after.routes[key]) changed.add(key);
  }
  // A report on a newer table says that the versions in it are the ones meant, even where they read the same.
  const isNewTable = before.revision !== after.revision;
  for (const key of keysOf(before.versions, after.versions)) {
    if (isNewTable || !sameVersion(before.versions[key], after.versions[key])) {
      changed.add(key.slice(0, key.lastIndexOf('/')));
    }
  }
  return changed;
}

function* keysOf(one: object, other: object): Iterable<string> {
  yield* Object.keys(one);
  for (const key of Object.keys(other)) if (!(key in one)) yield key;
}

function sameVersion(one: VersionReport | undefined, other: VersionReport | undefined): boolean {
  return (
    one?.state === other?.state &&
    one?.digest === other?.digest &&
    one?.reason === other?.reason &&
    one?.message === other?.message
  );
}
