/** The way of intents to the forge: in order, one after another, waiting while the forge is away. */
import type { Sign } from '../../../core/capabilities/forge.ts';
import type { Intent, Proposed, ProposeOptions } from '../../../core/capabilities/proposer.ts';
import { codeOf, type Logger, messageOf } from '../../../core/plugin.ts';
import type { QueuedIntent } from '../proposals.ts';
import type { OnStep } from '../step.ts';
import { refuseInvalid } from './intent-check.ts';
import { intentDigest } from './intent-digest.ts';
import type { KeptIntent, KeptIntents } from './kept-intents.ts';
import type { Opened } from './proposing.ts';

export interface IntentQueueOptions {
  readonly kept: KeptIntents;
  readonly log: Logger;
  readonly now: () => number;
  readonly onStep: OnStep;
  /** One attempt. */
  readonly attempt: (kept: KeptIntent, sign: Sign | undefined) => Promise<Opened>;
  /** Called once for each proposal that came of it, before the intent is let go; called again after a crash. */
  readonly onOpened: (kept: KeptIntent, opened: Opened) => Promise<void>;
}

interface Waiter {
  readonly sign: Sign | undefined;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly opened: (opened: Opened) => void;
  readonly failed: (error: unknown) => void;
  readonly later: (reason: string) => void;
}

