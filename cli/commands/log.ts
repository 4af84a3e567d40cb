import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { EraseOptions } from '../log/run-erase.ts';
import type { ExportOptions } from '../log/run-export.ts';
import type { FeedbackOptions } from '../log/run-feedback.ts';
import type { QueryOptions } from '../log/run-query.ts';
import type { LogStatusOptions } from '../log/run-status.ts';
import { apiOption, outputOption } from '../output-option.ts';
import { upTo } from './number-arguments.ts';

/** Adds `switchyard log query|export|status|erase`. */
export function addLog(program: Command, { terminal, act }: Context): void {
  const log = program
    .command('log')
    .description('ask the prediction log')
    .addHelpText(
      'after',
      `
A deployment says under spec.logging what is kept of its predictions; docs/prediction-log.md has the columns.

Examples:
  switchyard log query --sql "SELECT version, count(*) FROM predictions GROUP BY version"
  switchyard log export --deployment production/bird-strike --from 2026-03-01 -o csv > march.csv
  switchyard log status`,
    );
  log
    .command('query')
    .description('ask by SQL (DuckDB)')
    .requiredOption(
      '--sql <select>',
      'one SELECT over predictions, labels and labelled; - for standard input',
    )
    .option('--limit <rows>', 'the most rows to show', upTo(10_000), 1_000)
    .addOption(outputOption(['table', 'json', 'jsonl', 'csv'], 'how to print it').default('table'))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Views:
  predictions   id, row, time, date, environment, deployment, model, version,
                variant, commit, tenant, subject, inputs, outputs (JSON),
                latency_ms, outlier, trace, process
  labels        id, row, label (JSON), received, date, environment, deployment
  labelled      predictions with the label that counts

Examples:
  switchyard log query --sql "DESCRIBE predictions"
  switchyard log query --sql "SELECT time, inputs->>'operator', (outputs->>'probability')::DOUBLE FROM predictions LIMIT 5"
  switchyard log query --sql "SELECT quantile_cont(latency_ms, 0.99) FROM predictions WHERE date = today()" -o json

Exit status: 0 when it was answered, 1 when it was refused or given up, 3 when no platform answers.`,
    )
    .action(
      act(async (options: QueryOptions) => {
        const { runQuery } = await import('../log/run-query.ts');
        return runQuery(options, terminal);
      }),
    );
  log
    .command('export')
    .description('write predictions to standard output, oldest first')
    .option('-d, --deployment <name>', 'of this deployment alone: environment/name')
    .option('--from <time>', 'since then: RFC 3339, a day, or `2h ago`')
    .option('--to <time>', 'until then')
    .option('--labelled', 'only those with a label, and the label with them')
    .addOption(outputOption(['jsonl', 'csv'], 'how to write it').default('jsonl'))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard log export --deployment production/bird-strike --from "24h ago" > predictions.jsonl
  switchyard log export --labelled -o csv > labelled.csv`,
    )
    .action(
      act(async (options: ExportOptions) => {
        const { runExport } = await import('../log/run-export.ts');
        return runExport(options, terminal);
      }),
    );
  log
    .command('status')
    .description('show what the log holds, and what it had to let go of')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .action(
      act(async (options: LogStatusOptions) => {
        const { runLogStatus } = await import('../log/run-status.ts');
        return runLogStatus(options, terminal);
      }),
    );
  log
    .command('erase')
    .description('erase all that is kept of a subject, and prove it')
    .argument('<subject>', "the subject's key, as requests carry it (spec.logging.subject)")
    .addOption(new Option('--reason <text>', 'why; the journal keeps it, and not the subject'))
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Every file that holds a row of the subject is written anew without it; then all is looked through again. What of the
subject is on its way meanwhile is let go of when it arrives.

Exit status: 0 when nothing of it is left, 1 when something is.`,
    )
    .action(
      act(async (subject: string, options: EraseOptions) => {
        const { runErase } = await import('../log/run-erase.ts');
        return runErase(subject, options, terminal);
      }),
    );
}

/** Adds `switchyard feedback`. */
export function addFeedback(program: Command, { terminal, act }: Context): void {
  program
    .command('feedback')
    .description('say what turned out to be true of predictions')
    .argument('[id]', 'a prediction (the header switchyard-prediction-id of its answer)')
    .argument('[label]', 'what was true: a number, true, false, or a text')
    .option(
      '-f, --file <file>',
      'many labels: CSV with the columns id and label, or JSON lines; - for standard input',
    )
    .addOption(
      new Option('--format <format>', 'by default what the name of the file says').choices(['csv', 'jsonl']),
    )
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
A file of CSV begins with the names of its columns: id, label, and row where a request had several. JSON lines hold an
object each: {"id": "…", "label": 1} or {"id": "…", "row": 3, "label": "damaged"}. The same label again changes nothing;
another one of the same prediction takes its place.

Examples:
  switchyard feedback 019ad5c1-2f7e-7b40-9c55-0f6f2f0f9a11 1
  switchyard feedback --file outcomes.csv

Exit status: 0 when every label is kept, 1 when some are not: their predictions are unknown, or too old.`,
    )
    .action(
      act(async (id: string | undefined, label: string | undefined, options: FeedbackOptions) => {
        const { runFeedback } = await import('../log/run-feedback.ts');
        return runFeedback(id, label, options, terminal);
      }),
    );
}
