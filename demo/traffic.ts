import type { InferenceTarget } from '../cli/client/inference.ts';
import { codeOf, messageOf } from '../core/errors.ts';
import { type Answer, ask } from './answers.ts';
import type { Strike } from './strikes.ts';
import { until } from './waiting.ts';

export interface TrafficReport {
  readonly sent: number;
  readonly failed: number;
  /** The first few reasons that are not the same. */
  readonly failures: readonly string[];
  /** Answers by the version that they name. */
  readonly byVersion: ReadonlyMap<string, number>;
  /** Milliseconds, sorted. */
  readonly latencies: readonly number[];
  /** Of the answers, with the strike that each is about: each names its version, so each can be checked. */
  readonly answers: readonly (Answer & { readonly strike: number })[];
}

/** Has eight callers ask while something happens. They are stopped however that ends. */
export async function underTraffic<T>(
  target: InferenceTarget,
  strikes: readonly Strike[],
  happens: (traffic: Traffic) => Promise<T>,
): Promise<{ readonly report: TrafficReport; readonly result: T }> {
  const traffic = new Traffic(target, strikes, 8);
  let report: TrafficReport;
  let result: T;
  try {
    result = await happens(traffic);
  } finally {
    report = await traffic.stop();
  }
  return { report, result };
}

/** Whether every request was answered, and none by a version that it did not name: `wrong` says how many were. */
export function isWithoutLoss({ failed, sent, answers }: TrafficReport, wrong: number): boolean {
  return failed === 0 && wrong === 0 && answers.length === sent;
}

/** Asks about one strike after another, in several lines at once, until it is stopped. */
export class Traffic {
  readonly #target: InferenceTarget;
  readonly #strikes: readonly Strike[];
  readonly #stopping = new AbortController();
  readonly #lines: readonly Promise<void>[];
  readonly #failures: string[] = [];
  readonly #byVersion = new Map<string, number>();
  readonly #latencies: number[] = [];
  readonly #answers: (Answer & { strike: number })[] = [];
  #sent = 0;
  #failed = 0;

  constructor(target: InferenceTarget, strikes: readonly Strike[], lines: number) {
    this.#target = target;
    this.#strikes = strikes;
    this.#lines = Array.from({ length: lines }, (_, line) => this.#run(line, lines));
  }

  /** How many requests were answered by that version so far. */
  answeredBy(version: string): number {
    return this.#byVersion.get(version) ?? 0;
  }

  /** Waits until that version has answered so many more requests. */
  async goesOn(version: string, more: number, signal: AbortSignal, patience = 30_000): Promise<void> {
    const soFar = this.answeredBy(version);
    await until(async () => this.answeredBy(version) >= soFar + more, {
      patience,
      what: `${version} answers`,
      signal,
    });
  }

  /** Lets the requests under way finish, and tells what happened. */
  async stop(): Promise<TrafficReport> {
    this.#stopping.abort();
    await Promise.all(this.#lines);
    return {
      sent: this.#sent,
      failed: this.#failed,
      failures: this.#failures,
      byVersion: this.#byVersion,
      latencies: this.#latencies.sort((a, b) => a - b),
      answers: this.#answers,
    };
  }

  async #run(first: number, step: number): Promise<void> {
    for (let at = first; !this.#stopping.signal.aborted; at = (at + step) % this.#strikes.length) {
      const strike = this.#strikes[at];
      if (strike === undefined) return;
      const started = performance.now();
      this.#sent += 1;
      try {
        // A request is never aborted: one that the platform lost must count as failed.
        const [answer] = await ask(this.#target, [strike], AbortSignal.timeout(10_000));
        if (answer === undefined) throw new Error('an answer without a row');
        this.#latencies.push(performance.now() - started);
        this.#byVersion.set(answer.version, this.answeredBy(answer.version) + 1);
        this.#answers.push({ ...answer, strike: at });
      } catch (error) {
        this.#failed += 1;
        const reason = `${codeOf(error)}: ${messageOf(error)}`;
        if (this.#failures.length < 5 && !this.#failures.includes(reason)) this.#failures.push(reason);
      }
    }
  }
}
