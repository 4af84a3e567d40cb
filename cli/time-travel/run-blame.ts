import { nothingKnown, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { blameForPeople } from '../output/history.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { deploymentsAt } from './declared-deployments.ts';
import { blameFields } from './field-blame.ts';
import { type HistoryOptions, withWholeHistory } from './open-history.ts';

export interface BlameOptions extends HistoryOptions {
  readonly output?: StructuredFormat;
}

/** Prints for each field of a deployment who gave it its value, and who allowed it. */
export function runBlame(place: string, options: BlameOptions, terminal: Terminal): Promise<number> {
  const [environment, name, ...more] = place.split('/');
  if (!environment || !name || more.length > 0) {
    throw usageError(`'${place}' names no deployment`, 'Write environment and name: production/bird-strike.');
  }
  return withWholeHistory(options, terminal, async (repository, head, root) => {
    const found = await deploymentsAt(repository, head, { environment });
    const meant = found.find((one) => one.name === name) ?? found.find((one) => one.model === name);
    if (meant === undefined) throw nothingKnown(`a deployment ${place}`, root);
    const fields = await blameFields(repository, head, meant.path, (value) => {
      const { kind, metadata } = (value ?? {}) as {
        kind?: unknown;
        metadata?: { name?: unknown; environment?: unknown };
      };
      return kind === 'Deployment' && metadata?.name === meant.name && metadata.environment === environment;
    });
    const shown = { path: meant.path, fields: fields.filter(({ pointer }) => pointer.startsWith('/spec')) };
    terminal.out(options.output ? structured(shown, options.output) : blameForPeople(shown, terminal));
    return exitCodes.success;
  });
}
