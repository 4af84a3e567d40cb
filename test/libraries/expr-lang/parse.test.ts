import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Node, parse, SyntaxProblem } from '../../../libraries/expr-lang/index.ts';

/** The tree with all its brackets, for reading. */
function shown(node: Node): string {
  switch (node.type) {
    case 'number':
    case 'boolean':
      return String(node.value);
    case 'string':
      return JSON.stringify(node.value);
    case 'nil':
      return 'nil';
    case 'identifier':
      return node.name;
    case 'element':
      return '#';
    case 'placeholder':
      return node.text;
    case 'list':
      return `[${node.items.map(shown).join(', ')}]`;
    case 'member':
      return `${shown(node.target)}${node.optional ? '?.' : '.'}${node.name}`;
    case 'index':
      return `${shown(node.target)}[${shown(node.index)}]`;
    case 'unary':
      return `(${node.operator}${shown(node.operand)})`;
    case 'binary':
      return `(${shown(node.left)} ${node.operator} ${shown(node.right)})`;
    case 'conditional':
      return `(${shown(node.test)} ? ${shown(node.yes)} : ${shown(node.no)})`;
    case 'call':
      return `${node.name}(${node.arguments.map(shown).join(', ')})`;
    case 'predicate':
      return `{${shown(node.body)}}`;
  }
}

describe('an expression of expr-lang', () => {
  it.each([
    ['result[0] >= 0.95', '(result[0] >= 0.95)'],
    ['a or b and not c', '(a || (b && (!c)))'],
    ['!a == b', '((!a) == b)'],
    ['-a ** 2', '(-(a ** 2))'],
    ['2 ** 3 ** 2', '(2 ** (3 ** 2))'],
    ['2 ^ 3', '(2 ** 3)'],
    ['a - b - c * d', '((a - b) - (c * d))'],
    ['a ?? b + 1', '((a ?? b) + 1)'],
    ['x not in [1, 2,]', '(!(x in [1, 2]))'],
    ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
    ["result.items[0]['x-y'] == 'it\\'s'", '(result.items[0]["x-y"] == "it\'s")'],
    ['`raw \\n` == "\\u0041\\x42"', '("raw \\\\n" == "AB")'],
    ['all(result, {# < 10})', 'all(result, {(# < 10)})'],
    ['all(result, # < 10) && true', '(all(result, {(# < 10)}) && true)'],
    ['any(result.values, .value > 1_000)', 'any(result.values, {(#.value > 1000)})'],
    ['result | len() > 0', '(len(result) > 0)'],
    ['result | filter(# > 1) | len()', 'len(filter(result, {(# > 1)}))'],
    ['result?.a', 'result?.a'],
    ['x > {{ args.limit }} // a limit', '(x > {{ args.limit }})'],
    ['0x1F + 1e3 + .5', '((31 + 1000) + 0.5)'],
    ['name startsWith "a" and nil == x', '((name startsWith "a") && (nil == x))'],
  ])('%s is read as the language reads it', (source, tree) => {
    expect(shown(parse(source))).toBe(tree);
  });

  it.each([
    ['', 0, 'ends where a value'],
    ['result >', 8, 'ends where a value'],
    ['result[0', 8, '"]" is missing'],
    ['result 1', 7, 'should end'],
    ['"open', 0, 'no closing quote'],
    ['"\\q"', 1, 'escape'],
    ['{"a": 1}', 0, 'maps'],
    ['result[1:2]', 8, 'slices'],
    ['let x = 1; x', 0, '`let`'],
    ['result.round()', 6, 'methods'],
    ['result @ 1', 7, 'no meaning'],
  ])('%j is refused at its place', (source, at, words) => {
    expect(() => parse(source)).toThrow(expect.objectContaining({ name: 'SyntaxProblem', at }));
    expect(() => parse(source)).toThrow(words);
  });

  it('never crashes, whatever it is given', () => {
    const piece = fc.constantFrom(
      ...[
        'result',
        '[',
        ']',
        '(',
        ')',
        '{',
        '}',
        '#',
        '.',
        '?',
        ':',
        '&&',
        '|',
        ',',
        '1',
        '"a"',
        'not',
        'in',
        'all',
        '-',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          parse(pieces.join(' '));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SyntaxProblem);
        }
      }),
    );
    expect(() => parse('('.repeat(10_000))).toThrow(SyntaxProblem);
    expect(() => parse('!'.repeat(10_000))).toThrow(SyntaxProblem);
  });
});
