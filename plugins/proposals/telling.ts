/** Tells the forge what is judged: one comment and one report a check, each written once, however often this is called. */
import { createHash } from 'node:crypto';
import type { CheckReport, Forge } from '../../core/capabilities/forge.ts';
import { planComment } from './comment/plan-comment.ts';
import type { JournalOnce } from './journal-once.ts';
import type { Case } from './judging/judging.ts';
import type { KeptProposals, Told } from './kept-proposals.ts';
import type { Judgement } from './proposals.ts';
import type { OnStep } from './step.ts';

export interface TellingOptions {
  readonly forge: Forge;
  readonly kept: KeptProposals;
  readonly journal: JournalOnce;
  readonly now: () => number;
  readonly onStep: OnStep;
}

export class Telling {
  readonly #options: TellingOptions;
  /** One proposal is told one thing at a time, the newest last. */
  readonly #turns = new Map<number, Promise<void>>();

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** Throws `ForgeUnavailable`; then the next call tells it. `isVoid` is asked before anything is written. */
  tell(found: () => Case | undefined, number: number): Promise<void> {
    const turn = (this.#turns.get(number) ?? Promise.resolve())
      .catch(() => {})
      .then(async () => {
        const current = found();
        if (current !== undefined) await this.#tell(current);
      });
    this.#turns.set(number, turn);
    void turn
      .catch(() => {})
      .then(() => {
        if (this.#turns.get(number) === turn) this.#turns.delete(number);
      });
    return turn;
  }

  async #tell({ proposal, judgement }: Case): Promise<void> {
    const { forge, kept, journal, now, onStep } = this.#options;
    const { number, head, base, verdict } = judgement;
    const known = kept.get(number);
    const told = known?.told;
    const body = planComment(proposal, judgement);
    const shape = shapeOf(judgement);
    const isNoticed = shape !== told?.shape || now() - told.at > restMs;
    const comment = digestOf(planComment(proposal, withoutTraffic(judgement)));
    const writes = comment !== told?.comment && isNoticed;
    if (writes) {
      await onStep('comment');
      await forge.comment(number, 'plan', body);
    }
    const reports = reportsOf(judgement, new Date(now()).toISOString());
    const reported = digestOf(
      reports.map(({ name, outcome, summary, details }) => [name, outcome, summary, details, head]),
    );
    if (reported !== told?.reports) {
      await onStep('report');
      await forge.report(number, head, reports);
    }
    if (verdict.state !== 'pending') {
      await onStep('record judged');
      await journal.record(judgedEntry(judgement), ['number', 'base', 'verdict']);
    }
    const next: Told = {
      head,
      base,
      comment: writes ? comment : (told?.comment ?? comment),
      reports: reported,
      shape: writes ? shape : (told?.shape ?? shape),
      at: writes ? now() : (told?.at ?? now()),
      verdict: verdict.state,
    };
    if (digestOf(next) === digestOf(told ?? null)) return;
    await onStep('keep judgement');
    const { title, key } = proposal;
    await kept.put({ ...kept.get(number), number, title, key, head, told: next });
  }
}

/** A comment that differs in less than its shape (a soak that has an hour less to go) is written so often at most. */
const restMs = 15 * 60_000;

/** A figure of traffic is another one after each restart: by itself it is no reason to write. */
function withoutTraffic(judgement: Judgement): Judgement {
  const environments = judgement.blastRadius.environments.map((one) => ({ ...one, traffic: null }));
  return { ...judgement, blastRadius: { environments } };
}

function shapeOf(judgement: Judgement): string {
  const { head, base, conflicts, held, warnings, checks, verdict } = judgement;
  return digestOf({
    head,
    base,
    conflicts,
    held,
    warnings,
    checks: checks.map(({ name, outcome, summary }) => [name, outcome, outcome === 'pending' ? '' : summary]),
    state: verdict.state,
    requirements: verdict.requirements.map(({ code, rule, met }) => [code, rule, met]),
    approvals: verdict.approvals,
    breakGlass: verdict.breakGlass,
  });
}

function reportsOf({ checks, verdict, conflicts }: Judgement, at: string): readonly CheckReport[] {
  const unmet = verdict.requirements.filter(({ met }) => !met);
  const gate: CheckReport = {
    name: gateReport,
    outcome: verdict.state === 'pending' ? 'pending' : verdict.state === 'allowed' ? 'pass' : 'fail',
    summary:
      conflicts.length > 0
        ? `It conflicts with its base in ${conflicts.length} ${conflicts.length === 1 ? 'path' : 'paths'}`
        : verdict.breakGlass !== null
          ? `${verdict.breakGlass.by} broke the glass: ${verdict.breakGlass.unmet} not met`
          : verdict.state === 'allowed'
            ? 'Every requirement is met'
            : verdict.state === 'pending'
              ? 'Checks run'
              : (unmet[0]?.message ?? 'A gate refuses it') +
                (unmet.length > 1 ? ` (and ${unmet.length - 1} more)` : ''),
    at,
    durationMs: 0,
  };
  const reports = checks.map(({ name, outcome, summary, details, at: then, durationMs }) => ({
    name,
    outcome,
    summary,
    ...(details === undefined ? {} : { details }),
    at: then,
    durationMs,
  }));
  return [...reports, gate];
}

/** The report that a branch protection asks for, as `switchyard/gate` on hosts: it passes exactly when every gate does. */
const gateReport = 'gate';

function judgedEntry({ number, head, base, verdict, checks }: Judgement) {
  const counts: Record<string, number> = {};
  for (const { outcome } of checks) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const unmet = verdict.requirements.filter(({ met }) => !met).map(({ code }) => code);
  return {
    type: 'proposal.judged',
    ref: null,
    commit: head,
    message: `proposal ${number} ${verdict.state === 'allowed' ? 'may merge' : 'may not merge'}`,
    data: { number, base, verdict: verdict.state, unmet, checks: counts },
  };
}

function digestOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return createHash('sha256').update(text).digest('hex');
}
