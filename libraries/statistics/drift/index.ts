/** Whether two samples differ, column by column: which test, how sure, how much, and what of it is worth an alarm. */
export { defaultTest, defaultThreshold, fewValues, smallReference } from './choice.ts';
export type {
  CategorySample,
  CellShare,
  ColumnDrift,
  ColumnSample,
  ColumnStatus,
  Correction,
  DatasetDrift,
  DriftReport,
  HistogramSample,
  MissingDrift,
  NumberSample,
  SeenCategories,
} from './column.ts';
export { type CompareOptions, compareSamples, type Sample } from './compare.ts';
export { compareSlices, type Slice, type SliceDrift } from './slices.ts';
