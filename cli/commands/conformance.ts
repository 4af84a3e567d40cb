import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { outputOption } from '../output-option.ts';

export interface ConformanceOptions {
  model?: string;
  request?: string;
  grpc?: string;
  only?: string;
  except?: string;
  requireAll?: boolean;
  header: readonly string[];
  timeout: string;
  all?: boolean;
  list?: boolean;
  writeFixtures?: string;
  deployTo?: string;
  output?: StructuredFormat;
}

/** Adds `switchyard conformance URL`. */
export function addConformance(program: Command, { terminal, act }: Context): void {
  program
    .command('conformance')
    .description('see whether an inference server keeps to the Open Inference Protocol')
    .argument('[url]', 'the server, as http://127.0.0.1:8080')
    .option('-m, --model <name>', 'a model to ask beside the fixtures (default: conformance-sum)')
    .option('-r, --request <file>', 'a request in JSON that it answers (default: one is made up)')
    .option('-g, --grpc <address>', 'where it answers gRPC, as 127.0.0.1:9000 (default: gRPC is not asked)')
    .option('--only <names>', 'these groups or cases, with commas between')
    .option('--except <names>', 'none of these groups or cases, with commas between')
    .option('--require-all', 'status 1, too, where a case could not be asked; for pipelines')
    .option(
      '-H, --header <header>',
      "a header for each request, as 'host: model.example'; may be given again",
      (word: string, words: readonly string[]) => [...words, word],
      [] as readonly string[],
    )
    .option('--timeout <seconds>', 'that an answer may take', '10')
    .option('--all', 'list every case, not only those that did not pass')
    .option('--list', 'list the cases, and ask nothing')
    .option('--write-fixtures <folder>', 'write the fixture models there, and ask nothing')
    .option(
      '--deploy-to <environment>',
      "with --write-fixtures: as models of a registry of Switchyard's, deployed there",
    )
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
Cases with known answers ask fixture models; serve them beside your own for a whole report. A server that does something in
a way of its own which the specification permits, or says nothing of, is told so and does not fail.

Examples:
  switchyard conformance http://127.0.0.1:8080 --model bird-strike
  switchyard conformance --write-fixtures fixtures
  switchyard conformance --write-fixtures . --deploy-to production
  switchyard conformance http://127.0.0.1:8080 --model bird-strike --only health,json/id --require-all

Exit status: 0 where no case failed, 1 where one did or none could be asked, 3 where nothing answers.`,
    )
    .action(
      act(async (url: string | undefined, options: ConformanceOptions) => {
        const kit = await import('../conformance/run-conformance.ts');
        if (options.list === true) return kit.listCases(terminal);
        if (options.writeFixtures !== undefined) {
          const { writeFixtures } = await import('../conformance/write-fixtures.ts');
          return writeFixtures(options.writeFixtures, options.deployTo, terminal);
        }
        if (options.deployTo !== undefined)
          throw usageError(
            '--deploy-to goes with --write-fixtures',
            'Name the registry, too: switchyard conformance --write-fixtures . --deploy-to production',
          );
        if (url === undefined)
          throw usageError(
            'no server was named',
            'Give its address: switchyard conformance http://127.0.0.1:8080',
          );
        return kit.runConformance(url, options, terminal);
      }),
    );
}
