import { Environment, type ParseError, type ParseResult } from '@marcbachmann/cel-js';
import { limits, plainFunctions, survey } from '../../libraries/cel-condition/bounds.ts';
import { placeOf, summaryOf } from '../../libraries/cel-condition/problem-words.ts';
import { meantBy, quoted } from '../../libraries/did-you-mean/index.ts';
import { declare, type ExpressionContext, knownNames, topLevelNames } from './expression-context.ts';
import { matchesGlob } from './glob.ts';

/** An expression that may be evaluated. */
export interface Expression {
  readonly source: string;
  /** Whether it holds. Throws an Error with one sentence where that cannot be said: a key is not there, or it costs too much. */
  holds(context: ExpressionContext): boolean;
}

export interface ExpressionProblem {
  readonly code: 'InvalidExpression' | 'UnknownName' | 'NotACondition' | 'ExpressionTooCostly';
  /** With the place: `at character 8, …`. */
  readonly message: string;
  readonly hint?: string;
}

/** How often one evaluation may run the body of a loop. */
const maxSteps = 1_000_000;
const loops: readonly string[] = ['all', 'exists', 'exists_one', 'filter'];
const functions = new Set([...loops, ...plainFunctions, 'glob', 'hasValue', 'value', 'or', 'orValue']);

/** Compiles a CEL condition over the documented context, or says what is wrong with it. Each text is compiled once. */
export function compileExpression(source: string): Expression | ExpressionProblem {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const made = compile(source);
  if (compiled.size >= 1000) compiled.clear();
  compiled.set(source, made);
  return made;
}

const compiled = new Map<string, Expression | ExpressionProblem>();
let environment: Environment | undefined;

function compile(source: string): Expression | ExpressionProblem {
  environment ??= declare(new Environment({ enableOptionalTypes: true, limits })).registerFunction(
    'glob(string, string): bool',
    (path: string, pattern: string) => matchesGlob(path, pattern),
  );
  let parsed: ParseResult;
  try {
    parsed = environment.parse(source);
  } catch (thrown) {
    return syntaxProblem(thrown as ParseError, source);
  }
  const { names, nesting } = survey(parsed.ast);
  for (const name of names) {
    if (!functions.has(name)) return unknownFunction(name, source);
  }
  if (nesting > 2) {
    return {
      code: 'ExpressionTooCostly',
      message: `loops (${loops.join(', ')}) stand inside each other more than two deep`,
      hint: 'Write several rules, or a simpler condition.',
    };
  }
  const { valid, type, error } = parsed.check();
  if (!valid) return typeProblem(error as ParseError, source);
  if (type !== 'bool' && type !== 'dyn') {
    return {
      code: 'NotACondition',
      message: `it gives ${withArticle(type ?? 'nothing')}, and must give true or false`,
      hint: 'Compare it with something: `change.kind == "Deployment"`.',
    };
  }
  return { source, holds: (context) => evaluate(parsed, context, nesting) };
}

function evaluate(parsed: ParseResult, context: ExpressionContext, nesting: number): boolean {
  const longest = Math.max(limits.maxListElements, context.longest);
  if (nesting > 0 && longest ** nesting > maxSteps) {
    throw new Error(`it would take too long on lists of ${longest} entries`);
  }
  let value: unknown;
  try {
    value = parsed({ ...context.values });
  } catch (thrown) {
    throw new Error(summaryOf(thrown));
  }
  if (typeof value !== 'boolean') throw new Error('it gives neither true nor false');
  return value;
}

function syntaxProblem(error: ParseError, source: string): ExpressionProblem {
  if (/limit|exceed|depth/i.test(`${error.code} ${error.summary}`)) {
    return {
      code: 'ExpressionTooCostly',
      message: `it is too long or too deep: ${summaryOf(error)}`,
      hint: 'Write several rules, or a simpler condition.',
    };
  }
  return {
    code: 'InvalidExpression',
    message: `${placeOf(error, source)}${summaryOf(error)}`,
    hint: 'Expressions are CEL: `change.environment == "production" && change.type == "promote"`.',
  };
}

function typeProblem(error: ParseError, source: string): ExpressionProblem {
  const start = error.range?.start ?? 0;
  const word = source.slice(start, error.range?.end);
  const place = placeOf(error, source);
  if (error.code === 'unknown_variable') {
    return {
      code: 'UnknownName',
      message: `${place}there is no ${quoted(word)}`,
      ...hintFor(word, [...topLevelNames, ...knownNames.map(({ path }) => path)]),
    };
  }
  if (error.code === 'no_such_key') {
    const owner = /([A-Za-z_][\w.]*)\.\??$/.exec(source.slice(0, start))?.[1] ?? '';
    const fields = knownNames.filter(({ path }) => path.startsWith(`${owner}.`)).map(({ path }) => path);
    return {
      code: 'UnknownName',
      message: `${place}${owner === '' ? 'there' : quoted(owner)} has no ${quoted(word)}`,
      ...hintFor(`${owner}.${word}`, fields),
    };
  }
  return {
    code: 'InvalidExpression',
    message: `${place}${summaryOf(error)}`,
    hint: 'The types of all names stand in docs/policies.md.',
  };
}

function unknownFunction(name: string, source: string): ExpressionProblem {
  const place = source.indexOf(name);
  const at = place < 0 ? '' : `at character ${place + 1}, `;
  if (name === 'matches') {
    return {
      code: 'UnknownName',
      message: `${at}regular expressions cannot be used here: some take for ever`,
      hint: 'Use startsWith, endsWith, contains, or glob(path, "models/*/card.md").',
    };
  }
  return {
    code: 'UnknownName',
    message: `${at}there is no function ${quoted(name)}`,
    ...hintFor(name, [...functions]),
  };
}

function hintFor(word: string, candidates: readonly string[]): { hint?: string } {
  const last = word.slice(word.lastIndexOf('.') + 1);
  const meant = meantBy(word, candidates) ?? candidates.find((candidate) => candidate.endsWith(`.${last}`));
  if (meant !== undefined) return { hint: `Did you mean ${quoted(meant)}?` };
  if (candidates.length === 0) return {};
  const few = candidates.length <= 24 ? candidates : topLevelNames;
  return { hint: `There are: ${[...few].sort().map(quoted).join(', ')}.` };
}

function withArticle(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
