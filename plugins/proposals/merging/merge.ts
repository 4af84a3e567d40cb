import type { Actor, Forge, Proposal } from '../../../core/capabilities/forge.ts';
import {
  mergeConflict,
  proposalClosed,
  proposalMoved,
  proposalNotFound,
} from '../../../core/capabilities/forge-errors.ts';
import type { Registry } from '../../../core/capabilities/registry.ts';
import { codeOf } from '../../../core/plugin.ts';
import { baseMissing, mergeRefused, proposalElsewhere } from '../errors.ts';
import type { Case } from '../judging/judging.ts';
import type { KeptProposals } from '../kept-proposals.ts';
import type { Judgement, MergeRequest } from '../proposals.ts';
import type { OnStep } from '../step.ts';
import type { Tracking } from '../tracking.ts';
import { mergeMessage } from './merge-message.ts';

export interface MergingOptions {
  readonly registry: Registry;
  readonly forge: Forge;
  readonly kept: KeptProposals;
  readonly tracking: Tracking;
  /** Who the platform is, when it acts by itself. */
  readonly actor: Actor;
  readonly onStep: OnStep;
  /** Judges to the end, gates asked anew. */
  readonly judge: (proposal: Proposal, base: string) => Promise<Case>;
}

/** Merges exactly what was judged, if every gate lets it pass now. Called again after a crash, it ends in the same state. */
export async function mergeProposal(
  number: number,
  request: MergeRequest,
  options: MergingOptions,
): Promise<{ readonly commit: string }> {
  for (let round = 1; ; round += 1) {
    try {
      return await attempt(number, request, options);
    } catch (error) {
      // The base moved in between, by another merge: it is judged on the new one, unless the head moved too.
      const isHeadSame = (await options.forge.get(number))?.head === request.expectedHead;
      const hasMoved = codeOf(error) === 'ProposalMoved' || codeOf(error) === 'JudgementVoid';
      const mayRepeat = hasMoved && isHeadSame;
      if (!mayRepeat || round === maxRounds) throw error;
    }
  }
}

const maxRounds = 5;

async function attempt(
  number: number,
  { by, sign, expectedHead }: MergeRequest,
  { registry, forge, kept, tracking, actor, onStep, judge }: MergingOptions,
): Promise<{ readonly commit: string }> {
  const proposal = await forge.get(number);
  if (proposal === undefined) throw proposalNotFound(number);
  if (proposal.state === 'merged') return alreadyMerged(proposal, tracking);
  if (proposal.state === 'closed') throw proposalClosed(number);
  if (proposal.base !== registry.reference) {
    throw proposalElsewhere(number, proposal.base, registry.reference);
  }
  if (expectedHead !== undefined && proposal.head !== expectedHead) {
    throw proposalMoved(number, 'head', expectedHead, proposal.head);
  }
  const base = await registry.repository.resolve(registry.reference);
  if (base === undefined) throw baseMissing(registry.reference);
  const { judgement } = await judge(proposal, base);
  if (judgement.conflicts.length > 0) throw mergeConflict(number, judgement.conflicts);
  if (judgement.verdict.state !== 'allowed') throw refusal(judgement);
  const { title, key, head } = proposal;
  await onStep('keep merge');
  await kept.put({
    ...kept.get(number),
    number,
    title,
    key,
    head,
    merging: {
      head,
      base,
      by: { name: by.name, email: by.email },
      approvals: judgement.verdict.approvals.map((one) => one.by),
      checks: Object.fromEntries(judgement.checks.map(({ name, outcome }) => [name, outcome])),
      breakGlass: judgement.verdict.breakGlass,
    },
  });
  await onStep('merge');
  const isForAnother = sign === undefined && by.email !== actor.email;
  const message = mergeMessage(proposal, judgement, isForAnother ? by : undefined);
  const merge = {
    expectedHead: head,
    expectedBase: base,
    message,
    by,
    ...(sign === undefined ? {} : { sign }),
  };
  const merged = await forge.merge(number, merge);
  registry.look();
  await tracking.merged(proposal, merged.commit);
  await tracking.forget(number);
  return merged;
}

async function alreadyMerged(proposal: Proposal, tracking: Tracking): Promise<{ readonly commit: string }> {
  await tracking.merged(proposal, proposal.mergedAs ?? null);
  return { commit: proposal.mergedAs ?? proposal.head };
}

function refusal({ number, verdict }: Judgement): Error {
  const unmet = verdict.requirements.filter(({ met }) => !met);
  const missing = unmet.map(({ message }) => message);
  const hints = unmet.flatMap(({ hint }) => (hint === undefined ? [] : [hint]));
  return mergeRefused(number, missing.length > 0 ? missing : ['a gate refuses it without saying why'], hints);
}
