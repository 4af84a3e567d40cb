import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { outputOption } from '../output-option.ts';

export interface EditOptions {
  readonly recipient?: readonly string[];
}

export interface SetOptions extends EditOptions {
  readonly exact?: boolean;
}

export interface GetOptions {
  readonly output?: 'json' | 'yaml';
}

export interface UpdateKeysOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export interface AuditOptions extends GetOptions {
  readonly config?: string;
}

/** Adds `switchyard secrets VERB`. */
export function addSecrets(program: Command, { terminal, act }: Context): void {
  const secrets = program
    .command('secrets')
    .description('encrypt, change and audit the secrets of a registry')
    .addHelpText(
      'after',
      `
A Secret is named by its name (secrets/NAME.yaml) or by the path of a file that SOPS encrypts. Everything is done here, with the age
identity of SOPS_AGE_KEY, SOPS_AGE_KEY_FILE or sops/age/keys.txt; nothing is committed. docs/secrets.md tells more.

Examples:
  pass show slack | switchyard secrets set slack token --recipient age1…
  switchyard secrets edit slack
  switchyard secrets audit`,
    );
  const recipient = () =>
    new Option('--recipient <age...>', 'for whom a new file is encrypted (default: as .sops.yaml says)');
  const secret = ['<secret>', 'its name, or the path of a file'] as const;

  secrets
    .command('edit')
    .description('open a secret in your editor, decrypted, and encrypt what you make of it')
    .argument(...secret)
    .addOption(recipient())
    .addHelpText(
      'after',
      `
The editor is that of SOPS_EDITOR, VISUAL or EDITOR. Values that do not change keep their ciphertext. A file that is not encrypted yet
is encrypted; one that is not there begins as a Secret.

Examples:
  switchyard secrets edit slack
  switchyard secrets edit secrets/slack.enc.json --recipient age1…`,
    )
    .action(
      act(async (named: string, options: EditOptions) => {
        const { runEdit } = await import('../secrets/run-edit.ts');
        return runEdit(named, options, terminal);
      }),
    );
  secrets
    .command('set')
    .description('set one value, read from standard input')
    .argument(...secret)
    .argument('<key>', 'the key in it')
    .option('--exact', 'keep the line break at the end of what is read')
    .addOption(recipient())
    .addHelpText(
      'after',
      `
Examples:
  pass show slack | switchyard secrets set slack token
  switchyard secrets set tls key --exact < key.pem`,
    )
    .action(
      act(async (named: string, key: string, options: SetOptions) => {
        const { runSet } = await import('../secrets/run-set.ts');
        return runSet(named, key, options, terminal);
      }),
    );
  secrets
    .command('get')
    .description('print one value, or without a key which keys there are')
    .argument(...secret)
    .argument('[key]', 'the key in it')
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText('after', '\nExamples:\n  switchyard secrets get slack\n  switchyard secrets get slack token')
    .action(
      act(async (named: string, key: string | undefined, options: GetOptions) => {
        const { runGet } = await import('../secrets/run-get.ts');
        return runGet(named, key, options, terminal);
      }),
    );
  secrets
    .command('rotate')
    .description('encrypt everything anew with a new data key')
    .argument('<secret...>', 'names, or paths of files')
    .addHelpText('after', '\nExamples:\n  switchyard secrets rotate slack prometheus')
    .action(
      act(async (named: readonly string[]) => {
        const { runRotate } = await import('../secrets/run-rotate.ts');
        return runRotate(named, terminal);
      }),
    );
  secrets
    .command('updatekeys')
    .description('change who may open a secret; values stay as they are')
    .argument('<secret...>', 'names, or paths of files')
    .option('--add <age...>', 'recipients that may open it too')
    .option('--remove <age...>', 'recipients that may not any more')
    .addHelpText(
      'after',
      `
Without --add and --remove the recipients are those that .sops.yaml names for the file.

Examples:
  switchyard secrets updatekeys slack --add age1…
  switchyard secrets updatekeys slack --remove age1… && switchyard secrets rotate slack`,
    )
    .action(
      act(async (named: readonly string[], options: UpdateKeysOptions) => {
        const { runUpdateKeys } = await import('../secrets/run-updatekeys.ts');
        return runUpdateKeys(named, options, terminal);
      }),
    );
  secrets
    .command('audit')
    .description('list every Secret: where its values are, who may open it, who uses it')
    .option(
      '--config <file>',
      'the operator’s configuration, which says where plugins are (default: SWITCHYARD_CONFIG)',
    )
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
What is encrypted for this machine is opened and its MAC checked. No value is shown.

Exit status: 0 when nothing is wrong, 1 when a file was tampered with or is in plain text, 4 when there is no Secret.`,
    )
    .action(
      act(async (options: AuditOptions) => {
        const { runAudit } = await import('../secrets/run-audit.ts');
        return runAudit(options, terminal);
      }),
    );
  secrets
    .command('merge')
    .description('merge encrypted files, as Git’s merge driver')
    .argument('[base]', 'Git’s %O')
    .argument('[ours]', 'Git’s %A, which is replaced')
    .argument('[theirs]', 'Git’s %B')
    .argument('[path]', 'Git’s %P')
    .option('--install', 'tell Git of this clone to merge encrypted files so')
    .addHelpText(
      'after',
      `
Each side is decrypted and its MAC checked; what one side alone changed is taken. Where both changed a value differently the merge stops
with the names of the keys, and the file stays as on our side: plain text never reaches the disk.

Examples:
  switchyard secrets merge --install`,
    )
    .action(
      act(async (...given: readonly unknown[]) => {
        const [base, ours, theirs, path] = given as readonly (string | undefined)[];
        const { install } = given[4] as { readonly install?: boolean };
        if (install === true) {
          const { installMergeDriver } = await import('../secrets/install-merge-driver.ts');
          return installMergeDriver(terminal);
        }
        if (!base || !ours || !theirs || !path) {
          const { usageError } = await import('../errors.ts');
          throw usageError(
            'four files are needed',
            'Git calls it so: see `switchyard secrets merge --install`.',
          );
        }
        const { runMerge } = await import('../secrets/run-merge.ts');
        return runMerge({ base, ours, theirs, path }, terminal);
      }),
    );
}
