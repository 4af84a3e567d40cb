import { describe, expect, it } from 'vitest';
import { translateConditions } from '../../../cli/import/condition/translate-conditions.ts';
import { compileCondition } from '../../../libraries/cel-condition/index.ts';

const success = (successCondition: string, shape: 'number' | 'document' = 'number') =>
  translateConditions({ successCondition }, shape);

/** Whether the translated condition holds for a result, by the CEL that rollouts judge with. */
function holds(source: string, shape: 'number' | 'document', result: unknown): boolean {
  const cel = success(source, shape).conditions.successCondition ?? '';
  const compiled = compileCondition(cel, { result: shape === 'number' ? 'double' : 'dyn' });
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.holds({ result });
}

describe('a condition about a number', () => {
  it.each([
    ['result[0] >= 0.95', 'result >= 0.95'],
    ['result >= 1', 'result >= 1.0'],
    ['asFloat(result[0]) * 100 > 99', 'result * 100.0 > 99.0'],
    ['default(result, 0) < 5', 'result < 5.0'],
    ['len(result) > 0 && result[0] < 0.02', 'result < 0.02'],
    ['isNaN(result) || result >= 0.95', 'result >= 0.95'],
    ['result > {{args.limit}}', 'result > double({{args.limit}})'],
    ['not (result > 1 or result < 0)', '!(result > 1.0 || result < 0.0)'],
    ['result > 1 ? result < 2 : false', 'result > 1.0 ? result < 2.0 : false'],
  ])('%s is %s', (source, cel) => {
    expect(success(source).conditions.successCondition).toBe(cel);
  });

  it.each([
    ['result[0] >= 0.95', 0.95, true],
    ['result[0] >= 0.95', 0.949, false],
    ['result / 2 == 1.5', 3, true],
    ['(result - 1) * 2 > 3', 2.5, false],
    ['result in [1, 2]', 2, true],
    ['!(result < 1) and result != 4', 4, false],
  ])('%s of %d is %s', (source, result, expected) => {
    expect(holds(source, 'number', result)).toBe(expected);
  });

  it.each([
    ['all(result, # < 1000)', '`all(result…)` judges several series'],
    ['max(result) < 0.05', '`max(result…)` judges several series'],
    ['result[1] > 2', 'beyond the first series'],
    ['results[0] >= 90', 'there is no `results`'],
    ['result matches "^1"', 'the operator `matches`'],
    ['result ?? 1 > 0', 'the operator `??`'],
    ['result % 2 == 0', 'the operator `%`'],
    ['abs(result) < 1', '`abs(result…)`'],
    ['result.value > 1', '`.value` of the result'],
    ['result >', 'at character 9'],
  ])('%s is refused, by name', (source, words) => {
    expect(() => success(source)).toThrow(expect.objectContaining({ field: 'successCondition' }));
    expect(() => success(source)).toThrow(words);
  });
});

describe('what it means that there is no data', () => {
  it.each([
    // A scalar can only be NaN, which nothing is greater than.
    ['result >= 0.95', 'fail'],
    ['isNaN(result) || result >= 0.95', 'pass'],
    ['len(result) > 0 && result[0] < 0.02', 'fail'],
    // An empty list was an error, NaN a failure: a human decides.
    ['result[0] >= 0.95', undefined],
    ['len(result) == 0 || result[0] >= 0.95', undefined],
  ])('%s: %s', (source, noData) => {
    expect(success(source).noData).toBe(noData);
  });

  it('is told where it was several things there', () => {
    expect(success('len(result) == 0 || result[0] >= 0.95').remarks).toContain(
      'there, an empty result passed and NaN failed; here that is no data: inconclusive, a human decides',
    );
  });

  it('takes both conditions together', () => {
    const both = { successCondition: 'result < 1', failureCondition: 'result > 2' };
    expect(translateConditions(both, 'number').noData).toBeUndefined();
    expect(translateConditions({ failureCondition: 'result > 2' }, 'number').noData).toBe('pass');
    expect(translateConditions({ failureCondition: 'isNaN(result)' }, 'number').noData).toBe('fail');
  });

  it('of a document is said only where the condition speaks of it', () => {
    expect(success('result == true', 'document').noData).toBeUndefined();
    expect(success('default(result, 0) < 5', 'document').noData).toBe('pass');
    expect(success('isNil(result) || result > 5', 'document').noData).toBe('pass');
    expect(success('!isNil(result) && result > 5', 'document').noData).toBe('fail');
  });
});

describe('a condition about a document', () => {
  it.each([
    ["result.state == 'up'", { state: 'up' }, true],
    ['result.ok && result.share >= 0.9', { ok: true, share: 0.91 }, true],
    ['result.code == -1', { code: -1 }, true],
    ['len(result.values) >= 2 and all(result.values, {# <= 0.5})', { values: [0.1, 0.5] }, true],
    ['len(result.values) >= 2 and all(result.values, {# <= 0.5})', { values: [0.1] }, false],
    ['any(result.checks, {asFloat(.value) > 9})', { checks: [{ value: '9.5' }] }, true],
    ['none(result, # > 9)', [1, 2], true],
    ['count(result, # > 1) == 1', [1, 2], true],
    ["result.in['a-b'] == 1", { in: { 'a-b': 1 } }, true],
    ["'a' in result.names", { names: ['a'] }, true],
    ['result.name contains "b" || result.name startsWith "x"', { name: 'abc' }, true],
    ['len(result) / 2 > 1', [1, 2, 3], true],
  ])('%s of %j is %s', (source, result, expected) => {
    expect(holds(source, 'document', result)).toBe(expected);
  });

  it('keeps an argument that stands in a text, and reads one beside a number as a number', () => {
    expect(success('result == "{{args.state}}"', 'document').conditions.successCondition).toBe(
      'result == "{{args.state}}"',
    );
    expect(success('result.share > {{args.share}}', 'document').conditions.successCondition).toBe(
      'result.share > double({{args.share}})',
    );
  });
});
