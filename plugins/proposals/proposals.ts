import type {
  Actor,
  BrokenProposal,
  CheckReport,
  Proposal,
  ProposalQuery,
  Review,
  Sign,
} from '../../core/capabilities/forge.ts';
import type { Approval, GateVerdict, Requirement } from '../../core/capabilities/gate.ts';
import type { CheckVerdict } from '../../core/capabilities/proposal-check.ts';
import type { Intent, Proposer } from '../../core/capabilities/proposer.ts';
import type { Plan, RegistryIssue } from '../../core/capabilities/registry.ts';
import type { BlastRadius } from './judging/blast-radius.ts';
import type { ModelDiff } from './judging/model-diff.ts';
import type { PredictedDuration } from './judging/predicted-duration.ts';
import type { ProposalWarning } from './judging/proposal-warnings.ts';

/**
 * Proposes, judges and merges. Made by `createProposals`, the same on a server and on a laptop with a clone: the server
 * calls `start`, the command line calls one method and `stop`.
 */
export interface Proposals extends Proposer {
  /** Newest first, each with the verdict that is known of it; nothing is judged for this. */
  list(query: ProposalQuery): Promise<readonly ListedProposal[]>;
  /** What lies where proposals should be and cannot be read as one. Empty where the forge has no such thing. */
  broken(): Promise<readonly BrokenProposal[]>;
  /**
   * One proposal with what is known of its judgement, at once: a check that has not ended is `pending` in it, and the
   * judging goes on in the background. Throws `ProposalNotFound`, and where it waits `JudgementVoid`.
   */
  show(number: number, options?: ShowOptions): Promise<ShownProposal>;
  /**
   * Judges the proposal as it is now, and tells the forge. Resolves when all checks have ended; what already holds for
   * this head and base is not done again. Throws `ProposalNotFound`, and `JudgementVoid` where head or base moved
   * meanwhile.
   */
  judge(number: number, options?: JudgeOptions): Promise<Judgement>;
  /**
   * Merges what every gate allows, for exactly this head and base. Merged already: answers the commit again. Throws
   * `MergeRefused` with what is missing, `ProposalMoved`, `ProposalClosed`, `MergeConflict`.
   */
  merge(number: number, merge: MergeRequest): Promise<{ readonly commit: string }>;
  /** Closes it without merging. Throws `ProposalMerged`. */
  close(number: number, close: CloseRequest): Promise<void>;
  /** What waits for the forge, in its order, and what was refused of late. */
  queue(): Promise<readonly QueuedIntent[]>;
  /** Follows the forge and the registry until `stop`. Goes on with what a crash interrupted. */
  start(): void;
  /** Says that something may have moved: a push, a webhook. */
  look(): void;
  /** Waits until nothing is left to do about what was moved before the call. For tests and the command line. */
  idle(): Promise<void>;
  /** Prometheus text. */
  metrics(): string;
  stop(): Promise<void>;
}

export interface ShowOptions {
  /**
   * What becomes of checks that have no verdict yet: they are waited for; they run on after the answer (the default); or
   * slow ones are not begun, for a process that ends with its answer.
   */
  readonly run?: 'wait' | 'background' | 'none';
  /** Runs checks again although their verdict is known: these, or all. */
  readonly again?: readonly string[] | 'all';
  /** Told how far it is, where it waits. */
  readonly onChange?: (judgement: Judgement) => void;
}

export interface JudgeOptions {
  /** Runs checks again although their verdict is known: these, or all. */
  readonly again?: readonly string[] | 'all';
  /** False: answers as soon as there is something to show; checks run on. Default true. */
  readonly wait?: boolean;
  /** False: nothing is told to the forge, for one who only looks. Default true. */
  readonly tell?: boolean;
}

export interface MergeRequest {
  readonly by: Actor & { readonly email: string };
  readonly sign?: Sign;
  /** The head that the caller looked at. */
  readonly expectedHead?: string;
}

export interface CloseRequest {
  readonly by: Actor & { readonly email: string };
  readonly sign?: Sign;
  readonly reason: string;
}

export interface ListedProposal {
  readonly proposal: Proposal;
  /** Null where it was not judged yet, or what was judged is void. */
  readonly verdict: Verdict | null;
}

export interface ShownProposal {
  readonly proposal: Proposal;
  readonly reviews: readonly Review[];
  /** Null for a proposal that is not open or wants another branch. */
  readonly judgement: Judgement | null;
}

/** What is known of one pair of head and base, and of no other. Void when either moves. Plain JSON. */
export interface Judgement {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  /** The merge result, a commit that no reference names; null where it conflicts. */
  readonly merged: string | null;
  /** Paths that a person must settle. */
  readonly conflicts: readonly string[];
  readonly plan: Plan | null;
  /** What is wrong in the merge result and not yet in the base. */
  readonly issues: readonly RegistryIssue[];
  /** What does not block it and its reviewer should know. */
  readonly warnings: readonly ProposalWarning[];
  /** Why the platform would hold the merge result, if it would. */
  readonly held: { readonly reason: string; readonly message: string } | null;
  readonly checks: readonly JudgedCheck[];
  readonly verdict: Verdict;
  readonly models: readonly ModelDiff[];
  readonly blastRadius: BlastRadius;
  readonly duration: PredictedDuration;
}

/** A check as it is told to the forge, with what programs want of it. */
export interface JudgedCheck extends CheckReport {
  readonly title: string;
  readonly facts?: CheckVerdict['facts'];
  readonly annotations?: CheckVerdict['annotations'];
}

/** What all gates say together. */
export interface Verdict {
  /** `pending` while checks run; the requirements are then those that are known. */
  readonly state: 'allowed' | 'refused' | 'pending';
  readonly requirements: readonly (Requirement & { readonly gate: string })[];
  readonly approvals: readonly Approval[];
  readonly breakGlass: NonNullable<GateVerdict['breakGlass']> | null;
}

export interface QueuedIntent {
  readonly id: string;
  readonly intent: Intent;
  /** RFC 3339. */
  readonly at: string;
  readonly state: 'waiting' | 'refused';
  /** Why it waits, or was refused. */
  readonly reason: string;
}
