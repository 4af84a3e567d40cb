/** Where latencies are told apart, in seconds. */

/** Steps of about 12 %: as fine as two versions can be told apart by their histograms. */
const mantissas = [
  100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900,
];

/** From a tenth of a millisecond to ten seconds. */
export const latencyBounds: readonly number[] = [-6, -5, -4, -3, -2]
  .flatMap((exponent) => mantissas.map((mantissa) => Number(`${mantissa}e${exponent}`)))
  .concat(10);

/** Those among them that Prometheus is given: a series each. */
export const exposedLatencyBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
