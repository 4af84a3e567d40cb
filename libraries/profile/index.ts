/**
 * What is known of a dataset, or of a window of traffic, without its rows: counts, moments, quantiles, a histogram on the reference's
 * edges, frequent categories. Small, with a digest, and of parts it can be put together.
 */
export { CategoryColumn, type CategoryProfile, storedLevels } from './category-column.ts';
export { finiteOf, NumberColumn, type NumberProfile } from './number-column.ts';
export {
  type CategoryRule,
  mostOutlying,
  type NumberRule,
  type OutlierLimits,
  type OutlierRule,
  outlierRules,
} from './outlier-rules.ts';
export { type ValueScore, valueScore } from './outlier-score.ts';
export {
  type ColumnProfile,
  makeProfile,
  mergeProfiles,
  type Profile,
  type ProfiledData,
  ProfileError,
  type ProfileErrorCode,
  readProfile,
  writeProfile,
} from './profile.ts';
export { type CellReader, type ColumnTypes, Profiler } from './profiler.ts';
export { QuantileSketch, quantileOf } from './quantile-sketch.ts';
export {
  checkReferenceProfile,
  type DeclaredProfile,
  declaredProfiles,
  mostProfileBytes,
  type ReferenceProfileClaim,
} from './reference-profile.ts';
export { type ProfileSample, samplesOf } from './samples.ts';
