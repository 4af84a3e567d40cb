/**
 * Whether two samples differ in how their columns hang together, which no column shows by itself. Functions without side effects;
 * degenerate input is refused in words (`StatisticsError`). docs/drift/multivariate.md says when to use which.
 */
export { type DomainClassifierOutcome, domainClassifier } from './domain-classifier.ts';
export {
  compareMultivariate,
  isMultivariateMethod,
  type MultivariateDrift,
  type MultivariateMethod,
  type MultivariateOptions,
  multivariateMethods,
} from './methods.ts';
export { pcaReconstruction, type ReconstructionOutcome } from './pca-reconstruction.ts';
export { fewestRows, type TableColumn, type Tables } from './table.ts';
