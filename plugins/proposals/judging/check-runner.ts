/** Runs checks: the quick ones first, a few at once, each within its time, those of a void subject ended. */
import type {
  CheckVerdict,
  ProposalCheck,
  ProposalSubject,
} from '../../../core/capabilities/proposal-check.ts';
import { type Logger, messageOf, type Providers } from '../../../core/plugin.ts';
import { formatDuration } from '../../../libraries/duration/index.ts';
import { oneLine } from '../../../libraries/git/trailers.ts';
import type { JudgedCheck } from '../proposals.ts';
import { CheckCache } from './check-cache.ts';

export interface CheckRunnerOptions {
  readonly checks: Providers<ProposalCheck>;
  readonly cache: CheckCache;
  readonly log: Logger;
  readonly now: () => number;
  /** Checks that run at once, of all proposals together. */
  readonly parallel: number;
  /** Milliseconds that a check may take, by its name. */
  readonly timeoutMs: (check: string) => number;
  /** Told of each check that ran to its end (not of those that were known). */
  readonly onEnd?: (name: string, outcome: string, durationMs: number) => void;
}

export interface CheckRun {
  readonly signal: AbortSignal;
  /** Run although the verdict is known. */
  readonly again: readonly string[] | 'all';
  /** The state of all checks, each time that one changes. */
  readonly onChange: (checks: readonly JudgedCheck[]) => void;
  /** Called once: all that is known or quick has its verdict, and nothing slow has begun. */
  readonly onQuick?: (checks: readonly JudgedCheck[]) => Promise<void>;
  /** False: what is slow and not known is not run, and stays `pending`. Default true. */
  readonly slow?: boolean;
}

/** A check that has to be run, and under which key its verdict will be known. */
interface Job {
  readonly name: string;
  readonly check: ProposalCheck;
  readonly key: string;
}

