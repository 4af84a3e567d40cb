import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface MonitorsOptions {
  readonly api?: string;
  readonly output?: StructuredFormat;
}

export interface MonitorRunOptions extends MonitorsOptions {
  readonly failOnBreach?: boolean;
}

/** Adds `switchyard monitors` and `switchyard monitor`. */
export function addMonitors(program: Command, { terminal, act }: Context): void {
  program
    .command('monitors')
    .description('show what monitors found, worst first')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard monitors
  switchyard monitors -o json | jq '.items[] | select(.isBreached)'`,
    )
    .action(
      act(async (options: MonitorsOptions) => {
        const { runMonitors } = await import('../monitors/run-monitors.ts');
        return runMonitors(options, terminal);
      }),
    );

  const monitor = program
    .command('monitor')
    .description('look at one monitor, and let it check now')
    .addHelpText(
      'after',
      `
Examples:
  switchyard monitor show bird-strike
  switchyard monitor run bird-strike --fail-on-breach`,
    );
  monitor
    .command('show')
    .description('show what a monitor found last, column by column, and its checks before')
    .argument('<monitor>', 'its name')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (name: string, options: MonitorsOptions) => {
        const { runMonitorShow } = await import('../monitors/run-monitor-show.ts');
        return runMonitorShow(name, options, terminal);
      }),
    );
  monitor
    .command('run')
    .description('let a monitor check now, and show what it finds')
    .argument('<monitor>', 'its name')
    .option('--fail-on-breach', 'exit with 1 where it is a breach, or where the check fails')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (name: string, options: MonitorRunOptions) => {
        const { runMonitorRun } = await import('../monitors/run-monitor-run.ts');
        return runMonitorRun(name, options, terminal);
      }),
    );
}
