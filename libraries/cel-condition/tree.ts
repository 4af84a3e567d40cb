/** The tree of an expression, as far as its form is looked at. */
export interface Node {
  readonly op: string;
  readonly args: unknown;
}

/** `result.candidate` of `result.candidate` and of `result["candidate"]`; undefined of what is no path. */
export function pathOf({ op, args }: Node): string | undefined {
  if (op === 'id') return String(args);
  if (op !== '.' && op !== '[]') return undefined;
  const [of, field] = args as readonly [Node, string | Node];
  const base = pathOf(of);
  const name = typeof field === 'string' ? field : field.op === 'value' ? field.args : undefined;
  return base === undefined || typeof name !== 'string' ? undefined : `${base}.${name}`;
}
