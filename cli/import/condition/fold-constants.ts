import type { Node } from '../../../libraries/expr-lang/index.ts';

/** The same without what is decided already: `1 > 0 && x` is `x`. */
export function foldConstants(node: Node): Node {
  switch (node.type) {
    case 'unary': {
      const operand = foldConstants(node.operand);
      if (node.operator === '!' && operand.type === 'boolean') return { ...operand, value: !operand.value };
      return { ...node, operand };
    }
    case 'binary': {
      const left = foldConstants(node.left);
      const right = foldConstants(node.right);
      if (node.operator === '||' || node.operator === '&&') {
        const decides = node.operator === '||';
        for (const [side, other] of [
          [left, right],
          [right, left],
        ] as const) {
          if (side.type === 'boolean') return side.value === decides ? side : other;
        }
      }
      const compared =
        left.type === 'number' && right.type === 'number'
          ? compare(node.operator, left.value, right.value)
          : undefined;
      if (compared !== undefined) return { type: 'boolean', value: compared, at: node.at };
      return { ...node, left, right };
    }
    case 'conditional': {
      const test = foldConstants(node.test);
      const yes = foldConstants(node.yes);
      const no = foldConstants(node.no);
      if (test.type === 'boolean') return test.value ? yes : no;
      return { ...node, test, yes, no };
    }
    case 'predicate':
      return { ...node, body: foldConstants(node.body) };
    case 'call':
      return { ...node, arguments: node.arguments.map(foldConstants) };
    default:
      return node;
  }
}

function compare(operator: string, left: number, right: number): boolean | undefined {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return undefined;
  }
}
