/** Watches the world by the rules: which rules there are, what may have changed since the last look, and what fires and ends. */
import type { MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import type { JournalEntry, Logger, Providers, Ref } from '../../../core/plugin.ts';
import type { Alert } from '../alert.ts';
import type { Clock } from '../clock.ts';
import { World } from '../world.ts';
import { builtInRules } from './built-in.ts';
import { evaluate } from './evaluation.ts';
import { Measurements } from './measurements.ts';
import { type News, readNews, watchedTypes } from './news.ts';
import type { Machine } from './observe.ts';
import type { Rule } from './rule.ts';

export interface WatchOptions {
  readonly registry: Pick<Registry, 'applied' | 'examine' | 'status' | 'head' | 'journal'>;
  readonly sources: Providers<MetricsSource>;
  /** How the machine stands that the platform runs on. */
  readonly machine: () => Promise<Machine>;
  readonly log: Logger;
  readonly clock: Clock;
  /** There is something to look at. */
  readonly soon: () => void;
}

/** Rules that speak of `now` are asked about all that they look at no more often. */
const timedMs = 14_000;
/** A rule that is suspended does not come. */
const patienceMs = 60_000;

/** What there is to look at now. */
export interface Scene {
  /** Another commit is applied than at the last look. */
  readonly hasMoved: boolean;
  /** Undefined: nothing that rules ask for was written since. */
  readonly news: News | undefined;
  readonly machine: Machine;
}

export interface Looked {
  readonly alerts: ReadonlyMap<string, Alert>;
  /** Rules that began or ceased to fail. */
  readonly turned: readonly string[];
  /** Names whose removal shows in `alerts`. */
  readonly removed: readonly string[];
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #world: World;
  readonly #measurements: Measurements;
  readonly #rules = new Map<string, Rule>();
  readonly #failures = new Map<string, string>();
  readonly #changed = new Set<Ref>();
  readonly #asked = new Set<string>();
  readonly #removed = new Set<string>();
  #isAllChanged = false;
  /** When rules that time alone changes were asked last. */
  #timedAt = 0;
  #behindSince: number | undefined;
  #isComplete = false;
  /** Until then rules that are declared are waited for. */
  readonly #patientUntil: number;
  #hasNews = true;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { registry, sources, clock, soon } = options;
    this.#patientUntil = clock.now() + patienceMs;
    this.#world = new World(registry);
    this.#measurements = new Measurements({
      sources,
      world: this.#world,
      clock,
      measured: (rule) => {
        this.#asked.add(rule);
        soon();
      },
    });
    for (const rule of builtInRules()) this.#rules.set(rule.name, rule);
  }

  get rules(): ReadonlyMap<string, Rule> {
    return this.#rules;
  }

  failureOf(rule: string): string | undefined {
    return this.#failures.get(rule) ?? this.#measurements.failureOf(rule);
  }

  stop(): void {
    this.#measurements.stop();
  }

  /** Another commit is applied, or held. */
  snapshotMoved(): void {
    this.#isAllChanged = true;
    this.#options.soon();
  }

  statusChanged(ref: Ref): void {
    this.#changed.add(ref);
    this.#options.soon();
  }

  entryAppended(entry: JournalEntry): void {
    if (!watchedTypes(this.#rules.values()).has(entry.type)) return;
    this.#hasNews = true;
    this.#options.soon();
  }

  setRule(rule: Rule): void {
    this.#rules.set(rule.name, rule);
    this.#measurements.follow(rule);
    this.#asked.add(rule.name);
    this.#options.soon();
  }

  /** Its alerts are over; a built-in rule of that name is itself again. */
  removeRule(name: string): void {
    const own = builtInRules().find((rule) => rule.name === name);
    if (own !== undefined) this.#rules.set(name, own);
    else this.#rules.delete(name);
    this.#measurements.forget(name);
    this.#failures.delete(name);
    this.#removed.add(name);
    this.#asked.add(name);
    this.#options.soon();
  }

  /** Reads what is applied and what the journal says since `lookedAt`. */
  async read(lookedAt: number | undefined): Promise<Scene> {
    const hasMoved = await this.#world.read();
    const isRead = this.#hasNews && this.#hasAllRules();
    const news = isRead ? await this.#readNews(lookedAt) : undefined;
    return { hasMoved, news, machine: await this.#options.machine() };
  }

  /** Asks the rules about what may have changed since the last look. */
  async look(
    before: ReadonlyMap<string, Alert>,
    { hasMoved, news, machine }: Scene,
    now: number,
    signal: AbortSignal,
  ): Promise<Looked> {
    const changed = this.#isAllChanged || hasMoved ? ('all' as const) : new Set(this.#changed);
    const asked = new Set(this.#asked);
    for (const name of this.#timedRules(now)) asked.add(name);
    const head = this.#options.registry.head();
    const isBehind = head.commit !== null && head.applied !== null && head.commit !== head.applied;
    this.#behindSince = isBehind ? (this.#behindSince ?? now) : undefined;
    this.#isAllChanged = false;
    this.#changed.clear();
    this.#asked.clear();
    const removed = [...this.#removed];
    const { alerts, failures, succeeded } = await evaluate(before, {
      rules: this.#rules,
      world: this.#world,
      readings: this.#measurements,
      head,
      machine,
      behindSince: this.#behindSince,
      changed,
      asked,
      entries: news?.entries ?? [],
      now,
      signal,
    });
    const gone = removed.filter((name) => !this.#rules.has(name));
    return {
      alerts: withoutRules(alerts, gone, now),
      turned: this.#noteFailures(failures, succeeded),
      removed,
    };
  }

  /** What the look found is known; rules that it saw removed need no other. */
  noted({ removed }: Looked): void {
    for (const name of removed) this.#removed.delete(name);
  }

  /** Something went wrong with the look: the next one is at everything. */
  lookAgain(): void {
    this.#isAllChanged = true;
    this.#hasNews = true;
  }

  /**
   * Whether the rules that manifests declare are here, as they are soon after a start. What is read of the journal counts as
   * looked at, and what happened while nobody ran, or meanwhile, is theirs, too.
   */
  #hasAllRules(): boolean {
    if (this.#isComplete) return true;
    const here = new Set([...this.#rules.values()].map(({ ref }) => ref));
    const declared = this.#world
      .ofKinds(['AlertRule'])
      .filter((ref) => this.#world.resource(ref) !== undefined);
    const isWhole = this.#world.isRead && declared.every((ref) => here.has(ref));
    this.#isComplete = isWhole || this.#options.clock.now() >= this.#patientUntil;
    return this.#isComplete;
  }

  /** Those that are to be asked again because time has passed. */
  #timedRules(now: number): readonly string[] {
    if (now >= this.#timedAt && now - this.#timedAt < timedMs) return [];
    this.#timedAt = now;
    return [...this.#rules.values()].filter(({ isTimed }) => isTimed).map(({ name }) => name);
  }

  #readNews(lookedAt: number | undefined): Promise<News> {
    this.#hasNews = false;
    const { registry, clock } = this.#options;
    return readNews(
      registry,
      lookedAt,
      () => this.#rules.values(),
      () => clock.now(),
    );
  }

  #noteFailures(failures: ReadonlyMap<string, string>, succeeded: ReadonlySet<string>): readonly string[] {
    const turned: string[] = [];
    for (const rule of succeeded) {
      if (!failures.has(rule) && this.#failures.delete(rule)) turned.push(rule);
    }
    for (const [rule, message] of failures) {
      if (!this.#failures.has(rule)) {
        turned.push(rule);
        this.#options.log.warn({ rule, error: message }, 'an alert rule cannot say whether it fires');
      }
      this.#failures.set(rule, message);
    }
    return [...turned, ...this.#measurements.takeTurned()];
  }
}

/** What a rule that is gone watched is over. */
function withoutRules(
  alerts: ReadonlyMap<string, Alert>,
  removed: readonly string[],
  now: number,
): ReadonlyMap<string, Alert> {
  if (removed.length === 0) return alerts;
  const left = new Map(alerts);
  for (const alert of alerts.values()) {
    if (!removed.includes(alert.rule) || alert.phase === 'resolved') continue;
    if (alert.phase === 'pending') left.delete(alert.id);
    else left.set(alert.id, { ...alert, phase: 'resolved', resolvedAt: now });
  }
  return left;
}
