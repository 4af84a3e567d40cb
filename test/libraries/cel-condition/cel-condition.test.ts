import { describe, expect, it } from 'vitest';
import {
  compileCondition,
  compileExpression,
  EvaluationError,
} from '../../../libraries/cel-condition/index.ts';

const variables = { result: { candidate: 'double', stable: 'double' } };

function problemOf(source: string): string {
  const compiled = compileCondition(source, variables);
  return 'problem' in compiled ? compiled.problem : 'none';
}

describe('a condition', () => {
  it('holds or does not', () => {
    const compiled = compileCondition('result.candidate <= 1.2 * result.stable', variables);
    if ('problem' in compiled) throw new Error(compiled.problem);
    expect(compiled.holds({ result: { candidate: 1.2, stable: 1 } })).toBe(true);
    expect(compiled.holds({ result: { candidate: 1.3, stable: 1 } })).toBe(false);
  });

  it('says that a key is missing', () => {
    const compiled = compileCondition('result.stable < 1.0', variables);
    if ('problem' in compiled) throw new Error(compiled.problem);
    const ask = () => compiled.holds({ result: { candidate: 1 } });
    expect(ask).toThrow(EvaluationError);
    expect(ask).toThrow(/stable/);
  });

  it.each([
    ['result.candidat < 1.0', /at character 8, no such key: candidat/],
    ['resul < 1.0', /at character 1, unknown variable: resul/],
    ['result.candidate <', /unexpected/],
    ['result.candidate', /gives double, and must give true or false/],
    ['result.candidate == 1', /double == int; write 1\.0 in the place of 1/],
    ['"a".matches("(a+)+$")', /no function `matches`: regular expressions/],
    ['[1].all(x, [2].all(y, x < y))', /inside each other/],
  ])('refuses %s', (source, problem) => {
    expect(problemOf(source)).toMatch(problem);
  });
});

it('an expression gives any value', () => {
  const compiled = compileExpression('body.items.filter(i, i.ok).size()', { body: 'dyn' });
  if ('problem' in compiled) throw new Error(compiled.problem);
  expect(compiled.evaluate({ body: { items: [{ ok: true }, { ok: false }] } })).toBe(1n);
});
