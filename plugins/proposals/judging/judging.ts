/** The judgement of each open proposal: made when its base or head moves, void as soon as either moves again. */
import type { Forge, Proposal, Review } from '../../../core/capabilities/forge.ts';
import type { Gate } from '../../../core/capabilities/gate.ts';
import type { MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import type { ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import type { Logger, Providers } from '../../../core/plugin.ts';
import { judgementVoid } from '../errors.ts';
import type { JudgedCheck, Judgement, Verdict } from '../proposals.ts';
import { askGates } from './ask-gates.ts';
import { type BlastRadius, blastRadius } from './blast-radius.ts';
import type { CheckRunner } from './check-runner.ts';
import { measuredTraffic } from './measured-traffic.ts';
import { modelDiffs } from './model-diff.ts';
import { predictDuration } from './predicted-duration.ts';
import { type Examination, examineProposal } from './subject.ts';

export interface JudgingOptions {
  readonly registry: Registry;
  readonly forge: Forge;
  readonly forgeName: string;
  readonly gates: Providers<Gate>;
  /** Where requests are counted. */
  readonly sources: Providers<MetricsSource> | undefined;
  readonly runner: CheckRunner;
  readonly log: Logger;
  readonly now: () => number;
}

/** A judgement as it comes to be. */
export interface Case {
  readonly proposal: Proposal;
  readonly base: string;
  readonly judgement: Judgement;
  /** Known at the time of the verdict. */
  readonly reviews: readonly Review[];
  /** All checks have ended. */
  readonly isEnded: boolean;
  /** When the gates were asked last, in milliseconds since 1970. */
  readonly askedAt: number;
}

interface OpenCase {
  proposal: Proposal;
  readonly base: string;
  readonly controller: AbortController;
  examination: Examination | undefined;
  facts: Pick<Judgement, 'models' | 'blastRadius' | 'duration'>;
  checks: readonly JudgedCheck[];
  reviews: readonly Review[];
  verdict: Verdict;
  isEnded: boolean;
  /** When the gates were asked last, in milliseconds since 1970. */
  askedAt: number;
  /** Resolves once it is worth showing: planned, and judged by all that is known or quick. */
  first: Promise<void>;
  done: Promise<void>;
}

interface JudgingRun {
  readonly again: readonly string[] | 'all';
  /** Called when the plan is there and each time that a check changes. */
  readonly onChange: (found: Case) => void;
  /** Called when it is worth showing. */
  readonly onFirst: () => void;
  /** False: what is slow is not begun. */
  readonly slow: boolean;
}

export class Judging {
  readonly #options: JudgingOptions;
  readonly #cases = new Map<number, OpenCase>();
  /** One proposal is planned at a time: plans are made by this thread alone, and the next stands on the last. */
  #planning: Promise<unknown> = Promise.resolve();

  constructor(options: JudgingOptions) {
    this.#options = options;
  }

  /** What is known, if it still holds for this head and base. */
  known(number: number, head: string, base: string): Case | undefined {
    const found = this.#cases.get(number);
    if (found === undefined || found.proposal.head !== head || found.base !== base) return undefined;
    return found.examination === undefined ? undefined : caseOf(found);
  }

  /** Ends whatever is under way for a proposal: it was closed, merged, or is another by now. Who waits is told so. */
  drop(number: number, reason: string): void {
    const found = this.#cases.get(number);
    this.#cases.delete(number);
    found?.controller.abort(judgementVoid(number, reason));
  }

  dropAll(reason: string): void {
    for (const number of [...this.#cases.keys()]) this.drop(number, reason);
  }

  get running(): readonly Promise<void>[] {
    return [...this.#cases.values()].filter(({ isEnded }) => !isEnded).map(({ done }) => done);
  }

  /**
   * Judges a proposal on a base, or waits for the judgement that is under way, or answers the one that holds (with gates
   * that are asked anew). `onChange` is called when the plan is there and each time a check changes. Throws
   * `JudgementVoid` where another head or base is judged meanwhile.
   */
  async judge(
    proposal: Proposal,
    base: string,
    { again = [] as readonly string[] | 'all', onChange = (_: Case): void => {} } = {},
  ): Promise<Case> {
    const { number, head } = proposal;
    let found = this.#cases.get(number);
    if (found !== undefined && (found.proposal.head !== head || found.base !== base || again.length > 0)) {
      const isHere = found.proposal.head === head;
      const moved = isHere
        ? found.base === base
          ? 'it is judged again'
          : 'its base moved'
        : 'its head moved';
      this.drop(number, moved);
      found = undefined;
    }
    if (found === undefined) {
      found = this.#begin(proposal, base, again, onChange);
      await found.done;
    } else {
      found.proposal = proposal;
      await found.done;
      await this.#ask(found);
    }
    return caseOf(found);
  }

  /** What is known of the judgement that was begun last, as soon as it is worth showing, or after so long. */
  async first(number: number, withinMs: number): Promise<Case | undefined> {
    const found = this.#cases.get(number);
    if (found === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs).unref();
    });
    await Promise.race([found.first, enough]).finally(() => clearTimeout(timer));
    return caseOf(found);
  }

  /** Plans and judges by what is known or quick alone, for one who will not stay: slow checks are `pending` in it. */
  async glance(proposal: Proposal, base: string, again: readonly string[] | 'all' = []): Promise<Case> {
    const seen = this.#newCase(proposal, base);
    await this.#run(seen, { again, onChange: () => {}, onFirst: () => {}, slow: false });
    return caseOf(seen);
  }

  #newCase(proposal: Proposal, base: string): OpenCase {
    return {
      proposal,
      base,
      controller: new AbortController(),
      examination: undefined,
      facts: { models: [], blastRadius: { environments: [] }, duration: { ms: null, of: [], unknown: [] } },
      checks: this.#options.runner.pending(),
      reviews: [],
      verdict: { state: 'pending', requirements: [], approvals: [], breakGlass: null },
      isEnded: false,
      askedAt: 0,
      first: Promise.resolve(),
      done: Promise.resolve(),
    };
  }

  #begin(
    proposal: Proposal,
    base: string,
    again: readonly string[] | 'all',
    onChange: (found: Case) => void,
  ): OpenCase {
    const { number } = proposal;
    const begun = this.#newCase(proposal, base);
    this.#cases.set(number, begun);
    let onFirst = (): void => {};
    const first = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    begun.done = this.#run(begun, { again, onChange, onFirst, slow: true }).catch((error: unknown) => {
      // The next look begins anew.
      if (this.#cases.get(number) === begun) this.#cases.delete(number);
      throw error;
    });
    begun.first = Promise.race([first, begun.done]);
    begun.done.catch(() => {});
    begun.first.catch(() => {});
    return begun;
  }

  async #run(begun: OpenCase, { again, onChange, onFirst, slow }: JudgingRun): Promise<void> {
    const { registry, forge, runner } = this.#options;
    const { signal } = begun.controller;
    const { proposal, base } = begun;
    await forge.fetch(proposal.number);
    const examination = await this.#inTurn(() => {
      signal.throwIfAborted();
      return examineProposal(registry, proposal, base);
    });
    begun.examination = examination;
    if ('conflicts' in examination) {
      begun.checks = [];
      begun.verdict = conflictVerdict(examination.conflicts);
      begun.reviews = await forge.reviews(proposal.number);
    } else {
      const { plan, base: before, merged } = examination.subject;
      begun.facts = {
        models: modelDiffs(plan, before, merged),
        blastRadius: await this.#measured(blastRadius(plan, before, merged), examination.subject),
        duration: await predictDuration(plan, (query) => registry.journal(query)),
      };
      begun.checks = await runner.run(examination.subject, {
        signal,
        again,
        slow,
        onChange: (checks) => {
          begun.checks = checks;
          onChange(caseOf(begun));
        },
        onQuick: async (checks) => {
          begun.checks = checks;
          if (!slow || !checks.some(({ outcome }) => outcome === 'pending')) return;
          await this.#ask(begun);
          onFirst();
        },
      });
      await this.#ask(begun);
    }
    signal.throwIfAborted();
    begun.isEnded = true;
  }

  /** Asks the gates anew: reviews, labels and the time may have changed. */
  async #ask(one: OpenCase): Promise<void> {
    const { forge, forgeName, gates, now, log } = this.#options;
    const { examination, proposal, checks } = one;
    if (examination === undefined || 'conflicts' in examination) return;
    one.reviews = await forge.reviews(proposal.number);
    const subject = { ...examination.subject, proposal };
    one.askedAt = now();
    const question = { subject, checks, reviews: one.reviews, forge: forgeName, now: now() };
    one.verdict = await askGates(gates, question, log);
    // A figure is taken once; where it was too early for one, it is there by the next look.
    if (one.isEnded)
      one.facts = { ...one.facts, blastRadius: await this.#measured(one.facts.blastRadius, subject) };
  }

  #measured(radius: BlastRadius, { base, merged }: ProposalSubject): Promise<BlastRadius> {
    return measuredTraffic(radius, [base, merged], this.#options);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#planning.then(work);
    this.#planning = turn.catch(() => {});
    return turn;
  }
}

function caseOf(one: OpenCase): Case {
  const { proposal, base, examination, checks, verdict, facts, reviews, isEnded, askedAt } = one;
  const { number, head } = proposal;
  const isConflict = examination !== undefined && 'conflicts' in examination;
  const known = examination === undefined || isConflict ? undefined : examination;
  const judgement: Judgement = {
    number,
    head,
    base,
    merged: known?.subject.merged.commit ?? null,
    conflicts: isConflict ? examination.conflicts : [],
    plan: known?.subject.plan ?? null,
    issues: known?.issues ?? [],
    warnings: known?.warnings ?? [],
    held: known?.held ?? null,
    checks,
    verdict,
    ...facts,
  };
  return { proposal, base, judgement, reviews, isEnded, askedAt };
}

function conflictVerdict(conflicts: readonly string[]): Verdict {
  const requirement = {
    code: 'MergeConflict',
    rule: 'merges cleanly',
    met: false,
    message: `it conflicts with the base in ${conflicts.join(', ')}`,
    hint: 'Propose the change again on the newest base, or settle the conflict on its branch.',
    gate: 'mergeable',
  };
  return { state: 'refused', requirements: [requirement], approvals: [], breakGlass: null };
}
