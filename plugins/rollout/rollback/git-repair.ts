import type { Intent, ProposeOptions, Proposer } from '../../../core/capabilities/proposer.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import { codeOf, type Logger, messageOf, type Ref } from '../../../core/plugin.ts';
import { type Recourse, recourseOf } from './recourse.ts';
import { type RolledBack, rollbackIntent, versionKey } from './rollback-intent.ts';

export interface GitRepairOptions {
  /** Undefined where nothing makes proposals. */
  readonly proposer: Proposer | undefined;
  readonly journal: Registry['journal'] | undefined;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Has Git say what answers: asks for the proposal once, and then looks what becomes of it. What a person makes of the
 * proposal is never undone: once it was open it is not asked for again, whatever its fate.
 */
export class GitRepair {
  readonly #options: GitRepairOptions;
  /** When each deployment was looked after last. */
  readonly #looked = new Map<Ref, number>();
  /** Those of which somebody said that there is news. */
  readonly #news = new Set<Ref>();

  constructor(options: GitRepairOptions) {
    this.#options = options;
  }

  /** Says that something became of a proposal about that deployment. */
  heard(ref: Ref): void {
    this.#news.add(ref);
  }

  forget(ref: Ref): void {
    this.#looked.delete(ref);
    this.#news.delete(ref);
  }

  /** The journal's entry of the rollback: asked for once, and kept, so that the same rollback is the same change. */
  async entryOf({
    deployment,
    aborted,
  }: Pick<RolledBack, 'deployment' | 'aborted'>): Promise<number | undefined> {
    const { ref } = deployment;
    const told = (await this.#options.journal?.({ ref, type: 'rollout.rolledBack', limit: 20 })) ?? [];
    return told.find(({ data }) => data.digest === aborted.digest)?.sequence;
  }

  /** Does what there is to do now. The same object where nothing became of it. Throws nothing that may pass by itself. */
  async pursue(given: RolledBack, before: Recourse | undefined): Promise<Recourse> {
    const { proposer, now } = this.#options;
    if (proposer === undefined) return before?.state === 'none' ? before : { ...before, state: 'none' };
    const { ref } = given.deployment;
    const isNews = this.#news.delete(ref);
    const sinceLook = now() - (this.#looked.get(ref) ?? Number.NEGATIVE_INFINITY);
    const isDue = before === undefined || isNews || sinceLook < 0 || sinceLook >= patienceWith(before);
    if (!isDue) return before;
    this.#looked.set(ref, now());
    const found = await this.#found(proposer, given, before);
    const next = found ?? (await this.#ask(proposer, given));
    const { entry, overdueAt } = before ?? {};
    const kept: Recourse = {
      ...next,
      ...(entry === undefined ? {} : { entry }),
      ...(overdueAt === undefined ? {} : { overdueAt }),
    };
    return JSON.stringify(kept) === JSON.stringify(before) && before !== undefined ? before : kept;
  }

  /** What has become of an open proposal by now, for whoever speaks right after it was closed. The same object where nothing did. */
  async lookAgain(rolledBack: Pick<RolledBack, 'deployment'>, before: Recourse): Promise<Recourse> {
    const { proposer } = this.#options;
    if (proposer === undefined || before.state !== 'open') return before;
    const found = await this.#found(proposer, rolledBack, before);
    if (found === undefined || found.state === 'open') return before;
    const { entry, overdueAt } = before;
    return {
      ...found,
      ...(entry === undefined ? {} : { entry }),
      ...(overdueAt === undefined ? {} : { overdueAt }),
    };
  }

  /** What became of what was asked for; undefined where it is to be asked for. */
  async #found(
    proposer: Proposer,
    { deployment }: Pick<RolledBack, 'deployment'>,
    before: Recourse | undefined,
  ): Promise<Recourse | undefined> {
    if (before === undefined || before.state === 'none' || before.state === 'refused') return undefined;
    try {
      const latest = await proposer.latest(versionKey(deployment.ref));
      if (before.number === undefined) {
        // Nothing but an open one can be what waits: those before it are about something else.
        return latest?.state === 'open' ? recourseOf(latest) : undefined;
      }
      if (latest === undefined || latest.number < before.number) return before;
      const found = recourseOf(latest);
      // It was merged, applied for a while, and Git still declares what was given up.
      return found.state === 'merged' && before.state === 'merged' ? undefined : found;
    } catch (error) {
      this.#options.log.warn({ ref: deployment.ref, error: messageOf(error) }, 'the forge does not answer');
      return before;
    }
  }

  async #ask(proposer: Proposer, given: RolledBack): Promise<Recourse> {
    const intent = rollbackIntent(given);
    const asked = { waitMs: patienceWithForge };
    try {
      return await proposedBy(proposer, intent, asked);
    } catch (error) {
      if (codeOf(error) !== 'ProposalDeclined') return refusedBy(error);
      const latest = await proposer.latest(intent.key).catch(() => undefined);
      if (latest === undefined) return { state: 'declined' };
      // Who closed it said no to an earlier rollback; the version was tried again since, and this one is news.
      if (Date.parse(latest.closedAt ?? '') < given.aborted.at) {
        return proposedBy(proposer, intent, { ...asked, byHand: true }).catch(refusedBy);
      }
      return recourseOf(latest);
    }
  }
}

async function proposedBy(proposer: Proposer, intent: Intent, options: ProposeOptions): Promise<Recourse> {
  const proposed = await proposer.propose(intent, options);
  if (proposed.state === 'open') return recourseOf(proposed.proposal);
  return { state: 'queued', reason: proposed.reason };
}

function refusedBy(error: unknown): Recourse {
  if (codeOf(error) === 'NothingToPropose') return { state: 'merged' };
  return { state: 'refused', reason: `${codeOf(error)}: ${messageOf(error)}` };
}

/** Long enough for a forge that is there, short enough not to hold up the deployment. */
const patienceWithForge = 2_000;

/** Milliseconds until it is looked at again, where nobody says that there is news. */
function patienceWith({ state }: Recourse): number {
  return state === 'queued' ? 5_000 : 60_000;
}
