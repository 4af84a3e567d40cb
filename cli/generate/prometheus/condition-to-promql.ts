/** Makes PromQL of a CEL condition over `result`, where there is an equal. */
import { parse } from '@marcbachmann/cel-js';
import { type Node, pathOf } from '../../../libraries/cel-condition/tree.ts';

export type Translated = { readonly expr: string } | { readonly problem: string };

/** What the condition may speak of: the paths of numbers (`result`, `result.candidate`) and the PromQL that gives them. */
export type Measured = ReadonlyMap<string, string>;

/** A condition holds where its PromQL gives a series, as alerting rules have it. */
export function conditionToPromql(source: string, measured: Measured): Translated {
  try {
    return { expr: holds(parse(source).ast as Node, false, measured) };
  } catch (error) {
    if (error instanceof NoEqual) return { problem: error.message };
    throw error;
  }
}

class NoEqual extends Error {}

const opposite: Readonly<Record<string, string>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};
const arithmetic = new Set(['+', '-', '*', '/', '%']);

function holds({ op, args }: Node, isNegated: boolean, measured: Measured): string {
  if (op === '!_') return holds(args as Node, !isNegated, measured);
  if (op === '&&' || op === '||') {
    const parts = (args as readonly Node[]).map((part) => holds(part, isNegated, measured));
    // By De Morgan: where neither holds, both opposites do.
    return parts.map((part) => `(${part})`).join((op === '&&') === isNegated ? ' or ' : ' and ');
  }
  const operator = isNegated ? opposite[op] : op;
  if (operator === undefined || opposite[op] === undefined) {
    const name = op === 'call' || op === 'rcall' ? (args as readonly unknown[])[0] : op;
    throw new NoEqual(`\`${name}\` in its condition has no equal in PromQL`);
  }
  const [left, right] = args as readonly [Node, Node];
  if (isConstant(left) && isConstant(right)) {
    throw new NoEqual('its condition compares two numbers that are written down');
  }
  // Two sides of the same series: PromQL keeps the left one, which annotations show.
  return `${number(left, measured)} ${operator} ${number(right, measured)}`;
}

function number(node: Node, measured: Measured): string {
  const { op, args } = node;
  const path = pathOf(node);
  if (path !== undefined) {
    const query = measured.get(path);
    if (query === undefined)
      throw new NoEqual(`\`${path}\` is not among the metrics that Prometheus is given`);
    return `(${query})`;
  }
  if (op === 'value' && (typeof args === 'number' || typeof args === 'bigint')) return String(args);
  if (op === '-_') return `-${number(args as Node, measured)}`;
  if (arithmetic.has(op)) {
    const [left, right] = args as readonly [Node, Node];
    return `(${number(left, measured)} ${op} ${number(right, measured)})`;
  }
  throw new NoEqual('its condition compares what is no number');
}

function isConstant({ op, args }: Node): boolean {
  if (op === '-_') return isConstant(args as Node);
  if (arithmetic.has(op)) return (args as readonly Node[]).every(isConstant);
  return op === 'value';
}
