import { type BinaryOperator, bindings, type Node, predicateFunctions, SyntaxProblem } from './syntax.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Deeper than people nest, and far from the end of the stack. */
const deepest = 64;

/**
 * Reads an expression of expr-lang (the language of Argo Rollouts' conditions). `{{…}}` stands for a value that is put in
 * later. Throws `SyntaxProblem`, with the place, for what is no expression, and for maps, slices, variables and `if`.
 */
export function parse(source: string): Node {
  const reader = new Reader(tokensOf(source));
  const node = reader.expression(0);
  reader.expectEnd();
  return node;
}

const words: Readonly<Record<string, BinaryOperator>> = {
  or: '||',
  and: '&&',
  in: 'in',
  matches: 'matches',
  contains: 'contains',
  startsWith: 'startsWith',
  endsWith: 'endsWith',
};

class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(tightness: number): Node {
    if (++this.#depth > deepest) throw new SyntaxProblem(`it nests deeper than ${deepest}`, this.#token.at);
    let left = this.#operand();
    for (;;) {
      const { at } = this.#token;
      const isNegated = this.#isName('not') && this.#peek(1).value === 'in';
      const operator = isNegated ? 'in' : this.#operator();
      if (operator === undefined || bindings[operator] < tightness) break;
      this.#next += isNegated ? 2 : 1;
      if (operator === '|') {
        left = this.#postfix(this.#piped(left, at));
        continue;
      }
      // All bind to the left, but for the power.
      const right = this.expression(operator === '**' ? bindings[operator] : bindings[operator] + 1);
      left = { type: 'binary', operator, left, right, at };
      if (isNegated) left = { type: 'unary', operator: '!', operand: left, at };
    }
    if (tightness === 0 && this.#takeSign('?')) {
      const yes = this.expression(0);
      this.#demandSign(':');
      left = { type: 'conditional', test: left, yes, no: this.expression(0), at: left.at };
    }
    this.#depth--;
    return left;
  }

  expectEnd(): void {
    const { type, value, at } = this.#token;
    if (type !== 'end') throw new SyntaxProblem(`"${value}" stands where the expression should end`, at);
  }

  #operand(): Node {
    const { type, value, at } = this.#token;
    if (type === 'sign' && (value === '!' || value === '-' || value === '+')) {
      this.#next++;
      return { type: 'unary', operator: value, operand: this.expression(value === '!' ? 50 : 90), at };
    }
    if (type === 'name' && value === 'not') {
      this.#next++;
      return { type: 'unary', operator: '!', operand: this.expression(50), at };
    }
    return this.#postfix(this.#primary());
  }

  #primary(): Node {
    const token = this.#token;
    const { at } = token;
    this.#next++;
    switch (token.type) {
      case 'number':
        return { type: 'number', value: token.value, at };
      case 'string':
        return { type: 'string', value: token.value, at };
      case 'placeholder':
        return { type: 'placeholder', text: token.value, at };
      case 'name':
        return this.#named(token.value, at);
      case 'sign':
        return this.#signed(token.value, at);
      case 'end':
        throw new SyntaxProblem('it ends where a value should be', at);
    }
  }

  #named(name: string, at: number): Node {
    if (name === 'true' || name === 'false') return { type: 'boolean', value: name === 'true', at };
    if (name === 'nil') return { type: 'nil', at };
    if (name === 'let' || name === 'if') throw new SyntaxProblem(`\`${name}\` is not understood here`, at);
    if (!this.#takeSign('(')) return { type: 'identifier', name, at };
    return { type: 'call', name, arguments: this.#arguments(name), at };
  }

  #signed(sign: string, at: number): Node {
    switch (sign) {
      case '(': {
        const inside = this.expression(0);
        this.#demandSign(')');
        return inside;
      }
      case '[':
        return { type: 'list', items: this.#listed(']'), at };
      case '#':
        if (this.#token.type === 'name') throw new SyntaxProblem('`#name` is not understood here', at);
        return { type: 'element', at };
      case '.': {
        // In a predicate, `.value` is `#.value`.
        const name = this.#demandName();
        return { type: 'member', target: { type: 'element', at }, name, optional: false, at };
      }
      case '{':
        throw new SyntaxProblem('maps are not understood here', at);
      default:
        throw new SyntaxProblem(`"${sign}" stands where a value should be`, at);
    }
  }

  #postfix(start: Node): Node {
    let node = start;
    for (;;) {
      const { at } = this.#token;
      if (this.#takeSign('.') || this.#isOptional()) {
        const optional = this.#peek(-1).value === '?.';
        const name = this.#demandName();
        if (this.#isSign('('))
          throw new SyntaxProblem(`methods (\`.${name}()\`) are not understood here`, at);
        node = { type: 'member', target: node, name, optional, at };
      } else if (this.#takeSign('[')) {
        if (this.#isSign(':')) throw new SyntaxProblem('slices are not understood here', this.#token.at);
        const index = this.expression(0);
        if (this.#isSign(':')) throw new SyntaxProblem('slices are not understood here', this.#token.at);
        this.#demandSign(']');
        node = { type: 'index', target: node, index, at };
      } else {
        return node;
      }
    }
  }

  #isOptional(): boolean {
    return this.#takeSign('?.');
  }

  /** `list | all(# > 1)` is `all(list, # > 1)`. */
  #piped(first: Node, at: number): Node {
    const name = this.#demandName();
    this.#demandSign('(');
    return { type: 'call', name, arguments: this.#arguments(name, [first]), at };
  }

  #arguments(name: string, before: readonly Node[] = []): readonly Node[] {
    const given = [...before];
    let isFirst = true;
    while (!this.#takeSign(')')) {
      if (!isFirst) this.#demandSign(',');
      isFirst = false;
      const isPredicate = given.length === 1 && predicateFunctions.has(name);
      given.push(isPredicate ? this.#predicate() : this.expression(0));
    }
    return given;
  }

  #predicate(): Node {
    const { at } = this.#token;
    const isBraced = this.#takeSign('{');
    const body = this.expression(0);
    if (isBraced) this.#demandSign('}');
    return { type: 'predicate', body, at };
  }

  #listed(closing: string): readonly Node[] {
    const items: Node[] = [];
    while (!this.#takeSign(closing)) {
      if (items.length > 0) {
        this.#demandSign(',');
        if (this.#takeSign(closing)) break;
      }
      items.push(this.expression(0));
    }
    return items;
  }

  #operator(): BinaryOperator | undefined {
    const { type, value } = this.#token;
    if (type === 'name') return Object.hasOwn(words, value) ? words[value] : undefined;
    return type === 'sign' && Object.hasOwn(bindings, value) ? (value as BinaryOperator) : undefined;
  }

  get #token(): Token {
    return this.#peek(0);
  }

  #peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] as Token;
  }

  #isSign(sign: string): boolean {
    return this.#token.type === 'sign' && this.#token.value === sign;
  }

  #isName(name: string): boolean {
    return this.#token.type === 'name' && this.#token.value === name;
  }

  #takeSign(sign: string): boolean {
    if (!this.#isSign(sign)) return false;
    this.#next++;
    return true;
  }

  #demandSign(sign: string): void {
    const { value, at, type } = this.#token;
    if (this.#takeSign(sign)) return;
    const found = type === 'end' ? 'the end' : `"${value}"`;
    throw new SyntaxProblem(`"${sign}" is missing before ${found}`, at);
  }

  #demandName(): string {
    const { type, value, at } = this.#token;
    if (type !== 'name') throw new SyntaxProblem('a name is missing', at);
    this.#next++;
    return value;
  }
}
