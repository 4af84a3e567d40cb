import { describe, expect, it } from 'vitest';
import type { Variant } from '../../../core/capabilities/serving-runtime.ts';
import { seededRandom } from '../../../libraries/statistics/index.ts';
import { shareMismatchOf } from '../../../plugins/rollout/share-mismatch.ts';

const halves: readonly Variant[] = [
  { version: '1.0.0', role: 'stable', weight: 50 },
  { version: '1.1.0', role: 'candidate', weight: 50 },
];

describe('the shares of arms', () => {
  it('do not match where they are off by no accident, and it says by how much', () => {
    // Fabijan and others (KDD 2019) begin with these counts, of which two of 1.6 million shares are far from equal.
    expect(shareMismatchOf(halves, { '1.0.0': 821_588, '1.1.0': 815_482 })).toBe(
      'the arms did not get the shares that they were meant to: 1.0.0 answered 821,588 (50.2 %, meant 50 %), ' +
        '1.1.0 answered 815,482 (49.8 %, meant 50 %); p = 0.0004. Find out why before any figure is believed',
    );
  });

  it('match while it may be chance, before anything was counted, and of one arm alone', () => {
    expect(shareMismatchOf(halves, { '1.0.0': 510, '1.1.0': 490 })).toBeUndefined();
    expect(shareMismatchOf(halves, {})).toBeUndefined();
    expect(shareMismatchOf(halves)).toBeUndefined();
    expect(shareMismatchOf(halves.slice(0, 1), { '1.0.0': 5 })).toBeUndefined();
    const shadowed: readonly Variant[] = [
      { version: '1.0.0', role: 'stable', weight: 100 },
      { version: '1.1.0', role: 'shadow', weight: 20 },
    ];
    expect(shareMismatchOf(shadowed, { '1.0.0': 900 })).toBeUndefined();
  });

  it('do not match where one of them answers nothing', () => {
    expect(shareMismatchOf(halves, { '1.0.0': 20 })).toMatch(/1\.1\.0 answered 0 \(0 %, meant 50 %\)/);
  });

  it('match at every one of many looks, where arms are drawn as they should be', () => {
    const random = seededRandom(3);
    for (let run = 0; run < 50; run += 1) {
      const counts = { '1.0.0': 0, '1.1.0': 0 };
      for (let look = 0; look < 50; look += 1) {
        for (let draw = 0; draw < 40; draw += 1) counts[random.next() < 0.5 ? '1.0.0' : '1.1.0'] += 1;
        expect(shareMismatchOf(halves, counts)).toBeUndefined();
      }
    }
  });
});
