import { defineCapability } from '../plugin.ts';

/**
 * Tells people, or another system, that something fires or is over. A provider's name is what an AlertRoute writes for a
 * receiver of its sort: `webhook`, `slack`. It keeps nothing: what is to be told, and again after a failure, is kept by
 * who asks.
 */
export interface Notifier {
  /** Whether it can do without a secret, needs one, or has no use for one. */
  readonly secret: 'none' | 'optional' | 'required';
  /** What the secret is, for people: `the URL of the incoming webhook`. */
  readonly secretIs?: string;
  /** What is wrong with a receiver's settings, in a sentence; `secretRef` is not among them. Pure. */
  problem?(settings: NotifierSettings): string | undefined;
  /** How many alerts one notification carries at most; `omitted` counts the others. Default 100. */
  readonly mostAlerts?: number;
  /** Wants to hear again so often, in milliseconds, as long as something fires, whatever the route says. */
  readonly repeatMs?: number;
  /**
   * Tells once. Resolves when the other side has taken it. The same notification may come again, after a crash or an
   * answer that got lost, with the same `id`: whoever can tells it once. Throws `NotifierUnreachable` where trying again
   * may help (`retryAfterMs`: when it said so) and `NotifierRefused` where a human must help first. No error holds the
   * secret. Ends soon after `signal`.
   */
  notify(telling: Telling, signal: AbortSignal): Promise<void>;
}

export type NotifierSettings = Readonly<Record<string, unknown>>;

export interface Telling {
  readonly notification: Notification;
  /** The receiver's block of the AlertRoute. */
  readonly settings: NotifierSettings;
  /** Present where the receiver names one. */
  readonly secret?: string;
}

/** What is said about one group of alerts. JSON. Texts come from manifests and from the world: whoever shows them escapes them. */
export interface Notification {
  /** One for each thing that is told; the same in every attempt to tell it. */
  readonly id: string;
  /** The same for a group as long as it lives and when it comes back: what an incident, a thread or an issue is found by. */
  readonly group: string;
  /** `firing` while any alert fires, `acknowledged` when a person has taken the last of them, `resolved` when all are over. */
  readonly status: 'firing' | 'acknowledged' | 'resolved' | 'test';
  readonly receiver: string;
  /** What the alerts were grouped by. */
  readonly groupLabels: Labels;
  /** Those that fire first, worst first. */
  readonly alerts: readonly NotifiedAlert[];
  /** How many more there are. */
  readonly omitted: number;
  /** When it was made, RFC 3339. */
  readonly at: string;
  /** Where the registry lives, without credentials. */
  readonly registry: string;
  /** 0: the route's own receiver. From 1: nobody has acknowledged what the level before was told. */
  readonly escalation: number;
}

export type Labels = Readonly<Record<string, string>>;

export interface NotifiedAlert {
  /** What people write to acknowledge it. */
  readonly id: string;
  readonly status: 'firing' | 'resolved';
  /** The rule's. */
  readonly name: string;
  readonly severity: Severity;
  readonly labels: Labels;
  /** One line: what. */
  readonly summary: string;
  readonly description?: string;
  /** Where: the resource, if it is about one. */
  readonly ref?: string;
  /** RFC 3339: since when it is so. */
  readonly since: string;
  /** RFC 3339: when it was over. */
  readonly until?: string;
  /** What shows it, by its name: `Degraded RolledBack`. */
  readonly evidence: readonly Fact[];
  /** What helps, best first. */
  readonly help: readonly Help[];
  readonly runbook?: string;
  readonly acknowledged?: { readonly by: string; readonly at: string; readonly reason: string };
}

export type Severity = 'critical' | 'warning' | 'info';

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** A command to run, or a page to look at. */
export interface Help {
  readonly text: string;
  readonly command?: string;
  readonly url?: string;
}

export const notifier = defineCapability<Notifier>('notifier');
