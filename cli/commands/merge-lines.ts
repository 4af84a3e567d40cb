import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import type { EvidenceOptions } from '../proposing/evidence.ts';
import { type AskOptions, asking } from './ask.ts';

export interface MergeLinesOptions extends AskOptions, EvidenceOptions {
  readonly into: string;
  readonly as?: string;
  readonly artifact?: string;
  readonly average?: boolean;
  readonly weight?: number;
  readonly uri?: string;
  readonly save?: string;
  readonly resolve?: ReadonlyMap<string, string>;
  readonly allowUnrelated?: boolean;
}

/** Adds `switchyard merge-lines`. */
export function addMergeLines(program: Command, { terminal, act }: Context): void {
  asking(
    program
      .command('merge-lines')
      .description('propose a version of a model that comes from two of its lines, by a three-way merge'),
  )
    .argument('<model>', 'its name')
    .argument('<line>', 'the line whose newest version is merged, or one version')
    .option('--into <line>', 'the line that it is merged into', 'main')
    .option('--as <version>', 'default: computed from the signatures and lineages')
    .addOption(new Option('--artifact <file>', 'an ONNX file that was made of both').conflicts('average'))
    .option('--average', 'average the float weights of both, where their graphs are the same')
    .addOption(
      new Option('--weight <share>', 'how much of the average is of the line that is merged (default: 0.5)')
        .argParser(share)
        .implies({ average: true })
        .conflicts('artifact'),
    )
    .addOption(
      new Option('--save <file>', 'write the averaged model there, too, to try it or to upload it').conflicts(
        'artifact',
      ),
    )
    .option('--uri <uri>', 'where the new artifact lies already (default: it is committed beside the model)')
    .option('--examples <file>', 'golden examples, as YAML or JSON, instead of those of both lines')
    .option('--describe <file>', 'lineage and metrics of the new artifact, as YAML or JSON')
    .addOption(
      new Option(
        '--resolve <field=side...>',
        'whose value counts where both lines changed a field',
      ).argParser(resolution),
    )
    .option('--allow-unrelated', 'merge lines without a common ancestor')
    .addHelpText(
      'after',
      `
What one line alone changed since they parted is taken from it; what both changed differently is a conflict, by name.

Examples:
  switchyard merge-lines bird-strike eu --into main
  switchyard merge-lines bird-strike eu --average --weight 0.3 --save merged.onnx --dry-run
  switchyard merge-lines bird-strike eu --artifact both.onnx --describe run.yaml --examples golden.yaml
  switchyard merge-lines bird-strike 1.2.0 --average --resolve lineage.seed=eu lineage.dataset=main`,
    )
    .action(
      act(async (model: string, line: string, options: MergeLinesOptions) => {
        const { askMerge } = await import('../proposing/ask-merge.ts');
        return askMerge(model, line, options, terminal);
      }),
    );
}

function share(text: string): number {
  const value = /^(0?\.\d+|[1-9]\d*%)$/.test(text) ? Number(text.replace('%', '')) : Number.NaN;
  const found = text.endsWith('%') ? value / 100 : value;
  if (found > 0 && found < 1) return found;
  throw new InvalidArgumentError('Write a share between 0 and 1, such as 0.3 or 30%.');
}

function resolution(
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1) {
    throw new InvalidArgumentError('Write FIELD=SIDE, such as lineage.seed=eu.');
  }
  return new Map([...before, [text.slice(0, at), text.slice(at + 1)]]);
}
