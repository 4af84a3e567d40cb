import type { BinaryNode, CallNode, Node } from '../../../libraries/expr-lang/index.ts';
import { foldConstants } from './fold-constants.ts';
import type { ResultShape } from './translate-conditions.ts';
import { untranslatable } from './untranslatable.ts';

/** What a piece gives; a literal and a placeholder become what stands beside them. */
type Type = 'double' | 'int' | 'bool' | 'string' | 'dyn' | 'literal' | 'placeholder';

interface Piece {
  readonly text: string;
  readonly type: Type;
  /** How tightly CEL binds it: 0 a choice, 7 a value. */
  readonly tightness: number;
}

/** Writes a condition about one measurement as CEL. Throws `Untranslatable` for whatever has no equal. */
export function toCel(node: Node, shape: ResultShape): string {
  return new Writer(shape).write(foldConstants(node)).text;
}

const element = 'item';
const identifier = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const reserved = new Set([
  ...['as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let'],
  ...['loop', 'package', 'namespace', 'null', 'return', 'true', 'var', 'void', 'while'],
]);
const relations = new Set(['==', '!=', '<', '<=', '>', '>=']);
const loops: Readonly<Record<string, string>> = {
  all: 'all',
  any: 'exists',
  one: 'exists_one',
  none: 'exists',
  filter: 'filter',
  count: 'filter',
  map: 'map',
};
const tightnesses: Readonly<Record<string, number>> = { '||': 1, '&&': 2, '+': 4, '-': 4, '*': 5, '/': 5 };

class Writer {
  readonly #shape: ResultShape;

  constructor(shape: ResultShape) {
    this.#shape = shape;
  }

  write(node: Node): Piece {
    switch (node.type) {
      case 'number':
        return value(String(node.value), 'literal');
      case 'string':
        return value(quoted(node.value), 'string');
      case 'boolean':
        return value(String(node.value), 'bool');
      case 'nil':
        return value('null', 'dyn');
      case 'placeholder':
        return value(node.text, 'placeholder');
      case 'identifier':
        return value('result', this.#shape === 'number' ? 'double' : 'dyn');
      case 'element':
        return value(element, 'dyn');
      case 'list':
        return value(`[${node.items.map((item) => loose(this.write(item))).join(', ')}]`, 'dyn');
      case 'member': {
        if (node.optional) throw untranslatable('`?.` has no equal');
        const target = within(this.write(node.target), 7);
        const isPlain = identifier.test(node.name) && !reserved.has(node.name);
        return value(isPlain ? `${target}.${node.name}` : `${target}[${quoted(node.name)}]`, 'dyn');
      }
      case 'index':
        return this.#index(node.target, node.index);
      case 'unary':
        return this.#unary(node.operator, node.operand);
      case 'binary':
        return this.#binary(node);
      case 'conditional': {
        const [yes, no] = this.#alike(this.write(node.yes), this.write(node.no));
        const text = `${within(this.write(node.test), 1)} ? ${within(yes, 1)} : ${within(no, 0)}`;
        return { text, type: yes.type, tightness: 0 };
      }
      case 'call':
        return this.#call(node);
      case 'predicate':
        throw untranslatable('a predicate stands where no function takes one');
    }
  }

  #index(target: Node, index: Node): Piece {
    const inside = this.write(index);
    const isPlace = index.type === 'number' && Number.isInteger(index.value) && index.value >= 0;
    if (!isPlace && index.type !== 'string') throw untranslatable('an index that is computed, or negative');
    return value(`${within(this.write(target), 7)}[${inside.text}]`, 'dyn');
  }

