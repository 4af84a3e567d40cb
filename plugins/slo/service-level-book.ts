/** Keeps the service levels of all deployments: counts what processes report, judges it, and says when something is worth telling. */
import type { AnswerCounts, ProcessAnswers } from '../../core/capabilities/answer-counts.ts';
import type { PromisedLevel, ServiceLevel, ServiceLevels } from '../../core/capabilities/service-levels.ts';
import type { Logger, Ref } from '../../core/plugin.ts';
import { breather } from '../../libraries/breather/index.ts';
import { Intake } from './intake.ts';
import { KeptHistory } from './kept-history.ts';
import { Ledger } from './ledger.ts';
import { coverageOf, type ObjectiveStanding, ruleKey, standingOf } from './standing.ts';
import { levelOf } from './told.ts';

export interface BookOptions {
  readonly folder: string;
  /** Milliseconds since 1970, of a clock that never jumps while the process lives. */
  readonly now: () => number;
  readonly wake: (ref: Ref) => void;
  readonly log: Logger;
}

/** A status is written no more often than this for numbers alone. */
const refreshMs = 5 * 60_000;
const halfHourMs = 30 * 60_000;
/** Of a deployment that nobody has declared since a start: as long as a budget may be for. */
export const longestWindowMs = 90 * 24 * 3_600_000;

interface Entry {
  readonly ledger: Ledger;
  /** Undefined until it is declared anew after a start. */
  promise: PromisedLevel | undefined;
  bounds: readonly number[];
  burning: Map<string, number>;
  standings: readonly ObjectiveStanding[];
  level: ServiceLevel;
  levelAt: number;
  /** What the level says that burns. */
  told: string;
}

export class ServiceLevelBook implements ServiceLevels {
  readonly history: KeptHistory;
  readonly #options: BookOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #intake = new Intake();
  #isOlderOwed = false;
  #hasNews = false;

  constructor(options: BookOptions) {
    this.#options = options;
    this.history = new KeptHistory(options.folder, options.log);
  }

  /** Goes on where an earlier process stopped. A clock that was put back since then moves what it knows with it. */
  async open(counts: AnswerCounts): Promise<void> {
    const now = this.#options.now();
    const { recent, older } = await this.history.read();
    if (recent !== undefined) {
      const ahead = recent.at - now;
      const shift = ahead > 60_000 ? -Math.ceil(ahead / halfHourMs) : 0;
      for (const [key, kept] of Object.entries(recent.deployments)) {
        const entry = this.#entry(key);
        entry.ledger.restore(kept.ledger, older[key] ?? []);
        entry.ledger.shift(shift);
        entry.bounds = entry.ledger.follows.filter((what) => what !== '').map(Number);
        entry.burning = new Map(
          Object.entries(kept.burning).map(([rule, at]) => [rule, at + shift * halfHourMs]),
        );
      }
      this.#intake.restore(recent.processes, shift * halfHourMs, now);
    }
    counts.follow((report) => this.heard(report));
  }

  keep(promise: PromisedLevel): ServiceLevel {
    const { environment, deployment, objectives } = promise;
    const entry = this.#entry(`${environment}/${deployment}`);
    const isNew = JSON.stringify(entry.promise) !== JSON.stringify(promise);
    entry.promise = promise;
    if (!isNew) return entry.level;
    this.#hasNews = true;
    const now = this.#options.now();
    const wanted = new Set(['', ...objectives.map(coverageOf)]);
    entry.ledger.followOnly(wanted);
    for (const what of wanted) entry.ledger.follow(what, now);
    entry.bounds = objectives.flatMap(({ seconds }) => seconds ?? []);
    this.#judge(entry, now);
    entry.level = levelOf(entry.standings, entry.ledger, now);
    entry.levelAt = now;
    entry.told = whatBurns(entry.standings);
    return entry.level;
  }

  forget(environment: string, deployment: string): void {
    this.#entries.delete(`${environment}/${deployment}`);
  }

  heard(report: ProcessAnswers): void {
    this.#intake.take(report, this.#entries, this.#options.now());
  }

