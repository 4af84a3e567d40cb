import type { Review } from '../../core/capabilities/forge.ts';
import { proposalNotFound } from '../../core/capabilities/forge-errors.ts';
import { codeOf } from '../../core/plugin.ts';
import type { Proposals } from '../../plugins/proposals/proposals.ts';
import type { CloseOptions, ReviewOptions } from '../commands/proposals.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../output/progress.ts';
import { verdictLines } from '../output/proposals.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { verdictUnclear } from './errors.ts';
import { type ProposingOptions, withProposals } from './open-proposals.ts';
import { personOf } from './person.ts';
import { followInWorkTree } from './work-tree.ts';

/** Adds a review, signed with the reviewer's own key where the forge is Git itself. */
export function reviewProposal(number: number, options: ReviewOptions, terminal: Terminal): Promise<number> {
  const verdict = verdictOf(options);
  return withProposals(options, terminal, async ({ forge, proposals, root }) => {
    const proposal = await forge.get(number);
    if (proposal === undefined) throw proposalNotFound(number);
    const { by, sign } = await personOf(root, terminal, verdict !== 'comment');
    const head = options.head ?? proposal.head;
    const at = head.length < proposal.head.length && proposal.head.startsWith(head) ? proposal.head : head;
    await forge.review(number, { verdict, head: at, body: options.message ?? '', by, ...(sign && { sign }) });
    const words = { approve: 'approved', 'request-changes': 'asked for changes on', comment: 'commented on' };
    terminal.out(`${by.name} ${words[verdict]} #${number} at ${at.slice(0, 10)}.\n`);
    if (verdict === 'approve') await tellWhatLacks(number, proposals, terminal);
    return exitCodes.success;
  });
}

/** An approval that does not count looks like one that does: says which approvals are still asked for, and why. */
async function tellWhatLacks(number: number, proposals: Proposals, terminal: Terminal): Promise<void> {
  const work = proposals.show(number, { run: 'none' });
  const { judgement } = await withProgress(terminal, `counting the approvals of proposal ${number}`, work);
  const lacking = judgement?.verdict.requirements.filter(
    ({ code, met }) => code === 'ApprovalMissing' && !met,
  );
  const { yellow, dim } = terminal.errColours;
  for (const { message, hint, rule } of lacking ?? []) {
    terminal.err(`${yellow('!')} ${oneLine(message)} ${dim(`· ${oneLine(rule)}`)}\n`);
    if (hint !== undefined) terminal.err(dim(`    ${oneLine(hint)}\n`));
  }
}

function verdictOf({ approve, requestChanges, comment, message }: ReviewOptions): Review['verdict'] {
  const said = [approve && 'approve', requestChanges && 'request-changes', comment && 'comment'].filter(
    Boolean,
  );
  if (said.length === 0 && message !== undefined) return 'comment';
  if (said.length !== 1) throw verdictUnclear();
  return said[0] as Review['verdict'];
}

/** Merges what every gate allows; prints what is missing where one does not. */
export function mergeProposal(
  number: number,
  options: ProposingOptions,
  terminal: Terminal,
): Promise<number> {
  return withProposals(options, terminal, async ({ proposals, repository, registry, root, base }) => {
    const { by, sign } = await personOf(root, terminal, false);
    try {
      const work = proposals.merge(number, { by, ...(sign && { sign }) });
      const { commit } = await withProgress(terminal, `judging and merging proposal ${number}`, work);
      terminal.out(`Merged #${number} as ${commit.slice(0, 10)}.\n`);
      const move = { reference: registry.reference, before: base, after: commit };
      const hint = await followInWorkTree(repository, root, move, terminal);
      if (hint !== undefined) terminal.err(`${terminal.errColours.yellow('!')} ${hint}\n`);
      return exitCodes.success;
    } catch (error) {
      if (codeOf(error) !== 'MergeRefused') throw error;
      const { judgement } = await proposals.show(number);
      if (judgement === null) throw error;
      terminal.out(`${verdictLines(judgement.verdict, terminal).join('\n')}\n`);
      return exitCodes.problems;
    }
  });
}

/** Closes a proposal, and says why. */
export function closeProposal(number: number, options: CloseOptions, terminal: Terminal): Promise<number> {
  return withProposals(options, terminal, async ({ proposals, root }) => {
    const { by, sign } = await personOf(root, terminal, false);
    await proposals.close(number, { by, reason: options.message, ...(sign && { sign }) });
    terminal.out(`Closed #${number}.\n`);
    return exitCodes.success;
  });
}
