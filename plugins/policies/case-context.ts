import type { Proposal } from '../../core/capabilities/forge.ts';
import type { GateQuestion } from '../../core/capabilities/gate.ts';
import type { ProposedChange } from './changes.ts';
import { contextOf, type ExpressionContext, type ExpressionValues } from './expression-context.ts';
import type { Person } from './people.ts';

export interface CaseValues {
  readonly proposal: Pick<Proposal, 'number' | 'title' | 'labels' | 'fromFork' | 'author'>;
  readonly changes: readonly ProposedChange[];
  readonly files: readonly { readonly path: string }[];
  /** Whose work all of it is, where that is proven. */
  readonly author: Person | undefined;
  readonly checks: GateQuestion['checks'];
  readonly now: number;
}

/** What expressions see of a proposal, for each of its changes. */
export function contextFor(values: CaseValues): (change: ProposedChange) => ExpressionContext {
  const { proposal, changes, author } = values;
  const common: Omit<ExpressionValues, 'change'> = {
    proposal: {
      number: BigInt(proposal.number),
      title: proposal.title,
      labels: proposal.labels.map(({ name }) => name),
      fork: proposal.fromFork,
      files: values.files.map(({ path }) => path),
      environments: distinct(changes.map(({ environment }) => environment)),
      models: distinct(changes.map(({ model }) => model)),
      judging: changes.some(({ judging }) => judging),
    },
    author: {
      name: proposal.author.name,
      member: author?.name ?? '',
      teams: author?.teams ?? [],
      machine: author?.machine ?? false,
    },
    checks: Object.fromEntries(
      values.checks.map(({ name, outcome, facts = {} }) => [name, { outcome, facts }]),
    ),
    now: new Date(values.now),
  };
  return (change) => contextOf({ ...common, change });
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)].filter((word) => word !== '').sort();
}