  /** Looks at all of them; wakes whose level is another one. Call it every few seconds. */
  async tick(): Promise<void> {
    const breathe = breather(undefined);
    for (const [key, entry] of this.#entries) {
      await breathe();
      const now = this.#options.now();
      const longest = entry.promise?.windowMs ?? longestWindowMs;
      if (entry.ledger.fold(now, Math.max(longest, 3 * 24 * 3_600_000))) this.#isOlderOwed = true;
      if (entry.promise === undefined) {
        if (entry.ledger.isEmpty) this.#entries.delete(key);
        continue;
      }
      this.#judge(entry, now);
      this.#tell(entry, entry.promise, now);
    }
  }

  /** A promise is new: until it is on disk, another process would not know from where to count. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** Puts on disk what is known. Call it every minute, never twice at once. */
  async write(): Promise<void> {
    const at = this.#options.now();
    this.#hasNews = false;
    // At once: what processes had counted by then is what is in the ledgers.
    const recent = recentText(at, this.#entries, this.#intake);
    if (this.#isOlderOwed) {
      // In this order: what has left the one file must be in the other.
      this.#isOlderOwed = false;
      const isWritten = await this.history.writeOlder(await olderText(this.#entries));
      this.#isOlderOwed ||= !isWritten;
      if (!isWritten) return;
    }
    await this.history.writeRecent(recent);
  }

  /** All that promise something, as of the last look. */
  standings(): readonly {
    readonly promise: PromisedLevel;
    readonly standings: readonly ObjectiveStanding[];
  }[] {
    return [...this.#entries.values()].flatMap(({ promise, standings }) =>
      promise === undefined ? [] : [{ promise, standings }],
    );
  }

  levelOf(environment: string, deployment: string): ServiceLevel | undefined {
    const entry = this.#entries.get(`${environment}/${deployment}`);
    return entry?.promise === undefined
      ? undefined
      : levelOf(entry.standings, entry.ledger, this.#options.now());
  }

  #entry(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = {
      ledger: new Ledger(),
      promise: undefined,
      bounds: [],
      burning: new Map(),
      standings: [],
      level: { budgetLeft: {} },
      levelAt: 0,
      told: '',
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #judge(entry: Entry, now: number): void {
    if (entry.promise === undefined) return;
    entry.standings = standingOf(entry.promise, entry.ledger, entry.burning, now);
    entry.burning = new Map(
      entry.standings.flatMap(({ objective, burning }) =>
        burning.map(({ rule, since }) => [ruleKey(objective.name, rule.name), since] as const),
      ),
    );
  }

  /** That something burns, or burns no more, is told at once; numbers, now and then. Evidence is gathered for that alone. */
  #tell(entry: Entry, { owner }: PromisedLevel, now: number): void {
    const burns = whatBurns(entry.standings);
    if (burns === entry.told && now - entry.levelAt < refreshMs) return;
    const next = levelOf(entry.standings, entry.ledger, now);
    const isOther = burns !== entry.told || JSON.stringify(next) !== JSON.stringify(entry.level);
    entry.level = next;
    entry.levelAt = now;
    entry.told = burns;
    if (isOther) this.#options.wake(owner);
  }
}

/** A `KeptRecent`, put together from texts: most of it is as it was a minute ago. */
function recentText(at: number, entries: ReadonlyMap<string, Entry>, intake: Intake): string {
  const deployments = [...entries].map(([key, { ledger, burning }]) => {
    const rules = JSON.stringify(Object.fromEntries(burning));
    return `${JSON.stringify(key)}:{"burning":${rules},"ledger":${ledger.recentText()}}`;
  });
  const processes = JSON.stringify(intake.kept());
  return `{"version":1,"at":${at},"deployments":{${deployments.join(',')}},"processes":${processes}}`;
}

/** `{ deployments: KeptOlder }` */
async function olderText(entries: ReadonlyMap<string, Entry>): Promise<string> {
  const breathe = breather(undefined);
  const deployments: string[] = [];
  for (const [key, { ledger }] of entries) {
    deployments.push(`${JSON.stringify(key)}:${ledger.olderText()}`);
    await breathe();
  }
  return `{"version":1,"deployments":{${deployments.join(',')}}}`;
}

/** Each objective with the worst rule that holds. */
function whatBurns(standings: readonly ObjectiveStanding[]): string {
  return standings
    .flatMap(({ objective, burning: [worst] }) =>
      worst === undefined ? [] : ruleKey(objective.name, worst.rule.name),
    )
    .join(' ');
}
