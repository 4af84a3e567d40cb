/** What must hold where a condition does: read from its text alone. */
import { type ASTNode, parse } from '@marcbachmann/cel-js';
import { type Node, pathOf } from './tree.ts';

/** A field of a variable against a number that is written down; the field on the left: `result.lower > 0.01`. */
export interface Comparison {
  readonly path: string;
  readonly operator: '<' | '<=' | '>' | '>=';
  readonly number: number;
}

/**
 * Whether a condition can only come to `outcome` (true or false) where a comparison that is `wanted` holds. What cannot be told
 * from the text (functions, choices, sums) is taken to imply nothing; so is what is no expression.
 */
export function impliesComparison(
  source: string,
  outcome: boolean,
  wanted: (comparison: Comparison) => boolean,
): boolean {
  let ast: ASTNode;
  try {
    ast = parse(source).ast;
  } catch {
    return false;
  }
  return implies(ast as Node, outcome, wanted);
}

const turned = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
const opposite = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

function implies({ op, args }: Node, outcome: boolean, wanted: (comparison: Comparison) => boolean): boolean {
  if (op === '!_') return implies(args as Node, !outcome, wanted);
  if (op === '&&' || op === '||') {
    const parts = (args as readonly Node[]).map((part) => implies(part, outcome, wanted));
    // Both parts came to it, or at least one of them: then it might have been the other.
    return (op === '&&') === outcome ? parts.includes(true) : !parts.includes(false);
  }
  if (!(op in turned)) return false;
  const [left, right] = args as readonly [Node, Node];
  const operator = op as Comparison['operator'];
  const found =
    comparison(pathOf(left), operator, numberOf(right)) ??
    comparison(pathOf(right), turned[operator], numberOf(left));
  if (found === undefined) return false;
  return wanted(outcome ? found : { ...found, operator: opposite[found.operator] });
}

function comparison(
  path: string | undefined,
  operator: Comparison['operator'],
  number: number | undefined,
): Comparison | undefined {
  return path === undefined || number === undefined ? undefined : { path, operator, number };
}

function numberOf({ op, args }: Node): number | undefined {
  if (op === '-_') {
    const number = numberOf(args as Node);
    return number === undefined ? undefined : -number;
  }
  if (op !== 'value' || (typeof args !== 'number' && typeof args !== 'bigint')) return undefined;
  return Number(args);
}
