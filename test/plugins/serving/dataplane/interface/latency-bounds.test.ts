import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram } from '../../../../../plugins/serving/dataplane/counters/histogram.ts';
import {
  exposedLatencyBounds,
  latencyBounds,
} from '../../../../../plugins/serving/dataplane/interface/latency-bounds.ts';
import { coarser } from '../../../../../plugins/serving/exposition/coarser-histogram.ts';

it('latencies are told apart in steps of some 6 %, among which are all that Prometheus is given', () => {
  for (const [index, bound] of latencyBounds.slice(1).entries()) {
    const ratio = bound / latencyBounds[index]!;
    expect(ratio).toBeGreaterThan(1.03);
    expect(ratio).toBeLessThan(1.08);
  }
  for (const bound of exposedLatencyBounds) expect(latencyBounds).toContain(bound);
});

it('what was counted finely and made coarser is what would have been counted coarsely', () => {
  const seconds = fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.constantFrom(...latencyBounds));
  fc.assert(
    fc.property(fc.array(seconds, { maxLength: 200 }), (values) => {
      const [fine, coarse] = [new Histogram(latencyBounds), new Histogram(exposedLatencyBounds)];
      for (const value of values) {
        fine.observe(value);
        coarse.observe(value);
      }
      expect(coarser(fine.snapshot(), exposedLatencyBounds)).toEqual(coarse.snapshot());
    }),
  );
});
