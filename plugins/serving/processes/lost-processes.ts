/**
 * Inference processes that ended without being asked to, by the versions that may have ended them. A process that dies takes
 * every version in it along and cannot say whose run it was, so all that it held are suspects, but where one is known to hang.
 */
import type { ProcessLoss } from '../../../core/capabilities/serving-runtime.ts';
import type { Report } from '../dataplane/interface/messages.ts';

/** Of each version the latest are kept. */
const mostKept = 10;

/** How a process ended without being asked to. `died`: it crashed or was killed. */
export type LossCause = 'died' | 'stuck' | 'memory';

export class LostProcesses {
  readonly #losses = new Map<string, readonly ProcessLoss[]>();
  /** By the ids of processes. */
  readonly #counts = new Map<string, Record<LossCause, number>>();

  /** Another process has taken the place of one, and this is its first report. */
  replaced(last: LastWords, next: Report, at: number): void {
    this.#add(last, hangingIn(next), at);
  }

  /** One is gone, and no other took its place. */
  ended(last: LastWords, at: number): void {
    this.#add(last, [], at);
  }

  #add(last: LastWords, hung: readonly string[], at: number): void {
    if (last.leaving === 'asked') return;
    const cause = causeOf(last, hung);
    const counts = this.countsOf(last.id);
    this.#counts.set(last.id, { ...counts, [cause]: counts[cause] + 1 });
    const loss: ProcessLoss = { at, message: messageOf(last, cause) };
    for (const version of hung.length > 0 ? hung : last.suspects) {
      this.#losses.set(version, [...this.of(version), loss].slice(-mostKept));
    }
  }

  /** By `environment/deployment/version`; the latest last. */
  of(version: string): readonly ProcessLoss[] {
    return this.#losses.get(version) ?? [];
  }

  /** How often a process of that id ended so, since control began. */
  countsOf(id: string): Readonly<Record<LossCause, number>> {
    return this.#counts.get(id) ?? { died: 0, stuck: 0, memory: 0 };
  }
}

/** What is remembered of a process for when it is gone. */
export interface LastWords {
  readonly id: string;
  readonly pid: number;
  /** By `environment/deployment/version`. */
  readonly suspects: readonly string[];
  /** They are known to hang, so that nothing else is suspected. */
  readonly isHanging: boolean;
  readonly leaving: Report['leaving'];
}

/** What the next report of a process adds to what is remembered of it. */
export function lastWords(before: LastWords | undefined, report: Report): LastWords {
  const { id, pid, leaving } = report;
  const hanging = hangingIn(report);
  if (hanging.length > 0) return { id, pid, leaving, isHanging: true, suspects: hanging };
  // Whoever leaves lets go of its versions.
  if (leaving !== undefined && before !== undefined) return { ...before, leaving };
  const held = Object.entries(report.versions).filter(([, { state }]) => state !== 'draining');
  return { id, pid, leaving, isHanging: false, suspects: held.map(([version]) => version) };
}

function hangingIn({ versions }: Report): string[] {
  return Object.entries(versions).flatMap(([name, { stuckRuns = 0 }]) => (stuckRuns > 0 ? [name] : []));
}

function causeOf({ leaving }: LastWords, hung: readonly string[]): LossCause {
  if (leaving === 'stuck' || hung.length > 0) return 'stuck';
  return leaving === 'memory' ? 'memory' : 'died';
}

const inWords: Readonly<Record<LossCause, string>> = {
  died: 'died without a word',
  stuck: 'ended as a run did not',
  memory: 'had grown beyond its memory limit',
};

function messageOf({ id, pid }: LastWords, cause: LossCause): string {
  return `inference process ${id} (pid ${pid}) ${inWords[cause]}`;
}
