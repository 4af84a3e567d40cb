/** The same for a quantile, which has no sums: fewer runs, since each look sorts all rows. */
import {
  anytimeTest,
  effectOf,
  momentsOfQuantile,
  seededRandom,
  welchTest,
} from '../libraries/statistics/index.ts';
import { type BenchOptions, type BenchReport, round } from './report.ts';
import { lognormal } from './statistics-arms.ts';

const alpha = 0.05;
const share = 0.95;
const looks = 20;
const rowsALook = 500;

export function quantileTable(seed: number, { quick, progress }: BenchOptions): BenchReport {
  const runs = quick ? 30 : 300;
  progress(`${runs} runs without a difference: p95 latency`);
  let [planned, naive, sequential] = [0, 0, 0];
  for (let world = 0; world < runs; world++) {
    const random = seededRandom(seed + 9_000_000 + world);
    const [control, treatment] = [0, 1].map(() =>
      Float64Array.from({ length: looks * rowsALook }, () => lognormal(random)),
    ) as [Float64Array, Float64Array];
    let [isShown, wasShown, isSequential] = [false, false, false];
    for (let look = 1; look <= looks; look++) {
      const [one, other] = [control, treatment].map((rows) =>
        momentsOfQuantile(rows.subarray(0, look * rowsALook), share),
      );
      const effect = effectOf(one!, other!, 'absolute');
      isShown = welchTest(effect, alpha, 'two-sided').pValue < alpha;
      wasShown ||= isShown;
      isSequential ||= anytimeTest(effect, alpha, 'two-sided').pValue < alpha;
    }
    planned += Number(isShown);
    naive += Number(wasShown);
    sequential += Number(isSequential);
  }
  const percent = (count: number) => (100 * count) / runs;
  return {
    tables: [
      {
        title: `The same of a p95: ${runs} runs, ${looks} looks each, ${rowsALook} rows an arm from look to look`,
        columns: ['metric', 'Welch, last look only', 'Welch, each look', 'sequential, each look'],
        rows: [
          [
            'p95 of lognormal latency',
            ...[planned, naive, sequential].map((count) => `${round(percent(count))} %`),
          ],
        ],
      },
    ],
    numbers: {
      'p95.falseAlarms.planned': percent(planned),
      'p95.falseAlarms.naive': percent(naive),
      'p95.falseAlarms.sequential': percent(sequential),
    },
    targets: [],
  };
}
