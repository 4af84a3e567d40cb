/** From what is so to who is told: rules make alerts, routes lead them to receivers, and all of it is written down before it is told. */
import { randomUUID } from 'node:crypto';
import type { MetricsSource } from '../../core/capabilities/metrics-source.ts';
import type { Notification, Notifier } from '../../core/capabilities/notifier.ts';
import type { NewJournalEntry, Registry } from '../../core/capabilities/registry.ts';
import type { SecretRef } from '../../core/capabilities/secrets.ts';
import { type JournalEntry, type Logger, messageOf, type Providers, type Ref } from '../../core/plugin.ts';
import type { Acknowledgement, Alert } from './alert.ts';
import type { Clock } from './clock.ts';
import {
  alertAmbiguous,
  alertUnknown,
  receiverAmbiguous,
  receiverSilent,
  receiverUnknown,
  silenceUnknown,
} from './errors.ts';
import { changesOf, entriesOf } from './journal.ts';
import { KeptState, noState, type State } from './kept-state.ts';
import { advance, type Tell } from './routing/groups.ts';
import { type Receiver, type Route, receiverAt } from './routing/route.ts';
import type { Silence } from './routing/silence.ts';
import { builtInRules } from './rules/built-in.ts';
import { evaluate, nextDueOf } from './rules/evaluation.ts';
import { Measurements } from './rules/measurements.ts';
import type { Rule } from './rules/rule.ts';
import { Courier } from './telling/courier.ts';
import { notificationOf } from './telling/notification.ts';
import { type Delivery, type Failure, failed, nextDue, put, sent } from './telling/outbox.ts';
import { World } from './world.ts';

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
  readonly log: Logger;
  readonly clock: Clock;
}

/** The platform as a whole is looked at so often; resources when they change. */
const tickMs = 15_000;
/** What came in this while is looked at together. */
const soonMs = 50;
const mostAlerts = 100;
/** How long what is over can still be seen. */
const rememberMs = 24 * 3_600_000;
/** Nobody wants to hear of it any more. */
const giveUpMs = 7 * 24 * 3_600_000;
/** After a start without memory, what must be told is looked for so far back. */
const lookBackMs = 24 * 3_600_000;

export class Alerting {
  readonly #options: AlertingOptions;
  readonly #kept: KeptState;
  readonly #world: World;
  readonly #courier: Courier;
  readonly #measurements: Measurements;
  readonly #rules = new Map<string, Rule>();
  readonly #routes = new Map<Ref, Route>();
  readonly #failures = new Map<string, string>();
  readonly #changed = new Set<Ref>();
  readonly #asked = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #stopping = new AbortController();
  #state: State = noState;
  #isAllChanged = false;
  #hasNews = true;
  #running: Promise<void> | undefined;
  #wanted = false;
  #isStarted = false;
  #cancelTimer: (() => void) | undefined;
  #cancelSoon: (() => void) | undefined;
  #given = 0;

