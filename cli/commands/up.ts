import { type Command, Option } from 'commander';
import { settings } from '../../server/configuration-schema.ts';
import type { Context } from '../context.ts';

/** By the names that commander makes of the flags. */
export type UpOptions = Readonly<Record<string, string | string[] | boolean>>;

/** Adds `switchyard up [REPO]`. */
export function addUp(program: Command, { terminal, act }: Context): void {
  const command = program
    .command('up')
    .description(
      'run the platform of a registry: inference, status API, and the kernel that follows the registry',
    )
    .argument('[repository]', 'the path of a Git repository, or its URL (default: the current one)')
    .option(
      '--config <file>',
      'the configuration file (default: SWITCHYARD_CONFIG, or switchyard.config.yaml here)',
    )
    .addHelpText(
      'after',
      `
Each setting can also be given by an environment variable or in switchyard.config.yaml: see "Configuration" in docs/cli.md.
Results go to standard output, the log to standard error.

Examples:
  switchyard up
  switchyard up /srv/registry.git --data /var/lib/switchyard --host 0.0.0.0
  switchyard up https://git.example.com/ml/registry.git --environment production --interval 10s
  switchyard up --dry-run                        read, check and plan; change nothing

Exit status: 0 when everything that was under way has been answered, 1 when something had to be cut off.`,
    );
  for (const setting of settings) {
    if (!setting.flag) continue;
    const { enum: choices } = setting.schema;
    const values = Array.isArray(choices) ? ` (${choices.join(', ')})` : '';
    const text = `${setting.schema.description}${values} Default: ${setting.defaultText}.`.replaceAll(
      '`',
      '',
    );
    command.addOption(new Option(setting.flag, text));
  }
  command.action(
    act(async (repository: string | undefined, options: UpOptions) => {
      const { runUp } = await import('../up/run-up.ts');
      return runUp(repository, options, terminal);
    }),
  );
}
