import type { GateQuestion, Requirement } from '../../../core/capabilities/gate.ts';
import type { Resource } from '../../../core/plugin.ts';
import type { EnvironmentSpec } from '../../../schemas/generated/environment.ts';
import type { CountedReviews } from '../approvals.ts';
import type { Authors } from '../authors.ts';
import type { ProposedChange } from '../changes.ts';
import type { ExpressionContext } from '../expression-context.ts';
import type { People } from '../people.ts';
import type { Rule } from '../policy.ts';
import type { ServingHistory } from '../serving-history.ts';

/** All that rules look at: facts that are gathered once for a proposal. */
export interface Facts {
  readonly people: People;
  readonly reviews: CountedReviews;
  /** Why it is not known who made the change, where it is not: then no review counts. */
  readonly authorsProblem?: string;
  readonly authors: Pick<Authors, 'includes'>;
  readonly checks: GateQuestion['checks'];
  readonly served: ServingHistory;
  /** Of the base. */
  readonly environments: ReadonlyMap<string, Resource<EnvironmentSpec>>;
  /** Milliseconds since 1970. */
  readonly now: number;
  contextFor(change: ProposedChange): ExpressionContext;
}

/** One rule, and what it applies to. */
export interface Applied {
  /** `Policy/production, rule two-approvals`. */
  readonly title: string;
  readonly rule: Rule;
  /** The changes for which `when` holds; never empty. */
  readonly changes: readonly ProposedChange[];
}

/** Says what a part of a rule comes to; each part that a rule has makes at least one requirement. */
export type Require = (
  applied: Applied,
  facts: Facts,
) => readonly Requirement[] | Promise<readonly Requirement[]>;

/** `Ada`, `Ada and Grace`, `Ada, Grace and 3 more`. */
export function listed(names: readonly string[], word = 'and'): string {
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} ${word} ${shown.at(-1)}`;
}
