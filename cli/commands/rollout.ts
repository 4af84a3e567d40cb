import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';
import { upTo } from './number-arguments.ts';

export interface RolloutOptions {
  readonly api?: string;
  readonly env?: string;
}

export interface SayOptions extends RolloutOptions {
  readonly reason?: string;
  readonly full?: boolean;
  readonly version?: string;
}

export interface RolloutStatusOptions extends RolloutOptions {
  readonly watch?: boolean;
  readonly output?: StructuredFormat;
}

export interface RolloutHistoryOptions extends RolloutOptions {
  readonly limit: number;
  readonly output?: StructuredFormat;
}

const verbs = [
  ['promote', 'go on past the step that is under way'],
  ['pause', 'hold the step that is under way'],
  ['resume', 'end a pause'],
  ['abort', 'send all traffic back at once'],
  ['retry', 'begin an analysis again, or a rolled-back version that nothing was found against'],
  ['accept-risk', 'answer for a version that was rolled back: it is tried again, its quarantine is lifted'],
] as const;

/** Adds `switchyard rollout VERB DEPLOYMENT`. */
export function addRollout(program: Command, { terminal, act }: Context): void {
  const rollout = program
    .command('rollout')
    .description('look at a rollout, and speak to it')
    .addHelpText(
      'after',
      `
Examples:
  switchyard rollout status bird-strike --env production --watch
  switchyard rollout promote production/bird-strike
  switchyard rollout abort production/bird-strike --reason "wrong in fog"
  switchyard rollout accept-risk production/bird-strike --reason "the labels were late"`,
    );
  const about = (name: string, description: string) =>
    rollout
      .command(name)
      .description(description)
      .argument('<deployment>', 'its name, or environment/name')
      .addOption(new Option('-n, --env <name>', 'the environment that it lives in'))
      .addOption(apiOption());

  about('status', 'show where it is: steps, who answers how much, the time left')
    .option('-w, --watch', 'stay until it has ended')
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      '\nExit status with --watch: 0 when the declared version answers, 1 when it was rolled back.',
    )
    .action(
      act(async (name: string, options: RolloutStatusOptions) => {
        const { runRolloutStatus } = await import('../rollout/run-status.ts');
        return runRolloutStatus(name, options, terminal);
      }),
    );
  about('history', 'tell what happened, and what people said')
    .option('--limit <count>', 'how many entries, the newest', upTo(1000), 50)
    .addOption(outputOption(['json', 'yaml']))
    .action(
      act(async (name: string, options: RolloutHistoryOptions) => {
        const { runRolloutHistory } = await import('../rollout/run-history.ts');
        return runRolloutHistory(name, options, terminal);
      }),
    );
  for (const [verb, description] of verbs) {
    const command = about(verb, description);
    const reason = new Option('--reason <text>', 'why; the journal keeps it');
    command.addOption(reason.makeOptionMandatory(verb === 'accept-risk'));
    if (verb === 'accept-risk') {
      command.option('--version <version>', 'the one meant, where several are quarantined');
    }
    if (verb === 'promote') command.option('--full', 'past all steps that are left');
    command.action(
      act(async (name: string, options: SayOptions) => {
        const { runSay } = await import('../rollout/run-say.ts');
        return runSay(verb, name, options, terminal);
      }),
    );
  }
}
