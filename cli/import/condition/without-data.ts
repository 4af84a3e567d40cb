import type { Node } from '../../../libraries/expr-lang/index.ts';

/** What Argo Rollouts finds where Switchyard says that there is no data. */
export type Absence = 'empty' | 'nan' | 'nil';
export type OutcomeThere = 'Successful' | 'Failed' | 'Inconclusive' | 'Error' | 'unknown';

/** What a metric's conditions come to there without data. */
export function outcomeWithout(
  absence: Absence,
  success: Node | undefined,
  failure: Node | undefined,
  isList: boolean,
): OutcomeThere {
  const result = absence === 'empty' ? [] : absence === 'nil' ? null : isList ? [Number.NaN] : Number.NaN;
  const succeeded = success === undefined ? undefined : truth(success, result);
  const failed = failure === undefined ? undefined : truth(failure, result);
  if (succeeded === 'error' || failed === 'error') return 'Error';
  if (succeeded === 'unknown' || failed === 'unknown') return 'unknown';
  if (failed ?? succeeded === false) return 'Failed';
  return (succeeded ?? failed === false) ? 'Successful' : 'Inconclusive';
}

/** Depends on what an argument will be, or on a function that is not known here. */
const unknown = Symbol('unknown');
type Value = number | string | boolean | null | typeof unknown | readonly Value[];

class Failure extends Error {}

function truth(node: Node, result: Value): boolean | 'error' | 'unknown' {
  try {
    const value = evaluate(node, result);
    if (value === unknown) return 'unknown';
    return typeof value === 'boolean' ? value : 'error';
  } catch (thrown) {
    if (thrown instanceof Failure) return 'error';
    throw thrown;
  }
}

function evaluate(node: Node, result: Value): Value {
  const of = (child: Node) => evaluate(child, result);
  switch (node.type) {
    case 'number':
    case 'string':
    case 'boolean':
      return node.value;
    case 'nil':
      return null;
    case 'identifier':
      return result;
    case 'index': {
      const target = of(node.target);
      const index = of(node.index);
      if (target === unknown || index === unknown) return unknown;
      const item = Array.isArray(target) && typeof index === 'number' ? target[index] : undefined;
      if (item === undefined) throw new Failure();
      return item;
    }
    case 'member':
      if (of(node.target) === unknown) return unknown;
      throw new Failure();
    case 'unary': {
      const operand = of(node.operand);
      if (operand === unknown) return unknown;
      if (node.operator === '!' && typeof operand === 'boolean') return !operand;
      if (node.operator !== '!' && typeof operand === 'number') {
        return node.operator === '-' ? -operand : operand;
      }
      throw new Failure();
    }
    case 'binary':
      return binary(node.operator, node.left, node.right, of);
    case 'conditional': {
      const test = of(node.test);
      if (test === unknown) return unknown;
      if (typeof test !== 'boolean') throw new Failure();
      return of(test ? node.yes : node.no);
    }
    case 'call':
      return call(node.name, node.arguments, result, of);
    default:
      return unknown;
  }
}

function binary(operator: string, leftNode: Node, rightNode: Node, of: (node: Node) => Value): Value {
  const left = of(leftNode);
  if (operator === '||' || operator === '&&') {
    if (left !== unknown && typeof left !== 'boolean') throw new Failure();
    if (left === (operator === '||')) return left;
    const right = of(rightNode);
    if (right !== unknown && typeof right !== 'boolean') throw new Failure();
    if (left === unknown) return right === (operator === '||') ? right : unknown;
    return right;
  }
  const right = of(rightNode);
  // Nothing is less than, equal to or greater than NaN, whatever an argument will be.
  if (Number.isNaN(left) || Number.isNaN(right)) {
    if (['<', '<=', '>', '>=', '=='].includes(operator)) return false;
    if (operator === '!=') return true;
  }
  if (left === unknown || right === unknown) return unknown;
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== 'number' || typeof right !== 'number') throw new Failure();
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return unknown;
  }
}

function call(name: string, given: readonly Node[], result: Value, of: (node: Node) => Value): Value {
  // Whatever they are given, these two look at the result itself.
  if (name === 'isNil') return result === null;
  if (name === 'default') return result === null && given[1] !== undefined ? of(given[1]) : result;
  const first = given[0] === undefined ? unknown : of(given[0]);
  if (first === unknown) return unknown;
  switch (name) {
    case 'len':
      if (Array.isArray(first)) return first.length;
      throw new Failure();
    case 'isNaN':
    case 'isInf':
      if (typeof first !== 'number') throw new Failure();
      return name === 'isNaN' ? Number.isNaN(first) : !Number.isFinite(first) && !Number.isNaN(first);
    case 'asFloat':
      if (typeof first !== 'number') throw new Failure();
      return first;
    case 'all':
    case 'none':
      return Array.isArray(first) && first.length === 0 ? true : unknown;
    case 'any':
      return Array.isArray(first) && first.length === 0 ? false : unknown;
    default:
      return unknown;
  }
}
