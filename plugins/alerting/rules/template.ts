import {
  compileExpression,
  EvaluationError,
  type Expression,
  type Values,
  type Variables,
} from '../../../libraries/cel-condition/index.ts';

/** A text in which `{{CEL}}` stands for what the expression gives; nothing, where all of them give nothing. */
export interface Template {
  render(values: Values): string;
}

const longest = 4096;

/** Compiles a template, or says what is wrong with one of its expressions. */
export function compileTemplate(
  source: string,
  variables: Variables,
): Template | { readonly problem: string } {
  const parts: (string | Expression)[] = [];
  let end = 0;
  for (const match of source.matchAll(/\{\{(.*?)\}\}/gs)) {
    parts.push(source.slice(end, match.index));
    const expression = compileExpression((match[1] ?? '').trim(), variables);
    if ('problem' in expression) return { problem: `in \`${match[0]}\`: ${expression.problem}` };
    parts.push(expression);
    end = match.index + match[0].length;
  }
  parts.push(source.slice(end));
  const expressions = parts.filter((part) => typeof part !== 'string');
  return {
    render(values) {
      const given = new Map(expressions.map((one) => [one, shown(one, values)]));
      // Words around nothing say nothing.
      if (given.size > 0 && [...given.values()].every((text) => text === '')) return '';
      const texts = parts.map((part) => (typeof part === 'string' ? part : given.get(part)));
      return texts.join('').slice(0, longest);
    },
  };
}

/** What is not there is left out: that an alert is told matters more than a word of it. */
function shown(expression: Expression, values: Values): string {
  try {
    return textOf(expression.evaluate(values));
  } catch (error) {
    if (error instanceof EvaluationError) return '';
    throw error;
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(Number(value.toPrecision(12)));
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one));
}
