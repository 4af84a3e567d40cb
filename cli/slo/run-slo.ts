import { codeOf } from '../../core/errors.ts';
import { connect } from '../client/api.ts';
import { promiseNotFound, sloMissing } from '../client/errors.ts';
import type { SloOptions } from '../commands/slo.ts';
import { exitCodes } from '../exit-codes.ts';
import { sloTable, sloView } from '../output/slo.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';

export interface ShownLevel {
  readonly environment: string;
  readonly deployment: string;
  readonly window: string;
  readonly minRequests: number;
  readonly objectives: readonly ShownObjective[];
  readonly burning: {
    readonly speed: 'fast' | 'slow';
    readonly since: string;
    readonly message: string;
    readonly objectives: readonly {
      readonly objective: string;
      readonly burnRate: number;
      readonly windows: string;
      readonly errors: string;
      readonly versions: string;
    }[];
  } | null;
}

export interface ShownObjective {
  readonly name: string;
  readonly promise: string;
  readonly target: number;
  /** Shares; null where nobody asked. */
  readonly now: number | null;
  readonly requests: number;
  readonly budgetLeft: number;
  readonly covered: number;
  readonly burnRates: Readonly<Record<string, number | null>>;
  readonly state: 'met' | 'noTraffic' | 'fast' | 'slow';
}

/** Shows what is promised, and how it is kept. */
export async function runSlo(
  deployment: string | undefined,
  options: SloOptions,
  terminal: Terminal,
): Promise<number> {
  const api = await connect(options, terminal);
  const { items } = await api
    .get<{ items: readonly ShownLevel[] }>('/plugins/slo/deployments')
    .catch((error: unknown) => {
      if (codeOf(error) === 'NoSuchRoute') throw sloMissing(api.url);
      throw error;
    });
  const shown = items.filter((one) => deployment === undefined || isMeant(one, deployment));
  if (deployment !== undefined && shown.length === 0) throw promiseNotFound(deployment);
  if (options.output !== undefined) {
    terminal.out(structured({ items: shown }, options.output));
    return exitCodes.success;
  }
  if (shown.length === 0) {
    terminal.err('No deployment promises anything: add spec.slo, see docs/slo.md.\n');
    return exitCodes.success;
  }
  const view = { now: Date.now(), width: terminal.width, colours: terminal.colours };
  terminal.out(sloTable(shown, view));
  if (deployment !== undefined) terminal.out(sloView(shown, view));
  return exitCodes.success;
}

function isMeant({ environment, deployment }: ShownLevel, name: string): boolean {
  return name === deployment || name === `${environment}/${deployment}`;
}
