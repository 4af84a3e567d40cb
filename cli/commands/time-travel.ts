import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { apiOption, outputOption } from '../output-option.ts';
import type { AtOptions } from '../time-travel/run-at.ts';
import type { BlameOptions } from '../time-travel/run-blame.ts';
import type { DiffOptions } from '../time-travel/run-diff.ts';
import type { ModelHistoryOptions } from '../time-travel/run-history.ts';
import type { LinesOptions } from '../time-travel/run-lines.ts';
import type { WhyOptions } from '../time-travel/run-why.ts';
import { upTo } from './number-arguments.ts';

/** Adds the verbs that look back: `history`, `at`, `why`, `blame`, `diff` and `lines`. */
export function addTimeTravel(program: Command, { terminal, act }: Context): void {
  withClone(program.command('history').description('show what happened to a model, and who allowed it'))
    .argument('<model>', 'its name')
    .option('--limit <count>', 'how many commits, newest first', upTo(999_999), 20)
    .addHelpText(
      'after',
      '\nExamples:\n  switchyard history bird-strike\n  switchyard history bird-strike --limit 100 -o json',
    )
    .action(
      act(async (model: string, options: ModelHistoryOptions) => {
        const { runHistory } = await import('../time-travel/run-history.ts');
        return runHistory(model, options, terminal);
      }),
    );

  withJournal(withClone(program.command('at').description('show what was serving at a moment')))
    .argument('<time>', 'RFC 3339, a day, a time of today (UTC), or `2h ago`')
    .option('-e, --env <environment>', 'in this environment alone')
    .option('--model <model>', 'of this model alone')
    .addHelpText(
      'after',
      `
By the journal of the platform that runs this registry, where one answers: it knows when traffic moved. Else by the base
branch alone, which a platform follows within seconds.

Examples:
  switchyard at 2026-03-01T14:03:00Z --env production
  switchyard at '2h ago'`,
    )
    .action(
      act(async (moment: string, options: AtOptions) => {
        const { runAt } = await import('../time-travel/run-at.ts');
        return runAt(moment, options, terminal);
      }),
    );

  withJournal(
    withClone(
      program
        .command('why')
        .description('show what stands behind an answer: version, data, run, proposal, approvers'),
    ),
  )
    .argument('<id|model>', 'a prediction id, or a model')
    .option('-e, --env <environment>', 'in this environment alone')
    .option('--model <model>', 'for a prediction: of this model alone')
    .option('--at <time>', 'for a model: at this moment (default: now)')
    .addHelpText(
      'after',
      `
A prediction id tells when it was made. What answered then follows from the journal and Git; --env and --model say which
of several deployments it was.

Examples:
  switchyard why 0198c0de-5a1b-7c3d-8e4f-0123456789ab --env production
  switchyard why bird-strike --at 2026-03-01`,
    )
    .action(
      act(async (subject: string, options: WhyOptions) => {
        const { runWhy } = await import('../time-travel/run-why.ts');
        return runWhy(subject, options, terminal);
      }),
    );

  withClone(program.command('blame').description('show who gave each field of a deployment its value'))
    .argument('<environment/deployment>', 'production/bird-strike')
    .addHelpText('after', '\nExamples:\n  switchyard blame production/bird-strike')
    .action(
      act(async (place: string, options: BlameOptions) => {
        const { runBlame } = await import('../time-travel/run-blame.ts');
        return runBlame(place, options, terminal);
      }),
    );

  withClone(
    program
      .command('diff')
      .description('compare two versions: signature, operators, weights, metrics, lineage'),
  )
    .argument('<version>', 'bird-strike@1.0.0')
    .argument('<other>', 'bird-strike@1.1.0, or 1.1.0')
    .addHelpText('after', '\nExamples:\n  switchyard diff bird-strike@1.0.0 1.1.0')
    .action(
      act(async (one: string, other: string, options: DiffOptions) => {
        const { runDiff } = await import('../time-travel/run-diff.ts');
        return runDiff(one, other, options, terminal);
      }),
    );

  withClone(
    program.command('lines').description('draw the versions of a model, with their branches and merges'),
  )
    .argument('<model>', 'its name')
    .addHelpText('after', '\nExamples:\n  switchyard lines bird-strike')
    .action(
      act(async (model: string, options: LinesOptions) => {
        const { runLines } = await import('../time-travel/run-lines.ts');
        return runLines(model, options, terminal);
      }),
    );
}

function withClone(command: Command): Command {
  return command
    .option('--repo <path>', 'a clone of the registry', '.')
    .option(
      '--reference <name>',
      'the branch that the platform runs from (default: SWITCHYARD_REFERENCE, or main)',
    )
    .addOption(outputOption(['json', 'yaml']));
}

function withJournal(command: Command): Command {
  return command.option('--offline', 'by Git alone: ask no platform').addOption(apiOption());
}
