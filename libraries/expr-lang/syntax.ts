/** An expression of expr-lang as a tree. Each node knows where it begins, counted from 0. */
export type Node =
  | NumberNode
  | StringNode
  | BooleanNode
  | NilNode
  | IdentifierNode
  | ElementNode
  | PlaceholderNode
  | ListNode
  | UnaryNode
  | BinaryNode
  | ConditionalNode
  | MemberNode
  | IndexNode
  | CallNode
  | PredicateNode;

interface Placed {
  readonly at: number;
}

export interface NumberNode extends Placed {
  readonly type: 'number';
  readonly value: number;
}

export interface StringNode extends Placed {
  readonly type: 'string';
  readonly value: string;
}

export interface BooleanNode extends Placed {
  readonly type: 'boolean';
  readonly value: boolean;
}

export interface NilNode extends Placed {
  readonly type: 'nil';
}

export interface IdentifierNode extends Placed {
  readonly type: 'identifier';
  readonly name: string;
}

/** `#`: what a predicate looks at. */
export interface ElementNode extends Placed {
  readonly type: 'element';
}

/** `{{args.limit}}`: a text that is put in before the expression is read. */
export interface PlaceholderNode extends Placed {
  readonly type: 'placeholder';
  /** With its braces. */
  readonly text: string;
}

export interface ListNode extends Placed {
  readonly type: 'list';
  readonly items: readonly Node[];
}

export interface UnaryNode extends Placed {
  readonly type: 'unary';
  readonly operator: '!' | '-' | '+';
  readonly operand: Node;
}

/** `and`, `or` and `not in` are written `&&`, `||` and a negated `in`. */
export interface BinaryNode extends Placed {
  readonly type: 'binary';
  readonly operator: Exclude<BinaryOperator, '|'>;
  readonly left: Node;
  readonly right: Node;
}

export interface ConditionalNode extends Placed {
  readonly type: 'conditional';
  readonly test: Node;
  readonly yes: Node;
  readonly no: Node;
}

export interface MemberNode extends Placed {
  readonly type: 'member';
  readonly target: Node;
  readonly name: string;
  /** `?.`: nil where the target is nil. */
  readonly optional: boolean;
}

export interface IndexNode extends Placed {
  readonly type: 'index';
  readonly target: Node;
  readonly index: Node;
}

export interface CallNode extends Placed {
  readonly type: 'call';
  readonly name: string;
  readonly arguments: readonly Node[];
}

/** `{# > 1}`, and what stands for it without braces in the second place of `all`, `filter` and their like. */
export interface PredicateNode extends Placed {
  readonly type: 'predicate';
  readonly body: Node;
}

export type BinaryOperator =
  | '|'
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'matches'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | '..'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '**'
  | '??';

/** How tightly each operator binds, as expr-lang has it. */
export const bindings: Readonly<Record<BinaryOperator, number>> = {
  '|': 0,
  '||': 10,
  '&&': 15,
  '==': 20,
  '!=': 20,
  '<': 20,
  '<=': 20,
  '>': 20,
  '>=': 20,
  in: 20,
  matches: 20,
  contains: 20,
  startsWith: 20,
  endsWith: 20,
  '..': 25,
  '+': 30,
  '-': 30,
  '*': 60,
  '/': 60,
  '%': 60,
  '**': 100,
  '??': 500,
};

/** Functions whose second argument is a predicate. */
export const predicateFunctions: ReadonlySet<string> = new Set([
  ...['all', 'any', 'one', 'none', 'filter', 'map', 'count', 'sum', 'find', 'findIndex'],
  ...['findLast', 'findLastIndex', 'groupBy', 'sortBy', 'reduce'],
]);

/** Thrown for a text that is no expression, or uses syntax beyond this library. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
  /** Counted from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
