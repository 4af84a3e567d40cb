import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeightedChoice } from '../../../../../plugins/serving/dataplane/route/weighted-choice.ts';

describe('a weighted choice', () => {
  it('gives each option its weight in every hundred choices, from the first on', () => {
    const weights = fc
      .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 })
      .filter((values) => values.reduce((sum, value) => sum + value, 0) > 0);
    fc.assert(
      fc.property(weights, (values) => {
        const total = values.reduce((sum, value) => sum + value, 0);
        const choice = new WeightedChoice(values.map((weight, option) => ({ option, weight })));
        for (let round = 0; round < 2; round++) {
          const counts = values.map(() => 0);
          for (let turn = 0; turn < total; turn++) counts[choice.next()]!++;
          expect(counts).toEqual(values);
        }
      }),
    );
  });

  it('spreads a small share evenly', () => {
    const choice = new WeightedChoice([
      { option: 'stable', weight: 90 },
      { option: 'candidate', weight: 10 },
    ]);
    const taken = Array.from({ length: 100 }, () => choice.next());
    for (let start = 0; start < 100; start += 10) {
      expect(taken.slice(start, start + 10).filter((option) => option === 'candidate')).toHaveLength(1);
    }
  });
});
