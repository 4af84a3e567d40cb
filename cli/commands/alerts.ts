import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface ShowOptions {
  readonly api?: string;
  readonly output?: StructuredFormat;
}

export interface AlertsOptions extends ShowOptions {
  readonly all?: boolean;
}

export interface AckOptions {
  readonly api?: string;
  readonly reason: string;
}

export interface SilenceOptions extends AckOptions {
  readonly for: string;
}

/** Adds `switchyard alerts`, `ack`, `silence` and `alert`. */
export function addAlerts(program: Command, { terminal, act }: Context): void {
  program
    .command('alerts')
    .description('show what fires, worst first')
    .option('-a, --all', 'also what may fire soon, and what was over within a day')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard alerts
  switchyard alerts --all
  switchyard alerts -o json | jq '.items[] | select(.severity == "critical")'`,
    )
    .action(
      act(async (options: AlertsOptions) => {
        const { runAlerts } = await import('../alerts/run-alerts.ts');
        return runAlerts(options, terminal);
      }),
    );

  program
    .command('ack')
    .description('take an alert: nobody else is called for it, and it is not repeated')
    .argument('<alert...>', 'its id, or the beginning of it, as `switchyard alerts` shows it')
    .addOption(reasonOption())
    .addOption(apiOption())
    .addHelpText('after', '\nExamples:\n  switchyard ack ca0bb4 --reason "I look at it"')
    .action(
      act(async (ids: string[], options: AckOptions) => {
        const { runAck } = await import('../alerts/run-ack.ts');
        return runAck(ids, options, terminal);
      }),
    );

  addSilence(program, { terminal, act });

  const alert = program
    .command('alert')
    .description('look at one alert, and try receivers')
    .addHelpText(
      'after',
      `
Examples:
  switchyard alert show ca0bb4
  switchyard alert receivers
  switchyard alert test chat`,
    );
  alert
    .command('show')
    .description('show all that is known of an alert, and what helps')
    .argument('<alert>', 'its id, or the beginning of it')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (id: string, options: ShowOptions) => {
        const { runAlertShow } = await import('../alerts/run-alert-show.ts');
        return runAlertShow(id, options, terminal);
      }),
    );
  alert
    .command('receivers')
    .description('show the receivers, what waits for them, and who is on call')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (options: ShowOptions) => {
        const { runReceivers } = await import('../alerts/run-receivers.ts');
        return runReceivers(options, terminal);
      }),
    );
  alert
    .command('test')
    .description('tell a receiver that this is a test')
    .argument('<receiver>', 'its name, or route/name')
    .addOption(apiOption())
    .action(
      act(async (name: string, options: { api?: string }) => {
        const { runAlertTest } = await import('../alerts/run-alert-test.ts');
        return runAlertTest(name, options, terminal);
      }),
    );
}

function addSilence(program: Command, { terminal, act }: Context): void {
  const silence = program
    .command('silence')
    .description('do not hear of alerts for a while')
    .addHelpText(
      'after',
      `
That somebody broke the glass is told in spite of every silence.

Examples:
  switchyard silence add 'environment="staging"' --for 2h --reason "we move house"
  switchyard silence list
  switchyard silence end 3f2a9c01`,
    );
  silence
    .command('add')
    .description('silence alerts that fit all of these matchers')
    .argument('<matcher...>', 'label="value", or with !=, =~ or !~')
    .addOption(new Option('--for <duration>', 'how long: 30m, 2h, 1d').makeOptionMandatory())
    .addOption(reasonOption())
    .addOption(apiOption())
    .action(
      act(async (matchers: string[], options: SilenceOptions) => {
        const { addSilence: add } = await import('../alerts/run-silence.ts');
        return add(matchers, options, terminal);
      }),
    );
  silence
    .command('list')
    .description('show the silences that hold')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (options: ShowOptions) => {
        const { listSilences } = await import('../alerts/run-silence.ts');
        return listSilences(options, terminal);
      }),
    );
  silence
    .command('end')
    .description('end a silence before its time')
    .argument('<silence>', 'its id')
    .addOption(apiOption())
    .action(
      act(async (id: string, options: { api?: string }) => {
        const { endSilence } = await import('../alerts/run-silence.ts');
        return endSilence(id, options, terminal);
      }),
    );
}

function reasonOption(): Option {
  return new Option('--reason <text>', 'why; the journal keeps it').makeOptionMandatory();
}
