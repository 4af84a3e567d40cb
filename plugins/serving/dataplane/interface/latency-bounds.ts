/** Where latencies are told apart, in seconds. */
import type { HistogramSnapshot, LatencySnapshot } from './process-metrics.ts';

/** Steps of about 6 %: as fine as two versions can be told apart by their histograms. */
const mantissas = [
  ...[100, 106, 112, 118, 125, 132, 140, 150, 160, 170, 180, 190, 200, 212, 224, 236, 250, 265, 280, 300],
  ...[315, 335, 355, 375, 400, 425, 450, 475, 500, 530, 560, 600, 630, 670, 710, 750, 800, 850, 900, 950],
];

/** From a tenth of a millisecond to ten seconds. */
export const latencyBounds: readonly number[] = [-6, -5, -4, -3, -2]
  .flatMap((exponent) => mantissas.map((mantissa) => Number(`${mantissa}e${exponent}`)))
  .concat(10);

/** Those among them that Prometheus is given: a series each. */
export const exposedLatencyBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export function withBounds(latencies: LatencySnapshot): HistogramSnapshot {
  return { bounds: latencyBounds, ...latencies };
}
