import type { ListOptions, ShowOptions } from '../commands/proposals.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../output/progress.ts';
import { proposalForPeople, proposalList } from '../output/proposals.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { withProposals } from './open-proposals.ts';

/** Prints the list of proposals. */
export function listProposals(options: ListOptions, terminal: Terminal): Promise<number> {
  const { state, limit, output } = options;
  return withProposals(options, terminal, async ({ proposals }) => {
    const found = await proposals.list({ limit, ...(state === 'all' ? {} : { state }) });
    if (output !== undefined) terminal.out(structured({ items: found }, output));
    else if (found.length === 0) terminal.out(`No ${state === 'all' ? '' : `${state} `}proposals.\n`);
    else terminal.out(proposalList(found, { ...terminal, now: Date.now() }));
    return exitCodes.success;
  });
}

/** Judges a proposal as it stands here, and prints all that a reviewer wants to know. */
export function showProposal(number: number, options: ShowOptions, terminal: Terminal): Promise<number> {
  return withProposals(options, terminal, async ({ proposals }) => {
    const work = async () => {
      if (options.again === true) await proposals.judge(number, { again: 'all', tell: false });
      return proposals.show(number);
    };
    const shown = await withProgress(terminal, `judging proposal ${number}`, work());
    terminal.out(
      options.output === undefined
        ? proposalForPeople(shown, { ...terminal, now: Date.now() })
        : structured(shown, options.output),
    );
    const isWell = shown.proposal.state === 'merged' || shown.judgement?.verdict.state === 'allowed';
    return isWell ? exitCodes.success : exitCodes.problems;
  });
}
