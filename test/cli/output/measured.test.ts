import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { measuredView } from '../../../cli/output/measured.ts';

const options = { width: Number.POSITIVE_INFINITY, colours: picocolors.createColors(false) };

it('shows each metric with its interval, what it should be, and what the error budget promises', () => {
  const text = measuredView(
    [
      {
        metric: 'sure/error-rate',
        outcome: 'Inconclusive',
        result: { candidate: 0.012, stable: 0.002, difference: 0.01, lower: 0.00312, upper: 0.0179 },
        samples: 12_340,
        condition: 'result.upper < 0.02; not result.lower > 0.01',
        looks: 4,
        failed: 0,
      },
      {
        metric: 'sure/p95',
        outcome: 'Failed',
        result: { candidate: 900, stable: 10, difference: 890, ratio: 90, lower: 800 },
        note: 'no end',
        condition: 'result.lower <= 50.0',
        looks: 2,
        failed: 1,
        dryRun: true,
      },
      { metric: 'busy/load', outcome: 'Successful', result: 0.51234, looks: 1, failed: 0 },
      { metric: 'late/shift', looks: 0, failed: 0 },
    ],
    ['P(…) <= 0.05'],
    options,
  );
  const columns = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/ {2,}/));
  expect(columns).toEqual([
    ['METRIC', 'MEASURED', 'INTERVAL', 'SAMPLES', 'LOOKS', 'LAST', 'SHOULD BE'],
    [
      'sure/error-rate',
      'difference 0.01',
      '0.00312 to 0.0179',
      '12,340',
      '4',
      'Inconclusive',
      'result.upper < 0.02; not result.lower > 0.01',
    ],
    [
      'sure/p95',
      'difference 890',
      'at least 800',
      '2, failed 1',
      'Failed (dry run)',
      'result.lower <= 50.0',
      'no end',
    ],
    ['busy/load', '0.512', '1', 'Successful'],
    ['late/shift', '0', 'not yet'],
    ['P(…) <= 0.05'],
  ]);
});

it('is nothing where nothing is measured', () => {
  expect(measuredView([], [], options)).toBe('');
});
