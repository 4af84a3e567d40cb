/** How right predictions are: measured where the truth is known, estimated where it is not. */
export { type ReliabilityBin, reliabilityBins } from '../calibration.ts';
export {
  type ConfidenceEstimate,
  type EstimatedMetric,
  type EstimatedName,
  type EstimateOptions,
  estimatedNames,
  estimatePerformance,
  type ScoredWindow,
} from './confidence-based.ts';
export {
  atOnce,
  type Measured,
  type MeasuredMetric,
  type MeasureOptions,
  measure,
  measureSlices,
} from './measure.ts';
export { type Metric, type MetricName, metricNames, metricsOf, rangeOf } from './metrics.ts';
export {
  type BinaryRows,
  chosenRows,
  type LabelledScores,
  type MulticlassRows,
  type NumberRows,
  type PredictedRows,
  type Task,
} from './rows.ts';
export { missing, type Sliced, type SlicedColumn, slicesOf, unnamed } from './slices.ts';
