import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { jobStates, type ShownJob } from '../jobs/job.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface JobsOptions {
  readonly api?: string;
  readonly output?: StructuredFormat;
}

export interface JobListOptions extends JobsOptions {
  readonly state?: ShownJob['state'];
  readonly deployment?: string;
  readonly environment?: string;
}

export interface JobGetOptions extends JobsOptions {
  readonly wait?: boolean;
}

export interface JobResultOptions {
  readonly api?: string;
  readonly out?: string;
  readonly format: 'jsonl' | 'csv';
  readonly partial?: boolean;
  readonly force?: boolean;
}

/** Adds `switchyard jobs`. */
export function addJobs(program: Command, { terminal, act }: Context): void {
  const jobs = program
    .command('jobs')
    .description('watch jobs of predictions, cancel them, and take their results')
    .addHelpText(
      'after',
      `
Begin one with: switchyard predict NAME --file rows.csv --async

Examples:
  switchyard jobs list
  switchyard jobs list --state failed --deployment bird-strike
  switchyard jobs get 5e1f0a9b7c3d2e48 --wait
  switchyard jobs result 5e1f0a9b7c3d2e48 --format csv --out predictions.csv`,
    );
  jobs
    .command('list', { isDefault: true })
    .description('show the jobs that are kept, oldest first')
    .addOption(new Option('--state <state>', 'only those that are so').choices(jobStates))
    .option('--deployment <name>', 'only those of this deployment: name, or environment/name')
    .option('-e, --environment <name>', 'only those of this environment')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (options: JobListOptions) => {
        const { runJobs } = await import('../jobs/run-jobs.ts');
        return runJobs(options, terminal);
      }),
    );
  jobs
    .command('get')
    .description('show how far a job is')
    .argument('<job>', 'its id')
    .addHelpText('after', '\nStatus 1 where it has ended and not all rows were predicted.')
    .option('--wait', 'until it has ended')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (id: string, options: JobGetOptions) => {
        const { runJobGet } = await import('../jobs/run-jobs.ts');
        return runJobGet(id, options, terminal);
      }),
    );
  jobs
    .command('cancel')
    .description('end a job; what it has predicted stays')
    .argument('<job>', 'its id')
    .addOption(apiOption())
    .action(
      act(async (id: string, options: JobsOptions) => {
        const { runJobCancel } = await import('../jobs/run-jobs.ts');
        return runJobCancel(id, options, terminal);
      }),
    );
  jobs
    .command('result')
    .description('take the predictions of a job, a line a row')
    .argument('<job>', 'its id')
    .option('--out <file>', 'write there instead of to standard output')
    .option('--force', 'with --out: overwrite')
    .addOption(
      new Option('--format <format>', 'how rows are written').choices(['jsonl', 'csv']).default('jsonl'),
    )
    .option('--partial', 'also of a job that has not ended: the rows that there are')
    .addOption(apiOption())
    .action(
      act(async (id: string, options: JobResultOptions) => {
        const { runJobResult } = await import('../jobs/run-job-result.ts');
        return runJobResult(id, options, terminal);
      }),
    );
}
