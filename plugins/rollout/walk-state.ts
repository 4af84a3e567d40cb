import type { ProcessLoss } from '../../core/capabilities/serving-runtime.ts';
import type { Condemnation } from './rollback/condemnation.ts';
import type { Recourse } from './rollback/recourse.ts';

/** What is known of a rollout under way. Small, JSON, and all that a restarted process needs to go on where it was. */
export interface Walk {
  readonly strategy: string;
  /** Digest of the course: other steps begin anew. */
  readonly course: string;
  readonly version: string;
  /** Of its artifact. */
  readonly digest: string;
  /** The commit that declared it. */
  readonly commit: string;
  /** Milliseconds since 1970, as all times here. */
  readonly startedAt: number;
  /** Whether the version was ready everywhere, so that its first stage has begun. */
  readonly isBegun: boolean;
  /** The stage that is under way, counted from 0; as many as there are once all are over. */
  readonly stage: number;
  readonly stageSince: number;
  /** Since when it has stood still where it should move. */
  readonly stuckSince?: number;
  /** A human said stop. */
  readonly paused?: Said;
  /** How often analyses were begun again. */
  readonly attempt: number;
  /** A human went on although the background analysis could not tell. */
  readonly isBackgroundOff?: true;
  /** Requests that the version has seen in this stage, and what the counter showed last. */
  readonly requests?: { readonly seen: number; readonly counter: number };
  /** Inference processes that ended: how many in the hour before, and those that held the version since, the latest last. */
  readonly lost?: { readonly before: number; readonly since: readonly ProcessLoss[] };
}

/** What somebody said, and when. */
export interface Said {
  readonly by: string;
  readonly reason?: string;
  readonly at: number;
}

/** A rollout that was given up. */
export interface Aborted {
  readonly version: string;
  readonly digest: string;
  readonly commit: string;
  readonly at: number;
  /** Stable PascalCase: `AnalysisFailed`, `AbortedByHand`, `CandidateFailed`, `ProcessesLost`, `ProgressDeadlineExceeded`. */
  readonly reason: string;
  readonly message: string;
  /** Where it was, counted from 1; 0 before the first step. */
  readonly step: number;
  readonly steps: number;
  /** The analysis that decided. */
  readonly analysis?: string;
  /** Nothing was found against it: what should have judged it could not be asked. */
  readonly isUnjudged?: true;
  /** What was measured of it, in short. */
  readonly evidence?: Condemnation;
  /** How far putting Git right has come. */
  readonly recourse?: Recourse;
}
