import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement, MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import type { Notification, Notifier, Telling } from '../../../core/capabilities/notifier.ts';
import { notifierUnreachable } from '../../../core/capabilities/notifier-errors.ts';
import type { SinkTrouble } from '../../../core/capabilities/prediction-sink.ts';
import type { RegistryHead } from '../../../core/capabilities/registry.ts';
import type { Condition, JournalEntry, Providers, Ref, Resource, Status } from '../../../core/plugin.ts';
import { Alerting } from '../../../plugins/alerting/alerting.ts';
import type { DiskSpace } from '../../../plugins/alerting/disk.ts';
import { compileRoute } from '../../../plugins/alerting/routing/route.ts';
import { compileRule } from '../../../plugins/alerting/rules/rule.ts';
import type { AlertRouteSpec } from '../../../schemas/generated/alert-route.ts';
import type { AlertRuleSpec } from '../../../schemas/generated/alert-rule.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

/** A receiver that writes down what it was told, and can be down. */
export class Ear implements Notifier {
  readonly secret = 'optional';
  readonly heard: Notification[] = [];
  isDown = false;
  /** It takes the notification, and its answer gets lost. */
  losesAnswers = false;

  async notify({ notification }: Telling): Promise<void> {
    if (this.isDown) throw notifierUnreachable('the ear', 'it is down');
    this.heard.push(notification);
    if (this.losesAnswers) throw notifierUnreachable('the ear', 'no answer');
  }

  /** `firing rolled-back, rolled-back` for each that was told. */
  get said(): readonly string[] {
    return this.heard.map(({ status, alerts }) => `${status} ${alerts.map(({ name }) => name).join(', ')}`);
  }
}

