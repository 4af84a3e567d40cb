/** Follows the forge and the registry: cheap while nothing moves, and whatever moved is judged anew. */
import type { Forge, Proposal } from '../../core/capabilities/forge.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import { codeOf, type Logger, messageOf } from '../../core/plugin.ts';
import type { IntentQueue } from './intents/intent-queue.ts';
import type { Case, Judging } from './judging/judging.ts';
import type { KeptProposals } from './kept-proposals.ts';
import type { ProposalMetrics } from './metrics.ts';
import type { ProposalSettings } from './settings.ts';
import type { Tracking } from './tracking.ts';

export interface LookingOptions {
  readonly registry: Registry;
  readonly forge: Forge;
  readonly kept: KeptProposals;
  readonly tracking: Tracking;
  readonly judging: Judging;
  readonly queue: IntentQueue;
  readonly metrics: ProposalMetrics;
  readonly settings: ProposalSettings;
  readonly log: Logger;
  readonly now: () => number;
  readonly judge: (proposal: Proposal, base: string, again?: readonly string[]) => Promise<Case>;
  /** Called when a judged proposal may merge. */
  readonly allowed: (proposal: Proposal) => Promise<void>;
}

interface Seen {
  /** What of a proposal a gate may look at. */
  readonly stamp: string;
  readonly failures: number;
  /** Not before, in milliseconds since 1970. */
  readonly notBefore: number;
}

export class Looking {
  readonly #options: LookingOptions;
  readonly #seen = new Map<number, Seen>();
  readonly #judging = new Map<number, { readonly pair: string; readonly work: Promise<void> }>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isWanted = false;
  #isStarted = false;
  #failures = 0;

  constructor(options: LookingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStarted = true;
    this.look();
  }

  /** Looks soon; once more if it is looking already. */
  look(): void {
    if (!this.#isStarted) return;
    this.#isWanted = true;
    if (this.#looking !== undefined) return;
    clearTimeout(this.#timer);
    this.#looking = this.#turns().finally(() => {
      this.#looking = undefined;
      if (this.#isStarted) this.#timer = setTimeout(() => this.look(), this.#wait()).unref();
    });
  }

  /** Resolves when everything that was seen is judged and told. */
  async idle(): Promise<void> {
    for (;;) {
      if (this.#looking !== undefined) await this.#looking;
      else if (this.#judging.size > 0) await Promise.all([...this.#judging.values()].map(({ work }) => work));
      else return;
    }
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #turns(): Promise<void> {
    while (this.#isWanted && this.#isStarted) {
      this.#isWanted = false;
      try {
        await this.#once();
        this.#failures = 0;
      } catch (error) {
        this.#failures += 1;
        const { log } = this.#options;
        log.warn({ code: codeOf(error), error: messageOf(error) }, 'the proposals cannot be read');
      }
    }
  }

  #wait(): number {
    return this.#failures === 0 ? this.#options.settings.pollMs : backoff(this.#failures);
  }

  async #once(): Promise<void> {
    const { registry, forge, kept, tracking, judging, metrics, queue } = this.#options;
    queue.work();
    const base = await registry.repository.resolve(registry.reference);
    if (base === undefined) return;
    const open = await forge.list({ state: 'open', limit: mostOpen });
    metrics.open(open.length);
    const numbers = new Set(open.map(({ number }) => number));
    for (const { number } of kept.all()) {
      if (numbers.has(number)) continue;
      judging.drop(number, 'it is not open any more');
      this.#seen.delete(number);
      await tracking.gone(number);
    }
    for (const proposal of open) {
      await tracking.opened(proposal);
      if (proposal.base === registry.reference) this.#judgeIfMoved(proposal, base);
    }
  }

  #judgeIfMoved(proposal: Proposal, base: string): void {
    const { now, judging } = this.#options;
    const { number, head } = proposal;
    const pair = `${head} ${base}`;
    if (this.#judging.get(number)?.pair === pair) return;
    const seen = this.#seen.get(number);
    if (seen !== undefined && seen.notBefore > now()) return;
    const stamp = stampOf(proposal);
    const found = judging.known(number, head, base);
    let again: readonly string[] | undefined;
    if (found?.isEnded) {
      const failed = found.judgement.checks.filter(({ outcome }) => outcome === 'error');
      const isDue = now() - found.askedAt > (failed.length > 0 ? retryMs : gatesMs);
      if (seen?.stamp === stamp && !isDue) return;
      if (failed.length > 0 && isDue) again = failed.map(({ name }) => name);
    }
    const work = this.#judge(proposal, base, stamp, again).finally(() => {
      if (this.#judging.get(number)?.work === work) this.#judging.delete(number);
    });
    this.#judging.set(number, { pair, work });
  }

  async #judge(
    proposal: Proposal,
    base: string,
    stamp: string,
    again: readonly string[] | undefined,
  ): Promise<void> {
    const { judge, allowed, log, now } = this.#options;
    const { number } = proposal;
    const seen = this.#seen.get(number);
    try {
      const found = await judge(proposal, base, again);
      this.#seen.set(number, { stamp, failures: 0, notBefore: 0 });
      if (found.judgement.verdict.state === 'allowed') await allowed(proposal);
    } catch (error) {
      // Void: the next look has begun it anew.
      if (!this.#isStarted || this.#judging.get(number)?.pair !== `${proposal.head} ${base}`) return;
      if (codeOf(error) === 'JudgementVoid') {
        this.look();
        return;
      }
      const failures = (seen?.failures ?? 0) + 1;
      this.#seen.set(number, { stamp: '', failures, notBefore: now() + backoff(failures) });
      log.warn({ number, code: codeOf(error), error: messageOf(error) }, 'a proposal cannot be judged');
    }
  }
}

const mostOpen = 1000;
/** Soak and freeze are questions of time: gates are asked again so often. */
const gatesMs = 60_000;
/** A check that could not judge is run again so often. */
const retryMs = 5 * 60_000;

function stampOf({ updatedAt, labels, title, author }: Proposal): string {
  return JSON.stringify([updatedAt, labels.map(({ name, by }) => [name, by]), title, author]);
}

/** Five seconds doubling to five minutes. */
function backoff(failures: number): number {
  return Math.min(300_000, 5_000 * 2 ** Math.min(failures - 1, 10));
}
