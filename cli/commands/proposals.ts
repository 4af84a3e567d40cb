import { Argument, type Command, Option } from 'commander';
import type { ProposalState } from '../../core/capabilities/forge.ts';
import type { Context } from '../context.ts';
import { outputOption } from '../output-option.ts';
import type { ProposingOptions } from '../proposing/open-proposals.ts';
import { addProposingOptions } from '../proposing/options.ts';
import { numberOfProposal, upTo } from './number-arguments.ts';

export interface ListOptions extends ProposingOptions {
  readonly state: ProposalState | 'all';
  readonly limit: number;
  readonly output?: 'json' | 'yaml';
}

export interface ShowOptions extends ProposingOptions {
  readonly again?: boolean;
  readonly wait?: boolean;
  readonly output?: 'json' | 'yaml';
}

export interface ReviewOptions extends ProposingOptions {
  readonly approve?: boolean;
  readonly requestChanges?: boolean;
  readonly comment?: boolean;
  readonly message?: string;
  readonly head?: string;
}

export interface CloseOptions extends ProposingOptions {
  readonly message: string;
}

/** Adds `switchyard proposals`, `show`, `review`, `merge` and `close`. */
export function addProposals(program: Command, { terminal, act }: Context): void {
  addProposingOptions(
    program
      .command('proposals')
      .description('list proposals, and what each still lacks; or exchange them with the remote')
      .addArgument(new Argument('[what]', 'what to do').choices(['list', 'fetch', 'push']).default('list')),
  )
    .addOption(
      new Option('--state <state>', 'which ones')
        .choices(['open', 'merged', 'closed', 'all'])
        .default('open'),
    )
    .option('--limit <number>', 'at most so many', upTo(9999), 50)
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
Where Git itself is the forge, proposals lie in the repository: \`fetch\` brings those of the remote \`origin\` and joins what both
wrote, \`push\` does that and sends what is new here.

Examples:
  switchyard proposals
  switchyard proposals --state all --limit 10 -o json
  switchyard proposals push`,
    )
    .action(
      act(async (what: 'list' | 'fetch' | 'push', options: ListOptions) => {
        if (what === 'list') {
          const { listProposals } = await import('../proposing/look.ts');
          return listProposals(options, terminal);
        }
        const { fetchProposals, pushProposals } = await import('../proposing/exchange.ts');
        return what === 'fetch' ? fetchProposals(options, terminal) : pushProposals(options, terminal);
      }),
    );

  addProposingOptions(
    program
      .command('show')
      .description('show a proposal: whether it may merge, its plan, its checks, what people said')
      .argument('<number>', 'its number', numberOfProposal),
  )
    .option('--wait', 'wait until all checks have ended')
    .option('--again', 'run all checks again, also those whose verdict is known')
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
The plan and the checks are made here, of the merge with the base branch as this clone has it, by the same code as on the
platform. Fetch first to see what is newest: \`git fetch origin\`, and \`switchyard proposals fetch\` for proposals.

The answer is what is known now. Checks that load models take a while: those that nobody judged yet are pending, and go on in the
background; \`--wait\` waits for them. A judgement whose base or head moved meanwhile is void (JudgementVoid), and is not shown.

Examples:
  switchyard show 7
  switchyard show 7 --wait
  switchyard show 7 --again --wait -o json

Exit status: 0 when it may be merged (or is merged), 1 when something is missing or has not
ended, 4 when there is no such proposal.`,
    )
    .action(
      act(async (which: number, options: ShowOptions) => {
        const { showProposal } = await import('../proposing/look.ts');
        return showProposal(which, options, terminal);
      }),
    );

  addProposingOptions(
    program
      .command('review')
      .description('approve a proposal, ask for changes, or comment; signed with your own key')
      .argument('<number>', 'its number', numberOfProposal),
  )
    .option('--approve', 'it may be merged, as far as you are concerned')
    .option('--request-changes', 'it may not')
    .option('--comment', 'say something')
    .option('-m, --message <text>', 'what you have to say')
    .option('--head <commit>', 'the state that you looked at; refused where it has moved since')
    .addHelpText(
      'after',
      `
What you say is a commit of your own, signed as \`git commit -S\` would: \`git config user.signingKey\` names the key, and a
Team of the registry must know it for an approval to count. It counts for the state of the proposal that it was given for.

Examples:
  switchyard review 7 --approve
  switchyard review 7 --request-changes -m 'The recall on engines fell.'`,
    )
    .action(
      act(async (which: number, options: ReviewOptions) => {
        const { reviewProposal } = await import('../proposing/act.ts');
        return reviewProposal(which, options, terminal);
      }),
    );

  addProposingOptions(
    program
      .command('merge')
      .description('merge a proposal, if every policy allows it')
      .argument('<number>', 'its number', numberOfProposal),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  switchyard merge 7\n\nExit status: 0 when merged, 1 when something is missing.',
    )
    .action(
      act(async (which: number, options: ProposingOptions) => {
        const { mergeProposal } = await import('../proposing/act.ts');
        return mergeProposal(which, options, terminal);
      }),
    );

  addProposingOptions(
    program
      .command('close')
      .description('close a proposal without merging it; the platform will not propose the same again')
      .argument('<number>', 'its number', numberOfProposal),
  )
    .requiredOption('-m, --message <text>', 'why')
    .addHelpText('after', "\nExamples:\n  switchyard close 7 -m 'We wait for the new data.'")
    .action(
      act(async (which: number, options: CloseOptions) => {
        const { closeProposal } = await import('../proposing/act.ts');
        return closeProposal(which, options, terminal);
      }),
    );
}