export class IntentQueue {
  readonly #options: IntentQueueOptions;
  readonly #waiters = new Map<string, Waiter[]>();
  /** Why an intent waits, by its id. */
  readonly #reasons = new Map<string, string>();
  readonly #attempts = new Map<string, number>();
  /** Until when one waits that failed for a reason of its own, by its id; the others go on meanwhile. */
  readonly #later = new Map<string, number>();
  #working: Promise<void> | undefined;
  #failures = 0;
  #notBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: IntentQueueOptions) {
    this.#options = options;
  }

  async propose(
    intent: Intent,
    { waitMs = 10_000, sign, byHand = false }: ProposeOptions,
  ): Promise<Proposed> {
    refuseInvalid(intent);
    const { kept: intents, now, onStep } = this.#options;
    await onStep('write intent');
    const needsSignature = sign !== undefined;
    const asked = { digest: intentDigest(intent), intent, byHand, needsSignature };
    const { kept, replaced } = await intents.add(asked);
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Proposed>((resolve, reject) => {
      const later = (reason: string) => resolve({ state: 'queued', reason });
      const waiter: Waiter = {
        sign,
        until: now() + waitMs,
        opened: ({ proposal, done }) => resolve({ state: 'open', proposal, isNew: done === 'opened', done }),
        failed: reject,
        later,
      };
      // Whoever asked for what this one replaces hears of this one.
      const others = replaced.flatMap((id) => this.#waiters.get(id) ?? []);
      for (const id of replaced) this.#waiters.delete(id);
      this.#waiters.set(kept.id, [waiter, ...others]);
      timer = setTimeout(() => later(this.#reasonOf(kept.id)), waitMs);
    });
    this.work();
    return answer.finally(() => clearTimeout(timer));
  }

  list(): readonly QueuedIntent[] {
    return this.#options.kept.all().map(({ id, intent, at, refused }) => ({
      id,
      intent,
      at,
      state: refused === undefined ? ('waiting' as const) : ('refused' as const),
      reason: refused?.message ?? this.#reasonOf(id),
    }));
  }

  get length(): number {
    return this.#options.kept.all().filter(({ refused }) => refused === undefined).length;
  }

  /** Goes on with what waits, unless it is asked to wait. */
  work(): void {
    if (this.#isStopped || this.#working !== undefined) return;
    const wait = this.#notBefore - this.#options.now();
    if (wait > 0) {
      this.#wakeIn(wait);
      return;
    }
    this.#working = this.#drain().finally(() => {
      this.#working = undefined;
      // What came while the last one ended.
      if (this.#next() !== undefined) this.work();
      else this.#wakeForLater();
    });
  }

  /** Resolves when nothing is under way: all is proposed, refused, or waits for the forge. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.idle();
  }

  async #drain(): Promise<void> {
    for (;;) {
      const next = this.#next();
      if (next === undefined || this.#isStopped) return;
      if (!(await this.#take(next))) return;
    }
  }

  /** The oldest that can be worked on: what is to be signed needs somebody who signs. */
  #next(): KeptIntent | undefined {
    return this.#options.kept.all().find((one) => {
      if (one.refused !== undefined || this.#isLater(one)) return false;
      const canSign = !one.needsSignature || this.#signOf(one) !== undefined;
      if (!canSign) this.#reasons.set(one.id, 'it is to be signed by whoever asked for it: ask again');
      return canSign;
    });
  }

  /** False where the queue has to wait. */
  async #take(one: KeptIntent): Promise<boolean> {
    const { kept, log, attempt, onOpened, onStep } = this.#options;
    try {
      const opened = await attempt(one, this.#signOf(one));
      await onOpened(one, opened);
      await onStep('remove intent');
      await kept.remove(one.id);
      this.#failures = 0;
      this.#notBefore = 0;
      this.#settle(one.id, (waiter) => waiter.opened(opened));
      return true;
    } catch (error) {
      if (this.#isPassing(one, error)) {
        const wait = this.#postpone(one, error);
        if (codeOf(error) !== 'ForgeUnavailable') {
          this.#later.set(one.id, this.#options.now() + wait);
          return true;
        }
        this.#failures += 1;
        this.#notBefore = this.#options.now() + wait;
        return false;
      }
      const [code, message] = [codeOf(error), messageOf(error)];
      const isHeard = this.#waiters.has(one.id);
      log.warn({ key: one.intent.key, code, error: message }, 'a change could not be proposed');
      // Whoever still listens is told; otherwise it is kept where people can find it.
      if (isHeard) await kept.remove(one.id);
      else await kept.refuse(one.id, { code, message, at: new Date(this.#options.now()).toISOString() });
      this.#settle(one.id, (waiter) => waiter.failed(error));
      return true;
    }
  }

  /** Tells those who wait for it; answers for how many milliseconds it waits. */
  #postpone(one: KeptIntent, error: unknown): number {
    const { log, now } = this.#options;
    const failures = this.#attempts.get(one.id) ?? this.#failures + 1;
    const wait = retryAfterOf(error) ?? backoff(failures);
    const message = messageOf(error);
    this.#reasons.set(one.id, message);
    for (const waiter of this.#waiters.get(one.id) ?? []) {
      if (waiter.until <= now() + wait) waiter.later(message);
    }
    const code = codeOf(error);
    log.warn(
      { key: one.intent.key, code, error: message, waitMs: wait },
      'a change waits and is tried again',
    );
    return wait;
  }

  #isLater({ id }: KeptIntent): boolean {
    return (this.#later.get(id) ?? 0) > this.#options.now();
  }

  #wakeForLater(): void {
    for (const id of this.#later.keys()) if (this.#options.kept.get(id) === undefined) this.#later.delete(id);
    const due = Math.min(...this.#later.values());
    if (Number.isFinite(due)) this.#wakeIn(Math.max(0, due - this.#options.now()));
  }

  /** Whether it may pass by itself: the forge is away, or something failed that is no verdict on the intent at all. */
  #isPassing({ id }: KeptIntent, error: unknown): boolean {
    const code = codeOf(error);
    if (code === 'ForgeUnavailable') return true;
    if (code !== 'InternalError' && code !== 'GitFailed') return false;
    const attempts = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.set(id, attempts);
    return attempts < maxAttempts;
  }

  #reasonOf(id: string): string {
    return this.#reasons.get(id) ?? 'others are before it';
  }

  #wakeIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.work(), Math.min(milliseconds, longestWait)).unref();
  }

  #settle(id: string, tell: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.get(id) ?? []) tell(waiter);
    this.#waiters.delete(id);
    this.#reasons.delete(id);
    this.#attempts.delete(id);
    this.#later.delete(id);
  }

  #signOf({ id }: KeptIntent): Sign | undefined {
    return this.#waiters.get(id)?.find(({ sign }) => sign !== undefined)?.sign;
  }
}

function retryAfterOf(error: unknown): number | undefined {
  const { retryAfterMs } = error as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' && retryAfterMs > 0
    ? Math.min(retryAfterMs, longestWait)
    : undefined;
}

/** One second doubling to five minutes, jittered by a fifth. */
function backoff(failures: number): number {
  const whole = Math.min(300_000, 1_000 * 2 ** Math.min(failures - 1, 20));
  return Math.round(whole * (0.8 + 0.2 * Math.random()));
}

const longestWait = 3_600_000;
const maxAttempts = 8;
