/** Runs checks one after the other, apart from reconciling: nobody waits for one who need not. */
import { codeOf, messageOf, type Ref } from '../../core/plugin.ts';
import type { CheckAsked, Checked } from './check.ts';
import { checkGivenUp } from './errors.ts';
import type { Ended } from './state.ts';

export interface RunnerOptions {
  readonly check: (asked: CheckAsked, signal: AbortSignal) => Promise<Checked>;
  readonly now: () => number;
  /** A check ended: fetch it by `take`. */
  readonly ended: (ref: Ref) => void;
  readonly longestMs?: number;
}

interface Waiting {
  readonly asked: CheckAsked;
  readonly stop: AbortController;
}

const defaultLongestMs = 10 * 60_000;

export class Runner {
  readonly #options: RunnerOptions;
  readonly #waiting = new Map<Ref, Waiting>();
  readonly #ended = new Map<Ref, { readonly digest: string; readonly ended: Ended }>();
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Whether a check of that resource, as it is now, waits or is under way. */
  has(ref: Ref, digest: string): boolean {
    return this.#waiting.get(ref)?.asked.resource.digest === digest;
  }

  /** One that is under way by another manifest ends without a word. */
  start(asked: CheckAsked): void {
    const { ref, digest } = asked.resource;
    if (this.#isStopped || this.has(ref, digest)) return;
    this.cancel(ref);
    this.#waiting.set(ref, { asked, stop: new AbortController() });
    this.#running ??= this.#run();
  }

  /** What came of a check by that manifest, once. */
  take(ref: Ref, digest: string): Ended | undefined {
    const found = this.#ended.get(ref);
    this.#ended.delete(ref);
    return found?.digest === digest ? found.ended : undefined;
  }

  cancel(ref: Ref): void {
    this.#waiting.get(ref)?.stop.abort(new Error('it is not wanted any more'));
    this.#waiting.delete(ref);
    this.#ended.delete(ref);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const ref of [...this.#waiting.keys()]) this.cancel(ref);
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whoever asked goes on first.
    await Promise.resolve();
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      const [ref, waiting] = next;
      const ended = await this.#end(waiting);
      // Another one may have taken its place meanwhile.
      if (this.#waiting.get(ref) !== waiting) continue;
      this.#waiting.delete(ref);
      this.#ended.set(ref, { digest: waiting.asked.resource.digest, ended });
      this.#options.ended(ref);
    }
    this.#running = undefined;
  }

  async #end({ asked, stop }: Waiting): Promise<Ended> {
    const longest = this.#options.longestMs ?? defaultLongestMs;
    const late = setTimeout(() => stop.abort(checkGivenUp(`it took longer than ${longest} ms`)), longest);
    try {
      return await this.#options.check(asked, stop.signal);
    } catch (error) {
      const run = new Date(asked.at).toISOString();
      const at = new Date(this.#options.now()).toISOString();
      return { run, at, code: codeOf(error), message: messageOf(error) };
    } finally {
      clearTimeout(late);
    }
  }
}
