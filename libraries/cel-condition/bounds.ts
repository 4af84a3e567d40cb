/** What an expression may consist of, whoever declares its variables. */
import type { ASTNode } from '@marcbachmann/cel-js';

/** Structural limits: what people write is a twentieth of them. */
export const limits = {
  maxAstNodes: 400,
  maxDepth: 24,
  maxListElements: 100,
  maxMapEntries: 20,
  maxCallArguments: 4,
};

/** Functions that do the same for each entry of a list. */
export const loops: readonly string[] = ['all', 'exists', 'exists_one', 'filter', 'map'];

/** Functions whose cost is bounded by what they are given. Regular expressions are none: they can take for ever. */
export const plainFunctions: readonly string[] = [
  ...['has', 'size', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim'],
  ...['int', 'uint', 'double', 'string', 'bool', 'dyn', 'type', 'timestamp', 'duration'],
  ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear'],
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'],
];

/** The functions that an expression calls, and how deep its loops nest. */
export function survey(root: ASTNode): { names: ReadonlySet<string>; nesting: number } {
  const names = new Set<string>();
  const visit = (node: unknown): number => {
    if (Array.isArray(node)) return Math.max(0, ...node.map(visit));
    if (typeof node !== 'object' || node === null || !('op' in node)) return 0;
    const { op, args } = node as { op: string; args: unknown };
    if (op !== 'call' && op !== 'rcall') return visit(args);
    const [name, ...rest] = args as [string, ...unknown[]];
    names.add(name);
    if (!loops.includes(name)) return visit(rest);
    // The list is made before the loop runs over it, so that only the body counts as inside.
    const [target, body] = rest;
    return Math.max(visit(target), 1 + visit(body));
  };
  return { nesting: visit(root), names };
}
