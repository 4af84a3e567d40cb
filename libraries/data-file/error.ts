/** A data file that cannot be read as what its ending says. The message says why, with the line where there is one. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError';
  readonly code = 'DataFileUnusable';
}
