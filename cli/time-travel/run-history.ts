import { nothingKnown } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { historyForPeople } from '../output/history.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { modelHistory } from './model-history.ts';
import { type HistoryOptions, withWholeHistory } from './open-history.ts';

export interface ModelHistoryOptions extends HistoryOptions {
  readonly limit: number;
  readonly output?: StructuredFormat;
}

/** Prints what happened to a model. */
export function runHistory(model: string, options: ModelHistoryOptions, terminal: Terminal): Promise<number> {
  return withWholeHistory(options, terminal, async (repository, head, root) => {
    const entries = await modelHistory(repository, head, model, options.limit);
    if (entries.length === 0) throw nothingKnown(`the model ${model}`, root);
    terminal.out(
      options.output ? structured({ items: entries }, options.output) : historyForPeople(entries, terminal),
    );
    return exitCodes.success;
  });
}
