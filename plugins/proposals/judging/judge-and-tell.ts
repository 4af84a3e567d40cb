/** Judges to the end and tells the forge on the way. What is void by then is told to nobody, and said to whoever waits. */
import type { Forge, Proposal } from '../../../core/capabilities/forge.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import { codeOf, type Logger, messageOf } from '../../../core/plugin.ts';
import { judgementVoid } from '../errors.ts';
import type { Judgement } from '../proposals.ts';
import type { Telling } from '../telling.ts';
import type { Case, Judging } from './judging.ts';

export interface JudgeAndTellOptions {
  readonly registry: Registry;
  readonly forge: Forge;
  readonly judging: Judging;
  readonly telling: Telling;
  readonly log: Logger;
  /** How long checks may take before the forge hears that they run. */
  readonly interimMs: number;
  /** How long one who only looks waits for the plan and the quick checks. */
  readonly showMs: number;
}

export interface JudgeAndTellRun {
  readonly again?: readonly string[] | 'all';
  /** False: nothing is told to the forge. Default true. */
  readonly tell?: boolean;
  readonly onChange?: (judgement: Judgement) => void;
}

export class JudgeAndTell {
  readonly #options: JudgeAndTellOptions;

  constructor(options: JudgeAndTellOptions) {
    this.#options = options;
  }

  /** Resolves when all checks have ended and the forge was told. Throws `JudgementVoid` where head or base moved. */
  async judge(
    proposal: Proposal,
    base: string,
    { again, tell = true, onChange = () => {} }: JudgeAndTellRun,
  ): Promise<Case> {
    const { judging, interimMs } = this.#options;
    let isEnded = false;
    let interim: NodeJS.Timeout | undefined;
    const tellInterim = (): void => {
      if (!tell || isEnded) return;
      // Checks that are quick or known need no word in between.
      interim ??= setTimeout(() => {
        interim = undefined;
        if (!isEnded) void this.#tellInterim(proposal, base);
      }, interimMs).unref();
    };
    try {
      const found = await judging.judge(proposal, base, {
        ...(again === undefined ? {} : { again }),
        onChange(one) {
          onChange(one.judgement);
          tellInterim();
        },
      });
      isEnded = true;
      await this.#requireCurrent(proposal, base);
      if (tell) await this.#tell(proposal, base);
      return found;
    } finally {
      isEnded = true;
      clearTimeout(interim);
    }
  }

  /** Begins, or joins what is under way, and answers what is known soon; the rest goes on by itself. */
  async begin(proposal: Proposal, base: string, run: JudgeAndTellRun): Promise<Case> {
    const { judging, showMs } = this.#options;
    const { number } = proposal;
    const work = this.judge(proposal, base, run);
    work.catch((error: unknown) => this.#warn(number, error, 'a proposal cannot be judged'));
    return (await judging.first(number, showMs)) ?? work;
  }

  async #tellInterim(proposal: Proposal, base: string): Promise<void> {
    try {
      await this.#requireCurrent(proposal, base);
    } catch (error) {
      this.#warn(proposal.number, error, 'the forge cannot be asked what moved');
      return;
    }
    await this.#tell(proposal, base);
  }

  async #tell({ number, head }: Proposal, base: string): Promise<void> {
    const { judging, telling } = this.#options;
    await telling
      .tell(() => judging.known(number, head, base), number)
      .catch((error: unknown) => this.#warn(number, error, 'the forge could not be told'));
  }

  /** A forge that is away makes nothing void: what it is told later names the head and the base. */
  async #requireCurrent({ number, head, ...proposal }: Proposal, base: string): Promise<void> {
    const { registry, forge, judging } = this.#options;
    const seen = await forge.get(number).catch((error: unknown) => {
      if (codeOf(error) !== 'ForgeUnavailable') throw error;
      return { head, state: proposal.state };
    });
    const reason =
      seen === undefined
        ? 'it is gone'
        : seen.state !== 'open'
          ? `it was ${seen.state} meanwhile`
          : seen.head !== head
            ? 'its head moved meanwhile'
            : (await registry.repository.resolve(registry.reference)) !== base
              ? 'its base moved meanwhile'
              : undefined;
    if (reason === undefined) return;
    if (judging.known(number, head, base) !== undefined) judging.drop(number, reason);
    throw judgementVoid(number, reason);
  }

  /** That it is void is no trouble: what is there now is judged when somebody looks. */
  #warn(number: number, error: unknown, message: string): void {
    if (codeOf(error) === 'JudgementVoid') return;
    this.#options.log.warn({ number, code: codeOf(error), error: messageOf(error) }, message);
  }
}
