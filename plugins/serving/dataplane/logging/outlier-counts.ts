import type { PredictionOrigin } from '../../../../libraries/prediction-batch/index.ts';
import type { OutlierCount } from '../interface/process-metrics.ts';

/** Counts outliers by version; what it has counted does not go back when a version leaves. */
export class OutlierCounts {
  readonly #counts = new Map<string, { origin: PredictionOrigin; scored: number; outliers: number }>();

  add(origin: PredictionOrigin, scores: ArrayLike<number>): void {
    const key = `${origin.environment}/${origin.deployment}/${origin.version}`;
    let count = this.#counts.get(key);
    if (count === undefined) {
      count = { origin, scored: 0, outliers: 0 };
      this.#counts.set(key, count);
    }
    count.scored += scores.length;
    for (let row = 0; row < scores.length; row++) if (scores[row]! >= 1) count.outliers++;
  }

  /** None where nothing was scored. */
  all(): readonly OutlierCount[] {
    return [...this.#counts.values()].map(({ origin, scored, outliers }) => {
      const { environment, deployment, version } = origin;
      return { environment, deployment, version, scored, outliers };
    });
  }
}
