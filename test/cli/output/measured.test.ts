import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { measuredRows } from '../../../cli/output/measured.ts';

const options = { width: Number.POSITIVE_INFINITY, colours: picocolors.createColors(false) };

it('shows each metric with the number that its condition speaks of, its interval, and how often it was measured', () => {
  const rows = measuredRows(
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
        condition: 'result.candidate <= 50.0',
        looks: 3,
        taken: 2,
        count: 5,
        failed: 1,
        dryRun: true,
      },
      { metric: 'busy/load', outcome: 'Successful', result: 0.51234, looks: 1, failed: 0 },
      { metric: 'busy/away', outcome: 'Error', note: 'MetricsUnreachable: away', looks: 2, failed: 0 },
      { metric: 'late/shift', looks: 0, failed: 0 },
    ],
    options,
  );
  expect(rows).toEqual([
    [
      '    ? sure/error-rate',
      '0.01 [0.00312, 0.0179]',
      'upper < 0.02; not lower > 0.01',
      '4 looks, n 12,340',
    ],
    // The interval is of the difference, which the condition does not ask for.
    ['    ✗ sure/p95 (dry run)', '900', 'candidate <= 50.0', '2 of 5, 1 failed, no end'],
    ['    ✓ busy/load', '0.512', 'no condition', '1 look'],
    ['    ! busy/away', '–', 'no condition', '2 looks, MetricsUnreachable: away'],
    ['    · late/shift', '–', 'no condition', '0 looks'],
  ]);
});

it('leaves the template out where there is one alone, and cuts a long condition in a narrow window', () => {
  const condition = 'result.candidate <= 250.0 || result.candidate <= 2.0 * result.stable';
  const one = { metric: 'healthy/latency', outcome: 'Successful', result: { candidate: 81.25 }, condition };
  expect(measuredRows([{ ...one, looks: 1, failed: 0 }], { ...options, width: 80 })).toEqual([
    ['    ✓ latency', '81.3', 'candidate <= 250.0 || c…', '1 look'],
  ]);
});
