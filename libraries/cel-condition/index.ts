/** Compiles short CEL expressions: types checked, costs bounded, problems told in a sentence with the place. */
import { Environment, type ParseError, type ParseResult } from '@marcbachmann/cel-js';
import { limits, loops, plainFunctions, survey } from './bounds.ts';
import { placeOf, summaryOf } from './problem-words.ts';

/** A CEL type (`double`, `dyn`, `list<double>`), or the fields of a map with theirs. */
export type VariableType = string | Readonly<Record<string, string>>;
export type Variables = Readonly<Record<string, VariableType>>;
export type Values = Readonly<Record<string, unknown>>;

export interface Expression {
  readonly source: string;
  /** Throws `EvaluationError` where there is no value: a key is missing, types do not fit. */
  evaluate(values: Values): unknown;
}

export interface Condition {
  readonly source: string;
  /** Throws `EvaluationError` where that cannot be said. */
  holds(values: Values): boolean;
}

export interface Problem {
  /** With the place: `at character 8, there is no …`. */
  readonly problem: string;
}

export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  /** Whether it speaks of a key that the values do not have. */
  readonly isKeyMissing: boolean;

  constructor(message: string, isKeyMissing: boolean) {
    super(message);
    this.isKeyMissing = isKeyMissing;
  }
}

const functions = new Set([...loops, ...plainFunctions]);

/** Compiles an expression that must give true or false. */
export function compileCondition(source: string, variables: Variables): Condition | Problem {
  const made = compile(source, variables);
  if ('problem' in made) return made;
  const { type, parsed } = made;
  if (type !== 'bool' && type !== 'dyn') {
    return { problem: `it gives ${type ?? 'nothing'}, and must give true or false` };
  }
  return {
    source,
    holds(values) {
      const value = run(parsed, values);
      if (typeof value === 'boolean') return value;
      throw new EvaluationError('it gives neither true nor false', false);
    },
  };
}

/** Compiles an expression that may give anything. */
export function compileExpression(source: string, variables: Variables): Expression | Problem {
  const made = compile(source, variables);
  if ('problem' in made) return made;
  return { source, evaluate: (values) => run(made.parsed, values) };
}

function compile(
  source: string,
  variables: Variables,
): { readonly parsed: ParseResult; readonly type: string | undefined } | Problem {
  const environment = new Environment({ enableOptionalTypes: true, limits });
  for (const [name, type] of Object.entries(variables)) {
    if (typeof type === 'string') environment.registerVariable(name, type);
    else environment.registerVariable({ name, schema: { ...type } });
  }
  let parsed: ParseResult;
  try {
    parsed = environment.parse(source);
  } catch (thrown) {
    return { problem: `${placeOf(thrown as ParseError, source)}${summaryOf(thrown)}` };
  }
  const { names, nesting } = survey(parsed.ast);
  for (const name of names) {
    if (!functions.has(name)) return { problem: `there is no function \`${name}\`${insteadOf(name)}` };
  }
  if (nesting > 1) return { problem: `loops (${loops.join(', ')}) stand inside each other` };
  const { valid, type, error } = parsed.check();
  if (valid) return { parsed, type };
  return { problem: `${placeOf(error as ParseError, source)}${summaryOf(error)}${adviceOn(error)}` };
}

function run(parsed: ParseResult, values: Values): unknown {
  try {
    return parsed({ ...values });
  } catch (thrown) {
    const isKeyMissing = (thrown as { code?: unknown }).code === 'no_such_key';
    throw new EvaluationError(`${summaryOf(thrown)}${adviceOn(thrown)}`, isKeyMissing);
  }
}

function insteadOf(name: string): string {
  return name === 'matches' ? ': regular expressions can take for ever' : '';
}

/** CEL keeps whole numbers and others apart, which surprises people. */
function adviceOn(thrown: unknown): string {
  const text = summaryOf(thrown);
  const isMixed = /\bdouble\b.*\bint\b|\bint\b.*\bdouble\b/.test(text);
  return isMixed ? '; write 1.0 in the place of 1' : '';
}
