/** Leads alerts to receivers: what each group is to be told goes into the outbox, and what became of it is written down. */
import { randomUUID } from 'node:crypto';
import type { Notifier } from '../../../core/capabilities/notifier.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import type { SecretRef } from '../../../core/capabilities/secrets.ts';
import type { Logger, Providers, Ref } from '../../../core/plugin.ts';
import type { Alert } from '../alert.ts';
import type { Recording } from '../journal.ts';
import type { State } from '../kept-state.ts';
import type { Memory } from '../memory.ts';
import { advance, type Tell } from '../routing/groups.ts';
import { type Receiver, type Route, receiverAt } from '../routing/route.ts';
import { Courier } from './courier.ts';
import { notificationOf } from './notification.ts';
import { type Delivery, type Failure, failed, nextDue, put, sent } from './outbox.ts';
import { testReceiver } from './receiver-test.ts';

export interface DispatchOptions {
  readonly memory: Memory;
  readonly registry: Pick<Registry, 'location'>;
  readonly notifiers: Providers<Notifier>;
  readonly readSecret: (ref: SecretRef, usedBy: Ref) => Promise<string>;
  readonly record: Recording;
  /** What does not arrive shows on the route. */
  readonly wake: (ref: Ref) => void;
  readonly log: Logger;
  readonly now: () => number;
  /** There is something to look at. */
  readonly soon: () => void;
}

export interface Dispatched extends Pick<State, 'groups' | 'outbox'> {
  /** Something is to be told. */
  readonly hasTold: boolean;
  /** When there is something to tell again, if the world stays as it is. */
  readonly nextAt: number | undefined;
}

const mostAlerts = 100;
/** Nobody wants to hear of it any more. */
const giveUpMs = 7 * 24 * 3_600_000;

export class Dispatch {
  readonly #options: DispatchOptions;
  readonly #courier: Courier;
  readonly #routes = new Map<Ref, Route>();
  #given = 0;

  constructor(options: DispatchOptions) {
    this.#options = options;
    const { notifiers, readSecret, log, now } = options;
    this.#courier = new Courier({
      notifiers,
      route: (ref) => this.#routes.get(ref),
      readSecret,
      log,
      now,
      done: (delivery, failure) => this.#delivered(delivery, failure),
    });
  }

  get routes(): ReadonlyMap<Ref, Route> {
    return this.#routes;
  }

  /** How often something was given up as not deliverable. */
  get givenUp(): number {
    return this.#given;
  }

  get counts(): Courier['counts'] {
    return this.#courier.counts;
  }

  setRoute(route: Route): void {
    this.#routes.set(route.ref, route);
    this.#options.soon();
  }

  removeRoute(ref: Ref): void {
    this.#routes.delete(ref);
    const { memory, soon } = this.#options;
    const { groups, outbox } = memory.state;
    memory.change({
      groups: new Map([...groups].filter(([, group]) => group.route !== ref)),
      outbox: outbox.filter(({ route }) => route !== ref),
    });
    soon();
  }

  /** Tells a receiver that this is a test. Throws what its notifier throws. */
  test(name: string, by: string): Promise<{ readonly route: Ref; readonly receiver: Receiver }> {
    const { registry, record, now } = this.#options;
    const [routes, courier] = [this.#routes, this.#courier];
    return testReceiver(name, by, { routes, courier, record, registry: registry.location, now: now() });
  }

  /** Groups and outbox as they are with these alerts. Nothing is sent before that is known: see `send`. */
  dispatch(alerts: ReadonlyMap<string, Alert>, now: number): Dispatched {
    const { state } = this.#options.memory;
    const { groups, tells, nextAt } = advance(
      state.groups,
      {
        routes: [...this.#routes.values()],
        alerts,
        silences: state.silences,
        repeatMsOf: (route, name) => this.#notifierOf(receiverAt(route, name, now))?.repeatMs,
      },
      now,
    );
    let { outbox } = state;
    for (const tell of tells) outbox = this.#enqueue(outbox, tell, alerts, now);
    return { groups, outbox: this.#giveUp(outbox, now), hasTold: tells.length > 0, nextAt };
  }

  /** Sends what is due. Answers when something else will be. After a start routes come one by one: what waits for one that has not yet stays. */
  send(): number | undefined {
    const outbox = this.#options.memory.state.outbox.filter(({ route }) => this.#routes.has(route));
    this.#courier.pump(outbox);
    return nextDue(outbox.filter(({ notification }) => !this.#courier.isSending(notification.id)));
  }

  /** Resolves once all that is under way has ended. */
  async settled(): Promise<void> {
    await this.#courier.settled();
  }

  async stop(): Promise<void> {
    await this.#courier.stop();
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

  #giveUp(outbox: readonly Delivery[], now: number): readonly Delivery[] {
    const old = outbox.filter(({ createdAt }) => createdAt < now - giveUpMs);
    if (old.length === 0) return outbox;
    this.#given += old.length;
    for (const { route, receiver, notification, error } of old) {
      void this.#options.record({
        type: 'alert.undelivered',
        ref: route,
        commit: null,
        message: `${receiver} could not be told for a week: ${notification.alerts[0]?.summary ?? ''}`,
        data: { receiver, notification: notification.id, ...(error === undefined ? {} : { ...error }) },
      });
    }
    return outbox.filter((one) => !old.includes(one));
  }

  #notifierOf(receiver: Receiver | undefined): Notifier | undefined {
    const { notifiers } = this.#options;
    if (receiver?.notifier === undefined || !notifiers.names().includes(receiver.notifier)) return undefined;
    return notifiers.get(receiver.notifier);
  }

  #delivered(delivery: Delivery, failure: Failure | undefined): void {
    const { memory, now, wake, soon } = this.#options;
    const { id } = delivery.notification;
    const { outbox } = memory.state;
    const isGone = failure?.code === 'ReceiverMissing';
    const left = failure === undefined || isGone ? sent(outbox, id) : failed(outbox, id, failure, now());
    memory.change({ outbox: left });
    const wasFailing = delivery.attempts > 0;
    if (wasFailing !== (failure !== undefined)) wake(delivery.route);
    void memory.keep();
    if (failure === undefined && delivery.isRepeat !== true) void this.#recordTold(delivery);
    soon();
  }

  #recordTold({ route, receiver, notification, attempts }: Delivery): Promise<void> {
    const { id, status, alerts, omitted } = notification;
    const count = alerts.length + omitted;
    return this.#options.record({
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
}
