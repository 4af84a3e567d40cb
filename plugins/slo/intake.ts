/** From cumulative counters of processes to what came to each deployment, and when. */
import type { ProcessAnswers } from '../../core/capabilities/answer-counts.ts';
import { type Counts, increaseOf, nothing, partOf } from './counts.ts';
import { fineMs, type Ledger } from './ledger.ts';
import { countsOf } from './read-answers.ts';

const minuteMs = 60_000;
/** A process that was not heard of for so long, and whose place nobody took, is forgotten. */
const forgottenMs = 24 * 3_600_000;

/** What a process said last. */
interface Heard {
  readonly life: string;
  readonly at: number;
  /** Deployments that were followed then. */
  readonly followed: ReadonlySet<string>;
  /** By `environment/deployment/version`, of those deployments. */
  readonly versions: ReadonlyMap<string, Counts>;
}

/** As it is written down. */
export interface KeptProcess {
  readonly process: string;
  readonly life: string;
  readonly at: number;
  readonly followed: readonly string[];
  readonly versions: Readonly<Record<string, Counts>>;
}

export interface Followed {
  readonly ledger: Ledger;
  /** Seconds that its requests are judged by. */
  readonly bounds: readonly number[];
}

export class Intake {
  readonly #processes = new Map<string, Heard>();

  /** Takes in what came since the process spoke last. `all`: deployments that are followed, by `environment/deployment`. */
  take(report: ProcessAnswers, all: ReadonlyMap<string, Followed>, now: number): void {
    const before = this.#processes.get(report.process);
    const last = before?.life === report.life ? before : undefined;
    const versions = new Map<string, Counts>();
    for (const one of report.versions) {
      const deployment = `${one.environment}/${one.deployment}`;
      const known = all.get(deployment);
      if (known === undefined) continue;
      const counts = countsOf(one, known.bounds);
      const key = `${deployment}/${one.version}`;
      versions.set(key, counts);
      if (one.isShadow || !isContinued(deployment, known.ledger, report, last)) continue;
      // What it had counted before the first word of an earlier life belongs to that one.
      const increase = increaseOf(counts, last?.versions.get(key) ?? beginning(counts));
      count(known.ledger, one.version, increase, last?.at ?? now, now);
    }
    // Of each of them: a version that is not there yet will have begun after this.
    const followed = new Set(all.keys());
    this.#processes.set(report.process, { life: report.life, at: now, followed, versions });
  }

  kept(): readonly KeptProcess[] {
    return [...this.#processes].map(([process, { life, at, followed, versions }]) => ({
      process,
      life,
      at,
      followed: [...followed],
      versions: Object.fromEntries(versions),
    }));
  }

  restore(processes: readonly KeptProcess[], shiftMs: number, now: number): void {
    for (const { process, life, at, followed, versions } of processes) {
      if (now - (at + shiftMs) > forgottenMs) continue;
      this.#processes.set(process, {
        life,
        at: at + shiftMs,
        followed: new Set(followed),
        versions: new Map(Object.entries(versions)),
      });
    }
  }
}

/**
 * Whether what the process has counted of a deployment is all after it was followed: it was then already, or the process
 * began later. Else it is where counting begins.
 */
function isContinued(
  deployment: string,
  ledger: Ledger,
  { startedAt }: ProcessAnswers,
  last: Heard | undefined,
): boolean {
  if (last !== undefined) return last.followed.has(deployment);
  return startedAt >= (ledger.since('') ?? Number.POSITIVE_INFINITY);
}

/** Nothing was counted yet, slowness included. */
function beginning({ slow }: Counts): Counts {
  return { ...nothing, slow: Object.fromEntries(Object.keys(slow).map((bound) => [bound, 0])) };
}

/** Who was away for a while cannot say when it happened: it is shared out evenly over that time. */
function count(ledger: Ledger, version: string, counts: Counts, since: number, now: number): void {
  if (counts.answers === 0 && counts.bad === 0) return;
  const minutes = Math.min(Math.floor((now - since) / minuteMs), fineMs / minuteMs - 1);
  if (minutes < 1) {
    ledger.count(version, counts, now);
    return;
  }
  const parts = minutes + 1;
  for (let index = 0; index < parts; index++) {
    ledger.count(version, partOf(counts, index, parts), now - (parts - 1 - index) * minuteMs);
  }
}