  constructor(options: AlertingOptions) {
    this.#options = options;
    const { folder, log, registry, notifiers, readSecret, clock, sources } = options;
    this.#kept = new KeptState(folder, log);
    this.#world = new World(registry);
    this.#courier = new Courier({
      notifiers,
      route: (ref) => this.#routes.get(ref),
      readSecret,
      log,
      now: () => clock.now(),
      done: (delivery, failure) => this.#delivered(delivery, failure),
    });
    this.#measurements = new Measurements({
      sources,
      world: this.#world,
      clock,
      measured: (rule) => {
        this.#asked.add(rule);
        this.#soon();
      },
    });
    for (const rule of builtInRules()) this.#rules.set(rule.name, rule);
  }

  async start(): Promise<void> {
    this.#state = await this.#kept.read();
    this.#isStarted = true;
    this.#soon();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer?.();
    this.#cancelSoon?.();
    this.#measurements.stop();
    await this.#courier.stop();
    await this.#running;
    if (this.#isStarted) await this.#kept.write(this.#state);
  }

  // ── What changes in the world ──────────────────────────────────────────────────────────────────────────────

  /** Another commit is applied, or held. */
  snapshotMoved(): void {
    this.#isAllChanged = true;
    this.#soon();
  }

  statusChanged(ref: Ref): void {
    this.#changed.add(ref);
    this.#soon();
  }

  entryAppended(entry: JournalEntry): void {
    if (!this.#watchedTypes().has(entry.type)) return;
    this.#hasNews = true;
    this.#soon();
  }

  setRule(rule: Rule): void {
    this.#rules.set(rule.name, rule);
    this.#measurements.follow(rule);
    this.#asked.add(rule.name);
    this.#soon();
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
    this.#soon();
  }

  setRoute(route: Route): void {
    this.#routes.set(route.ref, route);
    this.#soon();
  }

  removeRoute(ref: Ref): void {
    this.#routes.delete(ref);
    const { groups, outbox } = this.#state;
    this.#state = {
      ...this.#state,
      groups: new Map([...groups].filter(([, group]) => group.route !== ref)),
      outbox: outbox.filter(({ route }) => route !== ref),
    };
    this.#soon();
  }

  // ── What people say ────────────────────────────────────────────────────────────────────────────────────────

  /** Somebody takes an alert: nobody else is called for it, and it is not repeated. Answers it. */
  async acknowledge(id: string, by: string, reason: string): Promise<Alert> {
    const alert = this.#firing(id);
    const at = this.#now();
    const acknowledged: Acknowledgement = { by, reason, at };
    // What happened once is over when somebody has seen it.
    const taken: Alert = { ...alert, acknowledged, ...(alert.endsAt === undefined ? {} : { endsAt: at }) };
    this.#state = { ...this.#state, alerts: new Map(this.#state.alerts).set(alert.id, taken) };
    await this.#kept.write(this.#state);
    await this.#record({
      type: 'alert.acknowledged',
      ref: alert.ref ?? null,
      commit: null,
      message: `${by} acknowledged ${alert.rule}${alert.ref === undefined ? '' : ` of ${alert.ref}`}: ${reason}`,
      data: { alert: alert.id, rule: alert.rule, by, reason },
    });
    this.#soon();
    return taken;
  }

  async silence(asked: Omit<Silence, 'id' | 'from'>): Promise<Silence> {
    const silence: Silence = { ...asked, id: randomUUID().slice(0, 8), from: this.#now() };
    this.#state = { ...this.#state, silences: [...this.#state.silences, silence] };
    await this.#kept.write(this.#state);
    await this.#record({
      type: 'alert.silenced',
      ref: null,
      commit: null,
      message: `${asked.by} silenced ${asked.matchers.join(', ')} until ${timeOf(asked.until)}: ${asked.reason}`,
      data: { ...silence, from: timeOf(silence.from), until: timeOf(silence.until) },
    });
    this.#soon();
    return silence;
  }

  async endSilence(id: string, by: string): Promise<Silence> {
    const found = this.#state.silences.find((one) => one.id === id && one.until > this.#now());
    if (found === undefined) throw silenceUnknown(id);
    const ended = { ...found, until: this.#now() };
    this.#state = {
      ...this.#state,
      silences: this.#state.silences.map((one) => (one.id === id ? ended : one)),
    };
    await this.#kept.write(this.#state);
    await this.#record({
      type: 'alert.silence-ended',
      ref: null,
      commit: null,
      message: `${by} ended the silence of ${found.matchers.join(', ')}`,
      data: { silence: id, by },
    });
    this.#soon();
    return ended;
  }

  /** Tells a receiver that this is a test. Throws what its notifier throws. */
  async test(name: string, by: string): Promise<{ readonly route: Ref; readonly receiver: Receiver }> {
    const { route, receiver } = this.#receiverNamed(name);
    if (receiver.notifier === undefined) throw receiverSilent(receiver.name);
    const at = timeOf(this.#now());
    const notification: Notification = {
      id: randomUUID(),
      group: `test ${route.ref} ${receiver.name}`,
      status: 'test',
      receiver: receiver.name,
      groupLabels: { alertname: 'test' },
      alerts: [
        {
          id: 'test',
          status: 'firing',
          name: 'test',
          severity: 'info',
          labels: { alertname: 'test', severity: 'info' },
          summary: `${by} tests the receiver ${receiver.name} of ${route.ref}`,
          since: at,
          evidence: [],
          help: [{ text: 'Nothing fires. Look at what does', command: 'switchyard alerts' }],
        },
      ],
      omitted: 0,
      at,
      registry: this.#options.registry.location,
      escalation: 0,
    };
    await this.#courier.tell(route.ref, receiver, notification);
    await this.#record({
      type: 'alert.tested',
      ref: route.ref,
      commit: null,
      message: `${by} tested the receiver ${receiver.name}`,
      data: { receiver: receiver.name, by },
    });
    return { route: route.ref, receiver };
  }

  // ── What can be seen ───────────────────────────────────────────────────────────────────────────────────────

  get state(): State {
    return this.#state;
  }

  get routes(): ReadonlyMap<Ref, Route> {
    return this.#routes;
  }

  get rules(): ReadonlyMap<string, Rule> {
    return this.#rules;
  }

  /** How often something was given up as not deliverable. */
  get givenUp(): number {
    return this.#given;
  }

  get counts(): Courier['counts'] {
    return this.#courier.counts;
  }

  failureOf(rule: string): string | undefined {
    return this.#failures.get(rule) ?? this.#measurements.failureOf(rule);
  }

  now(): number {
    return this.#now();
  }

  /** Resolves once all that is known by now has been looked at, all that is due was tried, and it is on disk. */
  async settled(): Promise<void> {
    do {
      this.#cancelSoon?.();
      this.#cancelSoon = undefined;
      await (this.#running ?? this.#run());
      await this.#courier.settled();
      await this.#kept.settled();
    } while (this.#running !== undefined || this.#cancelSoon !== undefined);
  }

  // ── How it goes on ─────────────────────────────────────────────────────────────────────────────────────────

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
        this.#isAllChanged = true;
        this.#hasNews = true;
        // Whatever it was, what fires must not wait for somebody else to move.
        this.#schedule([], this.#now());
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#wanted) this.#soon();
      });
    return this.#running;
  }

  async #step(): Promise<void> {
    const { signal } = this.#stopping;
    const hasMoved = await this.#world.read();
    const news = this.#hasNews ? await this.#newEntries() : undefined;
    const changed = this.#isAllChanged || hasMoved ? ('all' as const) : new Set(this.#changed);
    const asked = new Set(this.#asked);
    this.#isAllChanged = false;
    this.#changed.clear();
    this.#asked.clear();
    const now = this.#now();
    const before = this.#state.alerts;
    const removed = [...this.#removed];
    const evaluated = await evaluate(before, {
      rules: this.#rules,
      world: this.#world,
      readings: this.#measurements,
      head: this.#options.registry.head(),
      changed,
      asked,
      entries: news?.entries ?? [],
      now,
      signal,
    });
    // Somebody may have said something meanwhile.
    const found = withoutRules(
      evaluated.alerts,
      removed.filter((name) => !this.#rules.has(name)),
      now,
    );
    const alerts = withAcknowledged(found, this.#state.alerts);
    const woken = this.#noteFailures(evaluated.failures, evaluated.succeeded);
    const { groups, tells, nextAt } = advance(
      this.#state.groups,
      {
        routes: [...this.#routes.values()],
        alerts,
        silences: this.#state.silences,
        repeatMsOf: (route, name) => this.#notifierOf(receiverAt(route, name, now))?.repeatMs,
      },
      now,
    );
    let { outbox } = this.#state;
    for (const tell of tells) outbox = this.#enqueue(outbox, tell, alerts, now);
    const next: State = {
      alerts: forgotten(alerts, groups, now),
      groups,
      outbox: this.#giveUp(outbox, now),
      silences: this.#state.silences.filter(({ until }) => until > now - rememberMs),
      journal: news?.cursor ?? this.#state.journal,
    };
    this.#state = next;
    for (const name of removed) this.#removed.delete(name);
    const changes = changesOf(before, alerts);
    if (changes.any || tells.length > 0 || news !== undefined) await this.#kept.write(next);
    for (const entry of entriesOf(changes)) await this.#record(entry);
    for (const rule of new Set([...changes.rules, ...woken])) {
      const { ref } = this.#rules.get(rule) ?? {};
      if (ref !== undefined) this.#options.wake(ref);
    }
    if (signal.aborted) return;
    this.#courier.pump(this.#state.outbox);
    this.#schedule([nextAt, nextDueOf(next.alerts.values(), this.#rules), nextDue(this.#waiting())], now);
  }

  #schedule(dues: readonly (number | undefined)[], now: number): void {
    const due = dues.reduce<number>((least, at) => Math.min(least, at ?? least), now + tickMs);
    this.#cancelTimer?.();
    // What is due already and cannot be done now is looked at again in a second, not at once.
    this.#cancelTimer = this.#options.clock.after(due > now ? due - now : 1_000, () => {
      this.#run();
    });
  }

  /** Entries of the journal that rules ask for and that were not looked at yet, oldest first. */
  async #newEntries(): Promise<{ readonly entries: readonly JournalEntry[]; readonly cursor: number }> {
    this.#hasNews = false;
    const { registry } = this.#options;
    const [newest] = await registry.journal({ limit: 1 });
    const cursor = newest?.sequence ?? 0;
    const after = this.#state.journal ?? 0;
    const since = this.#state.journal === undefined ? this.#now() - lookBackMs : 0;
    const found: JournalEntry[] = [];
    for (const type of this.#watchedTypes()) {
      let before: number | undefined;
      for (;;) {
        const page = await registry.journal({
          type,
          after,
          limit: 1000,
          ...(before === undefined ? {} : { before }),
        });
        found.push(...page.filter(({ time }) => Date.parse(time) >= since));
        before = page.at(-1)?.sequence;
        if (page.length < 1000) break;
      }
    }
    found.sort((a, b) => a.sequence - b.sequence);
    return { entries: found.filter(({ sequence }) => sequence <= cursor), cursor };
  }

  #watchedTypes(): ReadonlySet<string> {
    const types = new Set<string>();
    for (const { scope } of this.#rules.values()) {
      if (scope.type === 'journal') for (const type of scope.types) types.add(type);
    }
    return types;
  }

  #enqueue(
    outbox: readonly Delivery[],
    tell: Tell,
    alerts: ReadonlyMap<string, Alert>,
    now: number,
  ): readonly Delivery[] {
    const { group } = tell;
    const route = this.#routes.get(group.route);
    if (route === undefined) return outbox;
    const receiver = receiverAt(route, group.receiver, now);
    const notifier = this.#notifierOf(receiver);
    if (receiver?.notifier === undefined) return outbox;
    const most = notifier?.mostAlerts ?? mostAlerts;
    const notification = notificationOf(tell, {
      id: randomUUID(),
      receiver: receiver.name,
      registry: this.#options.registry.location,
      alerts,
      most,
      now,
    });
    const delivery: Delivery = {
      route: route.ref,
      receiver: receiver.name,
      notification,
      createdAt: now,
      attempts: 0,
      nextAt: now,
      ...(tell.isRepeat ? { isRepeat: true } : {}),
    };
    return put(outbox, delivery, most, (id) => this.#courier.isSending(id));
  }

  #delivered(delivery: Delivery, failure: Failure | undefined): void {
    const { id } = delivery.notification;
    const { outbox } = this.#state;
    const isGone = failure?.code === 'ReceiverMissing';
    const left =
      failure === undefined || isGone ? sent(outbox, id) : failed(outbox, id, failure, this.#now());
    this.#state = { ...this.#state, outbox: left };
    const wasFailing = delivery.attempts > 0;
    if (wasFailing !== (failure !== undefined)) this.#options.wake(delivery.route);
    void this.#kept.write(this.#state);
    if (failure === undefined && delivery.isRepeat !== true) void this.#recordTold(delivery);
    this.#soon();
  }

  #recordTold({ route, receiver, notification, attempts }: Delivery): Promise<void> {
    const { id, status, alerts, omitted } = notification;
    const count = alerts.length + omitted;
    return this.#record({
      type: 'alert.told',
      ref: route,
      commit: null,
      message: `${receiver} was told: ${status}, ${count} ${count === 1 ? 'alert' : 'alerts'}: ${alerts[0]?.summary ?? ''}`,
      data: {
        receiver,
        notification: id,
        status,
        alerts: alerts.slice(0, 20).map((alert) => alert.id),
        attempts: attempts + 1,
      },
    });
  }

  #giveUp(outbox: readonly Delivery[], now: number): readonly Delivery[] {
    const old = outbox.filter(({ createdAt }) => createdAt < now - giveUpMs);
    if (old.length === 0) return outbox;
    this.#given += old.length;
    for (const { route, receiver, notification, error } of old) {
      void this.#record({
        type: 'alert.undelivered',
        ref: route,
        commit: null,
        message: `${receiver} could not be told for a week: ${notification.alerts[0]?.summary ?? ''}`,
        data: { receiver, notification: notification.id, ...(error === undefined ? {} : { ...error }) },
      });
    }
    return outbox.filter((one) => !old.includes(one));
  }

  /** Deliveries that are not being sent. */
  #waiting(): readonly Delivery[] {
    return this.#state.outbox.filter(({ notification }) => !this.#courier.isSending(notification.id));
  }

  #noteFailures(failures: ReadonlyMap<string, string>, succeeded: ReadonlySet<string>): readonly string[] {
    const woken: string[] = [];
    for (const rule of succeeded) {
      if (!failures.has(rule) && this.#failures.delete(rule)) woken.push(rule);
    }
    for (const [rule, message] of failures) {
      if (!this.#failures.has(rule)) {
        woken.push(rule);
        this.#options.log.warn({ rule, error: message }, 'an alert rule cannot say whether it fires');
      }
      this.#failures.set(rule, message);
    }
    return [...woken, ...this.#measurements.takeTurned()];
  }

  #notifierOf(receiver: Receiver | undefined): Notifier | undefined {
    const { notifiers } = this.#options;
    if (receiver?.notifier === undefined || !notifiers.names().includes(receiver.notifier)) return undefined;
    return notifiers.get(receiver.notifier);
  }

  #firing(id: string): Alert {
    const all = [...this.#state.alerts.values()].filter(({ phase }) => phase === 'firing');
    const found = id === '' ? [] : all.filter((alert) => alert.id.startsWith(id));
    const [only] = found;
    if (only === undefined) throw alertUnknown(id);
    if (found.length > 1)
      throw alertAmbiguous(
        id,
        found.map((alert) => alert.id),
      );
    return only;
  }

  #receiverNamed(name: string): { readonly route: Route; readonly receiver: Receiver } {
    const all = [...this.#routes.values()].flatMap((route) =>
      [...route.receivers.values()].map((receiver) => ({
        route,
        receiver,
        full: `${route.ref.slice(route.ref.indexOf('/') + 1)}/${receiver.name}`,
      })),
    );
    const found = all.filter(({ receiver, full }) => receiver.name === name || full === name);
    const [only] = found;
    if (only === undefined)
      throw receiverUnknown(
        name,
        all.map(({ full }) => full),
      );
    if (found.length > 1)
      throw receiverAmbiguous(
        name,
        found.map(({ full }) => full),
      );
    return only;
  }

  async #record(entry: NewJournalEntry): Promise<void> {
    try {
      await this.#options.registry.record(entry);
    } catch (error) {
      this.#options.log.error({ type: entry.type, error: messageOf(error) }, 'the journal cannot be written');
    }
  }

  #now(): number {
    return this.#options.clock.now();
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

