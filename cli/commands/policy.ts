import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { outputOption } from '../output-option.ts';
import type { PolicyTestOptions } from '../policy/run-policy-test.ts';
import { numberOfProposal } from './number-arguments.ts';

/** Adds `switchyard policy test [PATH|REF]`. */
export function addPolicy(program: Command, { terminal, act }: Context): void {
  const policy = program
    .command('policy')
    .description('try a registry’s policies')
    .addHelpText(
      'after',
      `
Examples:
  switchyard policy test
  switchyard policy test --help`,
    );
  policy
    .command('test')
    .description('run the policies against recorded cases, offline')
    .argument('[target]', 'a registry, a file of cases in it, or a branch, tag or commit', '.')
    .option(
      '--config <file>',
      'the operator’s configuration, which says where plugins are (default: SWITCHYARD_CONFIG)',
    )
    .option(
      '--record <number>',
      'write an open proposal down as a case, with what the policies say of it',
      numberOfProposal,
    )
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
Cases stand in policy-tests/*.yaml; docs/policies.md shows how they are written. They are judged by the code that judges
proposals, with the policies, teams and environments of the registry as it is on disk, or of the commit that is named.

--record adds an open proposal of the clone to policy-tests/recorded.yaml: its changes, author, checks, reviews, labels, where its
version served, the time, and the verdict of the policies of its base. Correct what it expects, and change the policies until it holds.

Examples:
  switchyard policy test
  switchyard policy test policy-tests/production.yaml
  switchyard policy test origin/main --output json
  switchyard policy test --record 7

Exit status: 0 when each case is as expected, 1 when one is not, 2 when a case cannot be read, 4 when there is none.`,
    )
    .action(
      act(async (named: string, options: PolicyTestOptions & { readonly record?: number }) => {
        if (options.record !== undefined) {
          const { recordPolicyCase } = await import('../policy/record-policy-case.ts');
          return recordPolicyCase(named, options.record, options, terminal);
        }
        const { runPolicyTest } = await import('../policy/run-policy-test.ts');
        return runPolicyTest(named, options, terminal);
      }),
    );
}
