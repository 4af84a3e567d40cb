import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { ImportedKind } from '../import/import-documents.ts';
import type { ImportOptions } from '../import/run-import.ts';
import { outputOption } from '../output-option.ts';

/** Adds `switchyard import rollout|analysistemplate|canary FILE…`. */
export function addImport(program: Command, { terminal, act }: Context): void {
  const verb = program
    .command('import')
    .description('bring over what others walk and judge by: Argo Rollouts, Flagger')
    .addHelpText(
      'after',
      `
Examples:
  switchyard import rollout rollout.yaml
  switchyard import canary --help`,
    );
  const add = (kind: ImportedKind, description: string, places: boolean, examples: string) => {
    const command = verb
      .command(kind)
      .description(description)
      .argument('<files...>', 'files of YAML or JSON; - for standard input')
      .option(
        '--out <dir>',
        'write the manifests below this folder, the top of a registry (default: print them)',
      )
      .option('--force', 'overwrite files that are there');
    if (places) {
      command
        .option('-e, --environment <name>', 'the environment to deploy in')
        .option('--version <version>', 'the version of the model that answers there')
        .option('--model <name>', 'the model (default: the name of what is imported)');
    }
    command
      .addOption(outputOption(['json', 'yaml']))
      .addHelpText(
        'after',
        `
What became of each field is told: imported, changed (and how), dropped (and why), or that its place is elsewhere. A document
with a step or a metric that has no equal is refused as a whole, by name. docs/importing.md has the table of equals.

Examples:
${examples}

Exit status: 0 when all was imported, 1 when something was refused, 4 when there is nothing of the kind.`,
      )
      .action(
        act(async (files: string[], options: ImportOptions) => {
          const { runImport } = await import('../import/run-import.ts');
          return runImport(kind, files, options, terminal);
        }),
      );
  };
  add(
    'rollout',
    'Rollouts of Argo Rollouts, with the templates in the same files',
    true,
    `  switchyard import rollout rollout.yaml
  switchyard import rollout rollout.yaml templates.yaml --environment production --version 1.2.0 --out .`,
  );
  add(
    'analysistemplate',
    'AnalysisTemplates and ClusterAnalysisTemplates of Argo Rollouts',
    false,
    `  switchyard import analysistemplate templates.yaml
  switchyard import analysistemplate templates.yaml --out .`,
  );
  add(
    'canary',
    'Canaries of Flagger, with the MetricTemplates that they ask',
    true,
    `  switchyard import canary canary.yaml metric-templates.yaml
  switchyard import canary canary.yaml --environment production --version 1.2.0 --out .`,
  );
}
