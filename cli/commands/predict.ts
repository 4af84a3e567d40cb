import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface PredictOptions {
  api?: string;
  server?: string;
  environment?: string;
  version?: string;
  proposal?: string;
  data?: string;
  input: string[];
  inputs?: boolean;
  output?: StructuredFormat;
}

/** Adds `switchyard predict DEPLOYMENT`. */
export function addPredict(program: Command, { terminal, act }: Context): void {
  program
    .command('predict')
    .description('ask a deployment for a prediction, and see which version answered')
    .argument('<deployment>', 'the deployment')
    .option('-e, --environment <name>', 'its environment (default: the default environment)')
    .option('-d, --data <json>', 'an Open Inference request: JSON, @file, or - for standard input')
    .option('-i, --input <name=values>', 'one input, typed by the model; repeat it for each', collect, [])
    .option('--inputs', 'show what the deployment takes and gives, and ask nothing')
    .option('--version <version>', 'one version of those that are loaded, instead of what traffic gets')
    .option('--proposal <number>', 'the versions of an open proposal, before it merges')
    .option(
      '--server <url>',
      'the inference server (default: SWITCHYARD_INFERENCE, or what runs on this machine)',
    )
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard predict bird-strike --inputs
  switchyard predict bird-strike --data @request.json -e staging
  switchyard predict iris -i sepal_length=5.1,6.2 -i sepal_width=3.5,2.9
  echo '{"inputs": […]}' | switchyard predict iris --data - -o json
  switchyard predict bird-strike --data @request.json --proposal 12

Values are separated by commas, one a row; text that holds a comma is written as JSON: -i 'airport=["MIAMI, INTL"]'.`,
    )
    .action(
      act(async (deployment: string, options: PredictOptions) => {
        const { runPredict } = await import('../platform/run-predict.ts');
        return runPredict(deployment, options, terminal);
      }),
    );
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
