import { describe, expect, it } from 'vitest';
import { sampleRatio, seededRandom, sequentialSampleRatio } from '../../../libraries/statistics/index.ts';

describe('a sample ratio', () => {
  it('is refused at 821,588 to 815,482: the example of Kohavi, Tang and Xu (2020), chapter 21, p = 1.8e-6', () => {
    const test = sampleRatio({ observed: [821_588, 815_482], expected: [50, 50] });
    expect(test.statistic).toBeCloseTo(22.77436884189436, 10);
    expect(test.pValue / 1.82179287261919e-6).toBeCloseTo(1, 10);
  });

  it('is tested for any number of arms and any shares', () => {
    // scipy.stats.chisquare([950, 520, 30], [900, 540, 60])
    const test = sampleRatio({ observed: [950, 520, 30], expected: [60, 36, 4] });
    expect(test.degreesOfFreedom).toBe(2);
    expect(test.pValue / 9.522583668293517e-5).toBeCloseTo(1, 10);
  });

  // mpmath: log gammas of the Dirichlet-multinomial to 40 digits.
  it.each([
    [[5100, 4900], [1, 1], 10_000, 0.653480581220433, 0.520231912516292],
    [[821_588, 815_482], [1, 1], 10_000, 8.76597229241043, 0.00015595044016950173],
    [[0, 12], [9, 1], 100, 4.31123117564975, 0.013417020712161654],
    [[950, 520, 30], [60, 36, 4], 10_000, 1.122111451672466, 0.325591597408249],
    [[500_000_000, 500_100_000], [1, 1], 10_000, -0.757092655387492, 1],
  ])('%o of %o may be looked at any time', (observed, expected, concentration, log, p) => {
    const test = sequentialSampleRatio({ observed, expected }, { concentration });
    expect(test.logBayesFactor).toBeCloseTo(log, 9);
    expect(test.pValue).toBeCloseTo(p, 10);
  });

  it('keeps the smallest p value of all looks', () => {
    const ratio = { observed: [5000, 5000], expected: [1, 1] };
    expect(sequentialSampleRatio(ratio, { previous: 0.02 }).pValue).toBe(0.02);
    expect(() => sequentialSampleRatio(ratio, { previous: Number.NaN })).toThrow(
      'the previous p value is NaN',
    );
  });

  it('raises a false alarm rarely though it is looked at after each row', () => {
    const random = seededRandom(21);
    let alarms = 0;
    for (let world = 0; world < 200; world++) {
      const observed = [0, 0];
      for (let row = 0; row < 1000; row++) {
        observed[random.below(2)]!++;
        if (sequentialSampleRatio({ observed, expected: [1, 1] }, { concentration: 100 }).pValue < 0.05) {
          alarms++;
          break;
        }
      }
    }
    // 5 % of 200, and three standard deviations.
    expect(alarms).toBeLessThanOrEqual(19);
  });

  it('is refused in words where there is nothing to compare', () => {
    expect(() => sampleRatio({ observed: [5], expected: [1] })).toThrow('fewer than two arms');
    expect(() => sampleRatio({ observed: [5, 5], expected: [1] })).toThrow('2 arms and 1 expected shares');
    expect(() => sampleRatio({ observed: [5, -1], expected: [1, 1] })).toThrow('the count of arm 2 is -1');
    expect(() => sampleRatio({ observed: [5, 0.5], expected: [1, 1] })).toThrow('the count of arm 2 is 0.5');
    expect(() => sampleRatio({ observed: [5, 5], expected: [1, 0] })).toThrow('the share of arm 2 is 0');
    expect(() => sequentialSampleRatio({ observed: [0, 0], expected: [1, 1] })).toThrow('no row was seen');
    expect(() => sequentialSampleRatio({ observed: [1, 1], expected: [1, 1] }, { concentration: 0 })).toThrow(
      'the concentration is 0',
    );
  });
});
