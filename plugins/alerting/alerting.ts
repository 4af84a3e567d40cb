/** From what is so to who is told: rules make alerts, routes lead them to receivers, and all of it is written down before it is told. */

import type { MetricsSource } from '../../core/capabilities/metrics-source.ts';
import type { Notifier } from '../../core/capabilities/notifier.ts';
import type { SinkTrouble } from '../../core/capabilities/prediction-sink.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { SecretRef } from '../../core/capabilities/secrets.ts';
import { type Logger, messageOf, type Providers, type Ref } from '../../core/plugin.ts';
import type { Clock } from './clock.ts';
import type { DiskSpace } from './disk.ts';
import { changesOf, entriesOf, type Recording, recording } from './journal.ts';
import { Memory, rememberedAlerts, rememberedSilences } from './memory.ts';
import { Quieting, withAcknowledged } from './quieting.ts';
import { nextDueOf } from './rules/evaluation.ts';
import { Watch } from './rules/watch.ts';
import { Dispatch } from './telling/dispatch.ts';

export interface AlertingOptions {
  readonly registry: Pick<
    Registry,
    'location' | 'applied' | 'examine' | 'status' | 'head' | 'journal' | 'record'
  >;
  readonly notifiers: Providers<Notifier>;
  readonly sources: Providers<MetricsSource>;
  readonly readSecret: (ref: SecretRef, usedBy: Ref) => Promise<string>;
  /** What fires, or does not arrive, shows on the rule and the route. */
  readonly wake: (ref: Ref) => void;
  /** What must not be forgotten is kept here. */
  readonly folder: string;
  /** Room on its disk; undefined where the system does not say. */
  readonly disk: () => Promise<DiskSpace | undefined>;
  /** What keeps predictions from being kept. */
  readonly predictionLog: () => SinkTrouble;
  readonly log: Logger;
  readonly clock: Clock;
}

/** The platform as a whole is looked at so often; resources when they change. */
const tickMs = 15_000;
/** What came in this while is looked at together. */
const soonMs = 50;

/** The whole of it: its parts are asked directly, and it keeps them in step. */
export class Alerting {
  /** What is known: alerts, silences, what is on its way. */
  readonly memory: Memory;
  /** Which rules there are, and what moved that they look at. */
  readonly watch: Watch;
  /** What people say. */
  readonly quieting: Quieting;
  /** Whom to tell. */
  readonly dispatch: Dispatch;
  readonly now: () => number;
  readonly #options: AlertingOptions;
  readonly #record: Recording;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #wanted = false;
  #isStarted = false;
  #cancelTimer: (() => void) | undefined;
  #cancelSoon: (() => void) | undefined;

  constructor(options: AlertingOptions) {
    this.#options = options;
    const { folder, disk, predictionLog, log, registry, notifiers, readSecret, wake, clock, sources } =
      options;
    const memory = new Memory(folder, log);
    const record = recording(registry, log);
    const now = () => clock.now();
    const soon = () => this.#soon();
    this.now = now;
    this.memory = memory;
    this.#record = record;
    const machine = async () => ({
      unwritten: memory.unwritten,
      disk: await disk(),
      predictionLog: predictionLog(),
    });
    this.watch = new Watch({ registry, sources, machine, log, clock, soon });
    this.quieting = new Quieting({ memory, record, now, soon });
    const telling = { notifiers, readSecret, record, wake, log };
    this.dispatch = new Dispatch({ ...telling, memory, registry, now, soon });
  }

  async start(): Promise<void> {
    await this.memory.read();
    this.#isStarted = true;
    this.#soon();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer?.();
    this.#cancelSoon?.();
    this.watch.stop();
    await this.dispatch.stop();
    await this.#running;
    if (this.#isStarted) await this.memory.keep();
  }

  /** Resolves once all that is known by now has been looked at, all that is due was tried, and it is on disk. */
  async settled(): Promise<void> {
    do {
      this.#cancelSoon?.();
      this.#cancelSoon = undefined;
      await (this.#running ?? this.#run());
      await this.dispatch.settled();
      await this.memory.settled();
    } while (this.#running !== undefined || this.#cancelSoon !== undefined);
  }

  #soon(): void {
    if (!this.#isStarted || this.#stopping.signal.aborted) return;
    if (this.#running !== undefined) {
      this.#wanted = true;
      return;
    }
    this.#cancelSoon ??= this.#options.clock.after(soonMs, () => {
      this.#cancelSoon = undefined;
      this.#run();
    });
  }

  #run(): Promise<void> {
    this.#wanted = false;
    this.#running ??= this.#step()
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        this.#options.log.error({ error: messageOf(error) }, 'alerts could not be looked at');
        this.watch.lookAgain();
        // Whatever it was, what fires must not wait for somebody else to move.
        this.#schedule([], this.now());
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#wanted) this.#soon();
      });
    return this.#running;
  }

  async #step(): Promise<void> {
    const { signal } = this.#stopping;
    const memory = this.memory;
    const scene = await this.watch.read(memory.state.journal);
    const now = this.now();
    const before = memory.state.alerts;
    const looked = await this.watch.look(before, scene, now, signal);
    // Somebody may have said something meanwhile.
    const alerts = withAcknowledged(looked.alerts, memory.state.alerts);
    const { groups, outbox, hasTold, nextAt } = this.dispatch.dispatch(alerts, now);
    const remembered = rememberedAlerts(alerts, groups, now);
    memory.change({
      alerts: remembered,
      groups,
      outbox,
      silences: rememberedSilences(memory.state.silences, now),
      ...(scene.news === undefined ? {} : { journal: scene.news.cursor }),
    });
    this.watch.noted(looked);
    const changes = changesOf(before, alerts);
    const isOwed = memory.unwritten !== undefined;
    if (changes.any || hasTold || scene.news !== undefined || isOwed) await memory.keep();
    for (const entry of entriesOf(changes)) await this.#record(entry);
    for (const rule of new Set([...changes.rules, ...looked.turned])) {
      const { ref } = this.watch.rules.get(rule) ?? {};
      if (ref !== undefined) this.#options.wake(ref);
    }
    if (signal.aborted) return;
    const sendAt = this.dispatch.send();
    this.#schedule([nextAt, nextDueOf(remembered.values(), this.watch.rules), sendAt], now);
  }

  #schedule(dues: readonly (number | undefined)[], now: number): void {
    const due = dues.reduce<number>((least, at) => Math.min(least, at ?? least), now + tickMs);
    this.#cancelTimer?.();
    // What is due already and cannot be done now is looked at again in a second, not at once.
    this.#cancelTimer = this.#options.clock.after(due > now ? due - now : 1_000, () => {
      this.#run();
    });
  }
}
