import { SyntaxProblem } from './syntax.ts';

export type Token =
  | { readonly type: 'number'; readonly value: number; readonly at: number }
  | { readonly type: 'string'; readonly value: string; readonly at: number }
  | { readonly type: 'name'; readonly value: string; readonly at: number }
  | { readonly type: 'sign'; readonly value: string; readonly at: number }
  | { readonly type: 'placeholder'; readonly value: string; readonly at: number }
  | { readonly type: 'end'; readonly value: ''; readonly at: number };

const space = /[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const placeholder = /\{\{[^{}]*\}\}/y;
const number =
  /0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*)?\.\d[\d_]*(?:[eE][+-]?\d+)?|\d[\d_]*(?:[eE][+-]?\d+)?/y;
const name = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const sign = /\?\.|\?\?|\.\.|\*\*|==|!=|<=|>=|&&|\|\||[-+*/%^<>!|?:.,;()[\]{}#=]/y;

/** The words and signs of an expression. Throws `SyntaxProblem`. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const blank = take(space);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const inserted = take(placeholder);
    if (inserted !== undefined) {
      tokens.push({ type: 'placeholder', value: inserted, at });
      at += inserted.length;
      continue;
    }
    const digits = take(number);
    // `1..3` is a range, not the number `1.` and a dot.
    if (digits !== undefined) {
      tokens.push({ type: 'number', value: Number(digits.replaceAll('_', '')), at });
      at += digits.length;
      continue;
    }
    const quote = source[at];
    if (quote === '"' || quote === "'" || quote === '`') {
      const { value, end } = readString(source, at, quote);
      tokens.push({ type: 'string', value, at });
      at = end;
      continue;
    }
    const word = take(name);
    if (word !== undefined) {
      tokens.push({ type: 'name', value: word, at });
      at += word.length;
      continue;
    }
    const mark = take(sign);
    if (mark === undefined) throw new SyntaxProblem(`"${source[at]}" has no meaning here`, at);
    tokens.push({ type: 'sign', value: mark === '^' ? '**' : mark, at });
    at += mark.length;
  }
  return [...tokens, { type: 'end', value: '', at }];
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

function readString(source: string, start: number, quote: string): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < source.length; at++) {
    const letter = source[at] ?? '';
    if (letter === quote) return { value, end: at + 1 };
    if (letter !== '\\' || quote === '`') {
      value += letter;
      continue;
    }
    const coded = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(source.slice(at + 1, at + 6));
    const plain = escapes[source[at + 1] ?? ''];
    if (coded !== null) {
      value += String.fromCharCode(Number.parseInt(coded[1] ?? coded[2] ?? '', 16));
      at += coded[0].length;
    } else if (plain !== undefined) {
      value += plain;
      at += 1;
    } else {
      throw new SyntaxProblem(`the escape \\${source[at + 1] ?? ''} is not known`, at);
    }
  }
  throw new SyntaxProblem('the text has no closing quote', start);
}