/** Alerts as they were found, with what people said of them since. */
function withAcknowledged(
  found: ReadonlyMap<string, Alert>,
  newest: ReadonlyMap<string, Alert>,
): ReadonlyMap<string, Alert> {
  const alerts = new Map(found);
  for (const [id, { acknowledged, endsAt, since }] of newest) {
    const alert = alerts.get(id);
    if (acknowledged === undefined || alert === undefined || alert.acknowledged !== undefined) continue;
    if (alert.phase !== 'firing' || alert.since !== since) continue;
    alerts.set(id, { ...alert, acknowledged, ...(endsAt === undefined ? {} : { endsAt }) });
  }
  return alerts;
}

/** Without what has long been over and was told. */
function forgotten(
  alerts: ReadonlyMap<string, Alert>,
  groups: ReadonlyMap<string, { readonly told: Readonly<Record<string, unknown>> }>,
  now: number,
): ReadonlyMap<string, Alert> {
  const old = [...alerts.values()].filter(
    ({ phase, resolvedAt = now }) => phase === 'resolved' && resolvedAt <= now - rememberMs,
  );
  if (old.length === 0) return alerts;
  const left = new Map(alerts);
  const told = new Set([...groups.values()].flatMap((group) => Object.keys(group.told)));
  for (const { id } of old) if (!told.has(id)) left.delete(id);
  return left;
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