export class CheckRunner {
  readonly #options: CheckRunnerOptions;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: CheckRunnerOptions) {
    this.#options = options;
  }

  /** All checks, of none of which anything is known yet, in the order of their names. */
  pending(): readonly JudgedCheck[] {
    const { checks, now } = this.#options;
    const at = new Date(now()).toISOString();
    return [...checks.names()].sort().map((name) => {
      const { title } = checks.get(name);
      return { name, title, outcome: 'pending', summary: 'waits for its turn', at, durationMs: 0 };
    });
  }

  /** Resolves when all have ended, in the order of their names. Throws only when the signal is aborted. */
  async run(subject: ProposalSubject, run: CheckRun): Promise<readonly JudgedCheck[]> {
    const judged = new Map(this.pending().map((check) => [check.name, check]));
    const tell = (check: JudgedCheck): void => {
      judged.set(check.name, check);
      if (!run.signal.aborted) run.onChange([...judged.values()]);
    };
    const found = await Promise.all([...judged.keys()].map((name) => this.#known(name, subject, run, tell)));
    const jobs = found.filter((job) => job !== undefined);
    const work = (some: readonly Job[]) =>
      Promise.all(some.map((job) => this.#work(job, subject, run, tell)));
    await work(jobs.filter(({ check }) => check.slow !== true));
    run.signal.throwIfAborted();
    await run.onQuick?.([...judged.values()]);
    if (run.slow !== false) await work(jobs.filter(({ check }) => check.slow === true));
    run.signal.throwIfAborted();
    return [...judged.values()];
  }

  /** Tells the verdict that needs no run; else answers what has to be run. */
  async #known(
    name: string,
    subject: ProposalSubject,
    run: CheckRun,
    tell: (check: JudgedCheck) => void,
  ): Promise<Job | undefined> {
    const { checks, cache, now } = this.#options;
    const check = checks.get(name);
    const { title, version } = check;
    const at = new Date(now()).toISOString();
    let concerns: string | undefined;
    try {
      concerns = check.concerns(subject);
    } catch (error) {
      const summary = `it cannot tell whether this is its business: ${messageOf(error)}`;
      tell(judgedOf(name, title, { outcome: 'error', summary }, at, 0));
      return undefined;
    }
    if (concerns === undefined) {
      const verdict: CheckVerdict = { outcome: 'neutral', summary: 'nothing in this change concerns it' };
      tell(judgedOf(name, title, verdict, at, 0));
      return undefined;
    }
    const key = CheckCache.keyOf(name, version, concerns);
    const isAgain = run.again === 'all' || run.again.includes(name);
    const known = isAgain ? undefined : await cache.get(key);
    if (known === undefined) return { name, check, key };
    const isFresh = now() - Date.parse(known.at) < errorShownMs;
    if (known.verdict.outcome !== 'error' || (run.slow === false && isFresh)) {
      tell(judgedOf(name, title, known.verdict, known.at, known.durationMs));
      return undefined;
    }
    // Could not judge is no verdict: it is tried again, and whoever looks meanwhile sees why.
    const summary = `is tried again; the last time ${known.verdict.summary}`;
    tell({ name, title, outcome: 'pending', summary, at, durationMs: 0 });
    return { name, check, key };
  }

  async #work(
    { name, check, key }: Job,
    subject: ProposalSubject,
    run: CheckRun,
    tell: (check: JudgedCheck) => void,
  ): Promise<void> {
    const { cache, now } = this.#options;
    const { title } = check;
    await this.#turn(run.signal);
    try {
      if (run.signal.aborted) return;
      const start = now();
      const at = new Date(start).toISOString();
      const progress = (words: string): void =>
        tell({ name, title, outcome: 'pending', summary: oneLine(words), at, durationMs: 0 });
      progress('runs');
      const verdict = await this.#judged(name, check, subject, run.signal, progress);
      if (verdict === undefined) return;
      const durationMs = Math.max(0, Math.round(now() - start));
      const ended = new Date(now()).toISOString();
      await cache.put(key, { verdict, at: ended, durationMs });
      this.#options.onEnd?.(name, verdict.outcome, durationMs);
      tell(judgedOf(name, title, verdict, ended, durationMs));
    } finally {
      this.#release();
    }
  }

  /** Undefined where the subject became void meanwhile. What a check throws counts as `error`. */
  async #judged(
    name: string,
    check: ProposalCheck,
    subject: ProposalSubject,
    signal: AbortSignal,
    progress: (words: string) => void,
  ): Promise<CheckVerdict | undefined> {
    const { log, timeoutMs } = this.#options;
    const limit = timeoutMs(name);
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let stop = (): void => {};
    const ended = new Promise<CheckVerdict | undefined>((resolve) => {
      timer = setTimeout(() => {
        controller.abort(new Error('the check took too long'));
        const summary = `it did not end within ${formatDuration(limit)}`;
        resolve({ outcome: 'error', summary });
      }, limit);
      stop = () => {
        controller.abort(signal.reason);
        resolve(undefined);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    let isOver = false;
    const context = {
      signal: controller.signal,
      log,
      progress: (words: string) => {
        if (!isOver) progress(words);
      },
    };
    const work = Promise.resolve()
      .then(() => check.run(subject, context))
      .then(bounded, (error: unknown): CheckVerdict => {
        if (!controller.signal.aborted) {
          log.warn({ check: name, error: messageOf(error) }, 'a check could not judge a proposal');
        }
        return { outcome: 'error', summary: `it could not judge: ${oneLine(messageOf(error))}` };
      });
    try {
      return await Promise.race([ended, work]);
    } finally {
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    while (this.#running >= this.#options.parallel && !signal.aborted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }

  #release(): void {
    this.#running -= 1;
    this.#waiting.shift()?.();
  }
}

/** For so long, whoever only looks is shown that a check could not judge; then somebody should try again. */
const errorShownMs = 5 * 60_000;

function judgedOf(
  name: string,
  title: string,
  { outcome, summary, details, facts, annotations }: CheckVerdict,
  at: string,
  durationMs: number,
): JudgedCheck {
  return {
    name,
    title,
    outcome,
    summary,
    ...(details === undefined ? {} : { details }),
    ...(facts === undefined ? {} : { facts }),
    ...(annotations === undefined ? {} : { annotations }),
    at,
    durationMs,
  };
}

/** A check's words, cut to what can be shown. */
function bounded(verdict: CheckVerdict): CheckVerdict {
  const { outcome, summary, details, annotations } = verdict;
  if (!outcomes.has(outcome)) return { outcome: 'error', summary: 'it gave no verdict' };
  return {
    ...verdict,
    summary: oneLine(String(summary)),
    ...(details === undefined ? {} : { details: cut(details, 20_000) }),
    ...(annotations === undefined ? {} : { annotations: annotations.slice(0, 100) }),
  };
}

const outcomes: ReadonlySet<string> = new Set(['pass', 'fail', 'neutral', 'error']);

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}\n\n… cut after ${most} characters`;
}
