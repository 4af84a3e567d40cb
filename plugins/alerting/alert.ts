import type { Fact, Help, Labels, Severity } from '../../core/capabilities/notifier.ts';
import type { Ref } from '../../core/plugin.ts';

/** What a rule says of one thing while its condition holds. */
export interface Sighting {
  /** Of the rule and of what it is about: the same thing is the same alert. */
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly ref?: Ref;
  readonly content: Content;
  /** Nothing keeps it from being told: no silence, no muted hours, no route that leaves it out. */
  readonly isMandatory: boolean;
}

export interface Content {
  readonly summary: string;
  readonly description?: string;
  readonly evidence: readonly Fact[];
  readonly help: readonly Help[];
  readonly runbook?: string;
  /** Changes with what people would want to hear of again: another reason, a proposal that is there now. */
  readonly revision: string;
}

/** One thing that a rule watches, from when its condition began to hold. JSON; times in milliseconds since 1970. */
export interface Alert extends Sighting {
  readonly phase: 'pending' | 'firing' | 'resolved';
  /** Since when the condition holds. */
  readonly since: number;
  readonly firedAt?: number;
  /** When it was seen to hold last. */
  readonly heldAt: number;
  readonly resolvedAt?: number;
  /** When it is over by itself: what happened once does not go on. */
  readonly endsAt?: number;
  readonly acknowledged?: Acknowledgement;
}

export interface Acknowledgement {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}