/** What alerting stands on, set by hand: resources, statuses, journal, the head, and a clock. */
export class AlertingWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-alerting-'));
  readonly clock = new HandClock();
  readonly ear = new Ear();
  readonly other = new Ear();
  readonly log = recordingLog();
  readonly journal: JournalEntry[] = [];
  readonly woken: Ref[] = [];
  isJournalBroken = false;
  /** Room on the disk. */
  disk: DiskSpace | undefined;
  predictionLog: SinkTrouble = {};
  readonly resources = new Map<Ref, Resource>();
  readonly statuses = new Map<Ref, Status>();
  measurement: () => Promise<Measurement> = async () => ({ type: 'noData', reason: 'nothing was asked' });
  head: RegistryHead = { commit: 'c1', applied: 'c1', held: null, error: null, lookedAt: null };
  #commits = 1;
  #generation = 0;
  alerting: Alerting = this.#make();

  async start(): Promise<Alerting> {
    await this.alerting.start();
    await this.alerting.settled();
    return this.alerting;
  }

  /** As after a kill: nothing is said goodbye to. What runs of the old one goes nowhere. */
  async restart(): Promise<Alerting> {
    this.alerting = this.#make();
    return this.start();
  }

  route(spec: Partial<AlertRouteSpec>, name = 'all'): void {
    const receivers = [
      { name: 'ear', ear: {} },
      { name: 'other', other: {} },
    ] as AlertRouteSpec['receivers'];
    this.alerting.dispatch.setRoute(
      compileRoute(`AlertRoute/${name}`, { receiver: 'ear', receivers, ...spec }),
    );
  }

  rule(name: string, spec: AlertRuleSpec): void {
    const rule = compileRule(name, spec, { ref: `AlertRule/${name}` });
    if (!('holds' in rule)) throw new Error(rule.map(({ message }) => message).join());
    this.alerting.watch.setRule(rule);
  }

  /** Declares resources, which is another commit. */
  async declare(...refs: readonly Ref[]): Promise<void> {
    for (const ref of refs) this.resources.set(ref, resourceOf(ref));
    this.#commits += 1;
    this.head = { ...this.head, commit: `c${this.#commits}`, applied: `c${this.#commits}` };
    this.alerting.watch.snapshotMoved();
    await this.alerting.settled();
  }

  /** Gives a resource a condition, or takes its conditions away. */
  async becomes(
    ref: Ref,
    condition?: Pick<Condition, 'type' | 'reason'> & { message?: string },
    facts?: object,
  ) {
    this.put(ref, condition, facts);
    await this.alerting.settled();
  }

  put(ref: Ref, condition?: Pick<Condition, 'type' | 'reason'> & { message?: string }, facts?: object): void {
    const conditions: Condition[] =
      condition === undefined
        ? []
        : [
            {
              type: condition.type,
              status: condition.type === 'Ready' ? 'False' : 'True',
              reason: condition.reason,
              message: condition.message ?? 'so it is',
              observedCommit: 'c1',
              lastTransitionTime: new Date(this.clock.now()).toISOString(),
            },
          ];
    this.statuses.set(ref, {
      ref,
      conditions,
      observedDigest: '',
      suspended: false,
      ...(facts === undefined ? {} : { facts: facts as never }),
    });
    this.alerting.watch.statusChanged(ref);
  }

  async happens(type: string, message: string, data: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.#append(type, message, data);
    await this.alerting.settled();
  }

  /** Something that is written down while nobody looks. */
  happensUnseen(type: string, message: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.#append(type, message, data);
  }

  /** Lets time pass, and whatever becomes due happen, in steps. */
  async passes(ms: number, step = 10_000): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.clock.turn(Math.min(left, step));
      await this.alerting.settled();
    }
  }

  async close(): Promise<void> {
    await this.alerting.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #append(type: string, message: string, data: Readonly<Record<string, unknown>>): void {
    const time = new Date(this.clock.now()).toISOString();
    const entry = { sequence: this.journal.length + 1, time, type, ref: null, commit: null, message, data };
    this.journal.push(entry);
    this.alerting?.watch.entryAppended(entry);
  }

  #make(): Alerting {
    this.#generation += 1;
    const generation = this.#generation;
    const notifiers: Readonly<Record<string, Notifier>> = { ear: this.ear, other: this.other };
    const source: MetricsSource = { measure: () => this.measurement() };
    return new Alerting({
      registry: {
        location: 'the registry of a test',
        applied: () => this.head.applied,
        head: () => this.head,
        status: (ref) => this.statuses.get(ref),
        examine: async (commit) => ({ commit, time: 0, resources: new Map(this.resources), issues: [] }),
        journal: async ({ type, after = 0, before = Number.POSITIVE_INFINITY, limit }) => {
          if (this.isJournalBroken) throw new Error('the journal cannot be read');
          return this.journal
            .filter((entry) => type === undefined || entry.type === type)
            .filter(({ sequence }) => sequence > after && sequence < before)
            .reverse()
            .slice(0, limit);
        },
        record: async ({ type, message, data }) => this.#append(type, message, data),
      },
      notifiers: providersOf(notifiers),
      sources: providersOf({ prometheus: source }),
      readSecret: async () => 'secret',
      wake: (ref) => void this.woken.push(ref),
      folder: this.folder,
      disk: async () => this.disk,
      predictionLog: () => this.predictionLog,
      log: this.log,
      // A process that was killed has no timers.
      clock: {
        now: () => this.clock.now(),
        after: (ms, callback) =>
          this.clock.after(ms, () => {
            if (generation === this.#generation) callback();
          }),
      },
    });
  }
}

function providersOf<T>(all: Readonly<Record<string, T>>): Providers<T> {
  return {
    names: () => Object.keys(all),
    get(name) {
      const found = all[name];
      if (found === undefined) throw new Error(`no provider ${name}`);
      return found;
    },
  };
}

function resourceOf(ref: Ref): Resource {
  const [kind = '', ...path] = ref.split('/');
  const name = path.at(-1) ?? '';
  const scope = path.length > 1 ? { environment: path[0] ?? '' } : {};
  return {
    ref,
    apiVersion: 'switchyard/v1',
    kind,
    metadata: { name, ...scope },
    spec: { model: name, version: '1.1.0' },
    origin: { commit: 'c1', path: `${ref}.yaml`, line: 1, column: 1 },
    digest: `of ${ref}`,
    attachments: [],
  };
}
