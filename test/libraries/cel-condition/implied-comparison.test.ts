import { describe, expect, it } from 'vitest';
import { type Comparison, impliesComparison } from '../../../libraries/cel-condition/implied-comparison.ts';

/** `lower > 0.01`, also where more is asked. */
const isAbove = ({ path, operator, number }: Comparison) =>
  path === 'result.lower' && (operator === '>' || operator === '>=') && number >= 0.01;

describe('a condition implies a comparison', () => {
  it.each([
    'result.lower > 0.01',
    'result["lower"] >= 0.01',
    '0.01 < result.lower',
    '(has(result.lower) && result.lower > 0.01)',
    'result.lower > 0.01 && result.candidate > 0.5',
    'result.lower > 0.01 || result.lower > 0.02',
    '!(result.lower <= 0.01)',
    '!(result.lower <= 0.01 || result.candidate < 0.5)',
  ])('where it cannot hold without it: %s', (source) => {
    expect(impliesComparison(source, true, isAbove)).toBe(true);
  });

  it.each([
    'result.candidate > 0.01',
    'result.lower < 0.01',
    'result.lower > -0.01',
    'result.lower > 0.01 || result.candidate > 0.5',
    '!(result.lower <= 0.01 && result.candidate < 0.5)',
    'result.candidate > 0.5 ? result.lower > 0.01 : true',
    'result.lower > 0.01 * result.stable',
    'result.lower + 1.0 > 0.01',
    '[0.1].exists(x, result.lower > x)',
    'true',
    'result.lower >',
    '',
  ])('and not where it might: %s', (source) => {
    expect(impliesComparison(source, true, isAbove)).toBe(false);
  });

  it('also where it does not hold', () => {
    expect(impliesComparison('result.lower <= 0.01', false, isAbove)).toBe(true);
    expect(impliesComparison('result.lower <= 0.01 && result.upper < 1.0', false, isAbove)).toBe(false);
    expect(impliesComparison('result.upper < 0.02', false, isAbove)).toBe(false);
  });
});
