import { defineCapability } from '../plugin.ts';
import type { Actor, CheckReport, Review } from './forge.ts';
import type { ProposalSubject } from './proposal-check.ts';

/** Says what a proposal must meet before it may merge, and whether it does. All gates must let it pass. */
export interface Gate {
  /** Configuration is read from `subject.base` alone. Never throws for what a proposal or its reviewers wrote. */
  judge(question: GateQuestion): Promise<GateVerdict>;
}

export interface GateQuestion {
  readonly subject: ProposalSubject;
  /** Those of this head and base. A check that has not ended is `pending`, one that never ran is absent. */
  readonly checks: readonly (CheckReport & { readonly facts?: Readonly<Record<string, unknown>> })[];
  readonly reviews: readonly Review[];
  /** The name of the forge's provider: an account is somebody's on that forge alone. */
  readonly forge: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface GateVerdict {
  readonly allowed: boolean;
  readonly requirements: readonly Requirement[];
  /** Whose approval of this head counted, in the order given: they are named in the merge commit. */
  readonly approvals?: readonly Approval[];
  /** Present where a person let it pass in spite of what is not met. */
  readonly breakGlass?: { readonly label: string; readonly by: string; readonly unmet: number };
}

/** An approval that counted, with what it was needed for. */
export interface Approval {
  /** `name` and `email` as they are to stand in history, from the base's own configuration where it knows the person. */
  readonly by: Actor;
  /** RFC 3339. */
  readonly at: string;
  /** The teams for which it counted. */
  readonly teams?: readonly string[];
}

/** One thing that must be so. */
export interface Requirement {
  /** Stable PascalCase: `ApprovalMissing`, `CheckFailed`, `SoakTooShort`, `FrozenNow`. */
  readonly code: string;
  /** Which rule asks for it, and where it stands: `Policy/production, rule two-approvals`. */
  readonly rule: string;
  readonly met: boolean;
  /** `needs 2 approvals by team risk; has 1 (Ada)`. */
  readonly message: string;
  /** What to do next, where it is not met. */
  readonly hint?: string;
  /** RFC 3339: when it will be met by itself, if it will (soak, freeze). */
  readonly metAt?: string;
}

export const gate = defineCapability<Gate>('gate');
