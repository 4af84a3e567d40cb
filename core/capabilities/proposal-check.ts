import { defineCapability, type Logger } from '../plugin.ts';
import type { CheckOutcome, Proposal } from './forge.ts';
import type { Examined, Plan, RegistryIssue } from './registry.ts';

/**
 * One thing that is judged about each proposal. Providers are named as people see them: `model-card`, `signature`. A
 * check reads the merge result as data: nothing of the proposal is run but its models, and those in a process apart.
 */
export interface ProposalCheck {
  /** A few words: `The model card is complete`. */
  readonly title: string;
  /** Increase it whenever the same input could get another verdict. */
  readonly version: number;
  /** It loads models, measures or fetches, so that nobody who only looks waits for it: until it ends it is `pending`. */
  readonly slow?: boolean;
  /**
   * A text that holds all that the verdict depends on, such as the digests of what is judged; the same text has the same
   * verdict and is not judged again. Undefined: this proposal is none of its business (`neutral`, and `run` is not called).
   */
  concerns(subject: ProposalSubject): string | undefined;
  /** Throws only what is nobody's verdict: it then counts as `error` and is tried again. */
  run(subject: ProposalSubject, context: CheckContext): Promise<CheckVerdict>;
}

export interface ProposalSubject {
  readonly proposal: Proposal;
  /** What the base branch says. What judges comes from here, never from `merged`. */
  readonly base: Examined;
  /** What the base branch would say after the merge. */
  readonly merged: Examined;
  /** From base to merged. */
  readonly plan: Plan;
  /** Files that differ between base and merged; blob ids, null where there is none. */
  readonly files: readonly ChangedFile[];
}

export interface ChangedFile {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface CheckContext {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Tells how far it is, in a few words. */
  progress(words: string): void;
}

export interface CheckVerdict {
  readonly outcome: Exclude<CheckOutcome, 'pending'>;
  /** One line that a reviewer reads: `AUC 0.791 → 0.774 on 1999–2002 (−0.017, 95 % [−0.029, −0.006])`. */
  readonly summary: string;
  /** Markdown: a table, a list. */
  readonly details?: string;
  /** Places in files. */
  readonly annotations?: readonly RegistryIssue[];
  /** Figures for programs and policies: `{ aucDifference: -0.017 }`. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export const proposalCheck = defineCapability<ProposalCheck>('proposal-check');
