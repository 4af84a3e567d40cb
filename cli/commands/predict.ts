import { type Command, Option } from 'commander';
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
  file?: string;
  out?: string;
  resume?: boolean;
  force?: boolean;
  async?: boolean;
  batch: string;
  parallel: string;
  missing: string[];
  columns: string[];
  keep?: string;
  priority?: string;
  timeout?: string;
  header: string[];
  output?: StructuredFormat;
}

/** Adds `switchyard predict DEPLOYMENT`. */
export function addPredict(program: Command, { terminal, act }: Context): void {
  program
    .command('predict')
    .description('ask a deployment for a prediction, and see which version answered')
    .argument('<deployment>', 'the deployment')
    .option('-e, --environment <name>', 'its environment (default: the default environment)')
    .option(
      '-d, --data <json>',
      'an Open Inference request, or rows by name: JSON, @file, or - for standard input',
    )
    .option('-i, --input <name=values>', 'one input, typed by the model; repeat it for each', collect, [])
    .option('--inputs', 'show what the deployment takes and gives, and ask nothing')
    .option(
      '-f, --file <file>',
      'every row of a .csv, .tsv, .jsonl or .parquet, whose columns are named as the inputs',
    )
    .option('--out <file>', 'with --file: write there (.csv or .jsonl) instead of to standard output')
    .option('--async', 'with --file: let the platform predict it in the background, as a job')
    .option('--resume', 'with --out: go on where it was stopped')
    .option('--force', 'with --out: overwrite')
    .option(
      '--missing <field=value>',
      'with --file: what stands where a cell is empty; repeat it',
      collect,
      [],
    )
    .option(
      '--columns <input=names>',
      'with --file: the columns of an input with several values a row',
      collect,
      [],
    )
    .option('--keep <names>', 'with --file: columns to write beside the predictions, with commas between')
    .option('--batch <rows>', 'with --file: rows of a request', '100')
    .option('--parallel <requests>', 'with --file: requests at a time', '4')
    .option('--version <version>', 'one version of those that are loaded, instead of what traffic gets')
    .addOption(
      new Option('--priority <number>', 'of each request: 1 goes first, 9 last').choices([...'123456789']),
    )
    .option('--timeout <duration>', 'how long the server may take for a request: 250ms, 30s')
    .option(
      '-H, --header <name: value>',
      'a header of each request, or @file with one a line; repeat it',
      collect,
      [],
    )
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
  switchyard predict iris --data '{"rows": [{"sepal_length": 5.1, "sepal_width": 3.5}]}'
  switchyard predict iris -i sepal_length=5.1,6.2 -i sepal_width=3.5,2.9
  echo '{"inputs": […]}' | switchyard predict iris --data - -o json
  switchyard predict bird-strike --data @request.json --proposal 12
  switchyard predict bird-strike --data @request.json --priority 1 --timeout 250ms -H 'x-team: tower' -H @key.txt
  switchyard predict bird-strike --file strikes.csv --missing speed_knots=-1 --keep id --out predictions.csv
  switchyard predict bird-strike --file strikes.parquet --async

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
