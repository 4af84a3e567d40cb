import { defineCapability } from '../plugin.ts';

/** What inference processes have answered, exactly: cumulative counters of each, as often as it reports. */
export interface AnswerCounts {
  /** Hands each report to the listener, from now on. Whoever missed reports finds all that was counted in the next one. */
  follow(listener: (report: ProcessAnswers) => void): void;
}

/** All that one process has counted since it began. */
export interface ProcessAnswers {
  /** Its id; who takes its place has the same. */
  readonly process: string;
  /** Changes when counters begin anew. */
  readonly life: string;
  /** When that was, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly versions: readonly VersionAnswers[];
}

export interface VersionAnswers {
  readonly environment: string;
  readonly deployment: string;
  readonly version: string;
  /** It is a shadow now: its answers go to nobody. */
  readonly isShadow: boolean;
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Of those, answers with a NaN in them, or refused for an infinity. */
  readonly notFinite: number;
  /** From the whole request read to the answer written: upper bounds in seconds, ascending, and one count more. */
  readonly seconds: { readonly bounds: readonly number[]; readonly counts: readonly number[] };
}

export const answerCounts = defineCapability<AnswerCounts>('answer-counts');
