import type { CallNode, Node } from '../../../libraries/expr-lang/index.ts';
import type { ResultShape } from './translate-conditions.ts';
import { untranslatable } from './untranslatable.ts';

/** What the conditions take the result for. */
export interface AskedFor {
  /** A list of numbers, one a series: `result[0]`, `len(result)`. */
  list: boolean;
  /** Something that may not be there: `isNil(result)`, `default(result, 0)`. */
  missing: boolean;
}

/**
 * The same condition about one number that is there. Where a query gives a list there, it must give one series here; and
 * what is missing or NaN is told apart before a condition is asked.
 */
export function asOneNumber(node: Node, shape: ResultShape, asked: AskedFor, remarks: Set<string>): Node {
  const inside = (child: Node) => asOneNumber(child, shape, asked, remarks);
  switch (node.type) {
    case 'identifier':
      if (node.name === 'result') return node;
      throw untranslatable(`there is no \`${node.name}\``, 'Conditions speak of `result`.');
    case 'index':
      if (shape === 'number' && isResult(node.target)) {
        if (node.index.type !== 'number' || node.index.value !== 0) {
          throw untranslatable(
            'it looks beyond the first series of the result, and a query gives one here',
            'Let the query aggregate, and judge `result`.',
          );
        }
        asked.list = true;
        remarks.add('`result[0]` is `result`: the query must give one series');
        return node.target;
      }
      return { ...node, target: inside(node.target), index: inside(node.index) };
    case 'call':
      return call(node, shape, asked, remarks) ?? { ...node, arguments: node.arguments.map(inside) };
    case 'unary':
      return { ...node, operand: inside(node.operand) };
    case 'binary':
      return { ...node, left: inside(node.left), right: inside(node.right) };
    case 'conditional':
      return {
        ...node,
        test: inside(node.test),
        yes: inside(node.yes),
        no: inside(node.no),
      };
    case 'member':
      if (shape === 'number' && isResult(node.target)) {
        throw untranslatable(`it reads \`.${node.name}\` of the result, which is a number here`);
      }
      return { ...node, target: inside(node.target) };
    case 'predicate':
      return { ...node, body: inside(node.body) };
    case 'list':
      return { ...node, items: node.items.map(inside) };
    default:
      return node;
  }
}

function call(node: CallNode, shape: ResultShape, asked: AskedFor, remarks: Set<string>): Node | undefined {
  const { name, at } = node;
  const [first] = node.arguments;
  const isAboutResult = first !== undefined && isResult(first);
  switch (name) {
    case 'isNil':
      asked.missing = true;
      return { type: 'boolean', value: false, at };
    case 'default':
      if (!isAboutResult || node.arguments.length !== 2) {
        throw untranslatable('`default` of something else than `result`');
      }
      asked.missing = true;
      return first;
    case 'isNaN':
    case 'isInf':
      if (name === 'isInf') remarks.add('infinity was judged there; here it is an error of the source');
      if (shape === 'number' && first !== undefined && (isAboutResult || isFirstOfResult(first))) {
        asked.list ||= !isAboutResult;
        return { type: 'boolean', value: false, at };
      }
      // JSON has neither.
      if (shape === 'document' && first !== undefined && isPath(first)) {
        return { type: 'boolean', value: false, at };
      }
      throw untranslatable(`\`${name}\` of something else than what was measured`);
    case 'len':
      if (shape !== 'number' || !isAboutResult) return undefined;
      asked.list = true;
      remarks.add('`len(result)` is 1 where there is data: the query must give one series');
      return { type: 'number', value: 1, at };
    default:
      if (shape === 'number' && isAboutResult && name !== 'asFloat' && name !== 'asInt') {
        throw untranslatable(
          `\`${name}(result…)\` judges several series at once, and a query gives one number here`,
          'Aggregate in the query (min, max, count) and judge `result`.',
        );
      }
      return undefined;
  }
}

function isResult(node: Node): boolean {
  return node.type === 'identifier' && node.name === 'result';
}

function isFirstOfResult(node: Node): boolean {
  return node.type === 'index' && isResult(node.target);
}

/** `result.a[0].b`. */
function isPath(node: Node): boolean {
  if (node.type === 'member' || node.type === 'index') return isPath(node.target);
  return isResult(node) || node.type === 'element';
}