  #unary(operator: string, operand: Node): Piece {
    const piece = this.write(operand);
    if (operator === '+') return piece;
    if (operator === '-' && piece.type === 'literal') return value(`-${piece.text}`, 'literal');
    const type = operator === '!' ? 'bool' : piece.type;
    return { text: `${operator}${within(piece, 7)}`, type, tightness: 6 };
  }

  #binary({ operator, left, right }: BinaryNode): Piece {
    const first = this.write(left);
    const second = this.write(right);
    if (operator === 'in') {
      return { text: `${within(first, 4)} in ${within(second, 4)}`, type: 'bool', tightness: 3 };
    }
    if (operator === 'contains' || operator === 'startsWith' || operator === 'endsWith') {
      return value(`${within(first, 7)}.${operator}(${loose(second)})`, 'bool');
    }
    if (operator === '||' || operator === '&&') {
      const tightness = tightnesses[operator] ?? 0;
      const text = `${within(first, tightness)} ${operator} ${within(second, tightness + 1)}`;
      return { text, type: 'bool', tightness };
    }
    const isRelation = relations.has(operator);
    if (!isRelation && tightnesses[operator] === undefined) {
      const why = operator === 'matches' ? ': regular expressions can take for ever' : '';
      throw untranslatable(`the operator \`${operator}\` has no equal${why}`);
    }
    // There, a quotient has decimals whatever is divided.
    const divided = operator === '/' ? ([asDouble(first), asDouble(second)] as const) : undefined;
    const isEquality = operator === '==' || operator === '!=';
    const [a, b] = divided ?? this.#alike(first, second, isEquality);
    const tightness = isRelation ? 3 : (tightnesses[operator] ?? 0);
    const text = `${within(a, tightness + (isRelation ? 1 : 0))} ${operator} ${within(b, tightness + 1)}`;
    return { text, type: isRelation ? 'bool' : a.type, tightness };
  }

  /** CEL does not mix whole numbers with others; a placeholder beside a number is read as one. */
  #alike(first: Piece, second: Piece, isEquality = false): readonly [Piece, Piece] {
    if (first.type === 'literal' && second.type === 'int') return [asInt(first), second];
    if (first.type === 'int' && second.type === 'literal') return [first, asInt(second)];
    const isNumeric = ({ type }: Piece) => type === 'double' || type === 'int' || type === 'literal';
    const areNumbers = isNumeric(first) || isNumeric(second);
    if (first.type === 'int' && second.type === 'int') return [first, second];
    if (areNumbers || (!isEquality && [first, second].some(({ type }) => type === 'placeholder'))) {
      const asNumber = (piece: Piece) =>
        piece.type === 'dyn' || piece.type === 'bool' || piece.type === 'string' ? piece : asDouble(piece);
      return [asNumber(first), asNumber(second)];
    }
    return [first, second];
  }

  #call({ name, arguments: given }: CallNode): Piece {
    const [first, second] = given;
    const only = (): Node => {
      if (first === undefined || given.length !== 1)
        throw untranslatable(`\`${name}\` with ${given.length} arguments`);
      return first;
    };
    const macro = Object.hasOwn(loops, name) ? loops[name] : undefined;
    if (macro !== undefined) {
      if (first === undefined || second?.type !== 'predicate')
        throw untranslatable(`\`${name}\` without a predicate`);
      const list = within(this.write(first), 7);
      const loop = `${list}.${macro}(${element}, ${loose(this.write(second.body))})`;
      if (name === 'none') return { text: `!${loop}`, type: 'bool', tightness: 6 };
      if (name === 'count') return value(`size(${loop})`, 'int');
      return value(loop, name === 'filter' || name === 'map' ? 'dyn' : 'bool');
    }
    switch (name) {
      case 'len':
        return value(`size(${loose(this.write(only()))})`, 'int');
      case 'asFloat':
      case 'float': {
        const piece = this.write(only());
        return piece.type === 'double' ? piece : value(`double(${loose(piece)})`, 'double');
      }
      case 'asInt':
      case 'int':
        return value(`int(${loose(this.write(only()))})`, 'int');
      default:
        throw untranslatable(`the function \`${name}\` has no equal`);
    }
  }
}

function value(text: string, type: Type): Piece {
  return { text, type, tightness: 7 };
}

function within(piece: Piece, tightness: number): string {
  const text = loose(piece);
  return piece.tightness < tightness ? `(${text})` : text;
}

/** As it stands alone: a number then has decimals. */
function loose(piece: Piece): string {
  return piece.type === 'literal' ? asDouble(piece).text : piece.text;
}

function asDouble(piece: Piece): Piece {
  switch (piece.type) {
    case 'literal':
      return value(/^-?\d+$/.test(piece.text) ? `${piece.text}.0` : piece.text, 'double');
    case 'int':
    case 'placeholder':
      return value(`double(${piece.text})`, 'double');
    default:
      return piece;
  }
}

function asInt(piece: Piece): Piece {
  if (!/^-?\d+$/.test(piece.text))
    throw untranslatable('a count is compared with a number that is not whole');
  return value(piece.text, 'int');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
