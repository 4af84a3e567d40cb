import { type Command, Option } from 'commander';
import { isCodedError, SwitchyardError } from '../../core/errors.ts';
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
      return runUp(repository, options, terminal).catch((error: unknown) => {
        throw asTyped(error);
      });
    }),
  );
}

/** A setting is called as it was given: `--port must be …`, and not by its key in the configuration file. */
function asTyped(error: unknown): unknown {
  if (!isCodedError(error) || error.code !== 'InvalidConfiguration') return error;
  const given = /^(?:flag|environment variable) (\S+)$/.exec(error.where ?? '')?.[1];
  const { message, where, hint, status } = error;
  const setting = settings.find(({ key }) => message.startsWith(`${key} `));
  if (given === undefined || setting === undefined) return error;
  const said = given + message.slice(setting.key.length);
  return new SwitchyardError(error.code, said, { where, hint, status, cause: error });
}
