import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { outputOption } from '../output-option.ts';
import type { EvidenceOptions } from '../proposing/evidence.ts';
import type { ProposingOptions } from '../proposing/open-proposals.ts';
import { addProposingOptions } from '../proposing/options.ts';

/** The options of every verb that proposes a change. */
export interface AskOptions extends ProposingOptions {
  readonly reason?: string;
  readonly label?: readonly string[];
  readonly dryRun?: boolean;
  readonly output?: 'json' | 'yaml';
}

export interface RollbackOptions extends AskOptions {
  readonly in: string;
  readonly to?: string;
  readonly deployment?: string;
}

export interface QuarantineOptions extends AskOptions {
  readonly reason: string;
  readonly evidence?: string;
  readonly lift?: boolean;
}

export interface RegisterOptions extends AskOptions, EvidenceOptions {
  readonly as?: string;
  readonly line?: string;
  readonly parent?: readonly string[];
  readonly uri?: string;
}

export interface ProposeOptions extends AskOptions {
  readonly message: string;
}

/** Adds the verbs that propose a change: `promote`, `rollback`, `quarantine`, `retire`, `register` and `propose`. */
export function addAsk(program: Command, { terminal, act }: Context): void {
  asking(
    program
      .command('promote')
      .description('propose that an environment answers with another version of a model'),
  )
    .argument('<model>', 'its name')
    .argument('[version]', 'default: what the environment before it answers with')
    .requiredOption('--to <environment>', 'where it shall answer')
    .option('--deployment <name>', 'which one, where the environment has several of the model')
    .addHelpText(
      'after',
      '\nExamples:\n  switchyard promote bird-strike --to production\n  switchyard promote bird-strike 1.1.0 --to staging --reason "Retrained on 1995-98."',
    )
    .action(
      act(
        async (
          model: string,
          version: string | undefined,
          options: AskOptions & { to: string; deployment?: string },
        ) => {
          const { askPromotion } = await import('../proposing/ask.ts');
          return askPromotion(model, version, options, terminal);
        },
      ),
    );

  asking(
    program.command('rollback').description('propose that an environment goes back to the version before'),
  )
    .argument('<model>', 'its name')
    .requiredOption('--in <environment>', 'where')
    .option('--to <version>', 'default: what it was on before, by its history')
    .option('--deployment <name>', 'which one, where the environment has several of the model')
    .addHelpText(
      'after',
      '\nExamples:\n  switchyard rollback bird-strike --in production --reason "Too many false alarms."',
    )
    .action(
      act(async (model: string, options: RollbackOptions) => {
        const { askRollback } = await import('../proposing/ask.ts');
        return askRollback(model, options, terminal);
      }),
    );

  asking(
    program.command('quarantine').description('propose that a version is refused everywhere, or no longer'),
    true,
  )
    .argument('<model>', 'its name')
    .argument('<version>', 'the version')
    .option('--evidence <where>', 'where the measurements are that condemned it')
    .option('--lift', 'let it out again')
    .addHelpText(
      'after',
      '\nExamples:\n  switchyard quarantine bird-strike 1.1.0 --reason "Recall on engines fell."\n  switchyard quarantine bird-strike 1.1.0 --lift --reason "The labels were wrong."',
    )
    .action(
      act(async (model: string, version: string, options: QuarantineOptions) => {
        const { askQuarantine } = await import('../proposing/ask.ts');
        return askQuarantine(model, version, options, terminal);
      }),
    );

  asking(
    program
      .command('retire')
      .description('propose that a version, or a whole model, leaves the registry; history keeps it'),
  )
    .argument('<model>', 'its name')
    .argument('[version]', 'default: the model with all its versions')
    .addHelpText('after', '\nExamples:\n  switchyard retire bird-strike 1.0.0')
    .action(
      act(async (model: string, version: string | undefined, options: AskOptions) => {
        const { askRetirement } = await import('../proposing/ask.ts');
        return askRetirement(model, version, options, terminal);
      }),
    );

  asking(program.command('register').description('propose a new version of a model, from an ONNX file'))
    .argument('<model>', 'its name')
    .argument('<file>', 'the ONNX file')
    .option('--as <version>', 'default: computed from what changed in signature and lineage')
    .option('--line <name>', 'the line of versions that it continues (default: main)')
    .option('--parent <version...>', 'what it comes from (default: the newest of the line)')
    .option('--uri <uri>', 'where the artifact lies already (default: it is committed beside the model)')
    .option('--examples <file>', 'golden examples, as YAML or JSON')
    .option('--describe <file>', 'its lineage and metrics, as YAML or JSON')
    .addHelpText(
      'after',
      `
Digest, size and signature are read from the file.

Examples:
  switchyard register bird-strike model.onnx --examples golden.yaml --describe run.yaml
  switchyard register bird-strike model.onnx --dry-run`,
    )
    .action(
      act(async (model: string, file: string, options: RegisterOptions) => {
        const { askRegistration } = await import('../proposing/ask.ts');
        return askRegistration(model, file, options, terminal);
      }),
    );

  asking(program.command('propose').description('propose what you changed in the work tree'))
    .argument('[path...]', 'only these files and folders', ['.'])
    .requiredOption('-m, --message <text>', 'what it does, in one line')
    .addHelpText(
      'after',
      "\nExamples:\n  switchyard propose -m 'Keep production warm for longer'\n  switchyard propose policies -m 'Ask for two approvals'",
    )
    .action(
      act(async (paths: readonly string[], options: ProposeOptions) => {
        const { askAnything } = await import('../proposing/ask.ts');
        return askAnything(paths, options, terminal);
      }),
    );
}

/** Adds the options of every verb that proposes a change. */
export function asking(command: Command, needsReason = false): Command {
  const reason = new Option('--reason <text>', 'why, for the reviewers (Markdown)');
  if (needsReason) reason.makeOptionMandatory();
  return addProposingOptions(
    command
      .addOption(reason)
      .option('--label <name...>', 'labels of the proposal')
      .option('--dry-run', 'print the change, propose nothing')
      .addOption(outputOption(['json', 'yaml'])),
  );
}
