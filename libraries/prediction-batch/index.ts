/**
 * How an inference process hands predictions on: as batches, each a file that is there whole or not at all. Who writes and who
 * reads them are different programs, so that the format is a library of its own.
 */
export {
  type BatchWriter,
  batchFileName,
  type ColumnName,
  type LoggedData,
  type LoggedTensor,
  type PredictionBatch,
  type PredictionOrigin,
  type PredictionRecord,
  recordsInFile,
} from './batch.ts';
export { BatchError, decodeBatch } from './decode.ts';
export { BatchEncoder, type TakenBatch } from './encode.ts';
export { pseudonymOf, subjectDomain } from './pseudonym.ts';
export {
  type LabelValue,
  readToldLabels,
  saysNothing,
  type ToldLabel,
  type ToldLabels,
} from './told-labels.ts';
